package plugins

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/taegis-go/taegis/core"
)

// NotHandshakes are outputs of programs that are no plugins that can be reached. They are the seeds
// of FuzzPluginHandshake; TestProgramsThatAreNoPlugins has real processes print them.
var NotHandshakes = []string{
	"1|1|unix|/nonexistent/socket|grpc|\n", "1|2|unix|/nonexistent/socket|grpc|\n", "2|1|unix|/x|grpc\n", "1|1|unix|/x|netrpc\n", "1|1|unix|/x|grpc|bm8=\n",
	"", "\n", "|||||||\n", "1|\n", "1|1|\n", "1|99999999999999999999|unix|/x|grpc\n", "1|-1|unix\n", "hello\n" + hostsSecret + "\n", "\x1b[2J\x00|\xff\n",
	"1|1|udp|/x|grpc\n", "1|1|unix||grpc|" + strings.Repeat("A", 1500) + "|true\n", strings.Repeat("x", 20_000), "panic: " + hostsSecret + "\ngoroutine 1\n",
	"1|1|unix|/x|grpc|\nmore\n", "1|" + hostsSecret + "|unix|/x|grpc\n", "1|1|unix|/x|grpc", "1|1|unix|/x|grpc\r\n",
	"1|1|tcp|192.0.2.1:9|grpc\n", "1|1|tcp|host.invalid:9|grpc\n", "1|1|tcp|127.0.0.1|grpc\n",
	" 1|1|unix|/x|grpc\n", "\u00a01|1|unix|/x|grpc\n", "01|1|unix|/x|grpc\n", "+1|1|unix|/x|grpc\n", "1|+2|unix|/x|grpc\n", "1|x|unix|/x|grpc\n",
}

// FuzzPluginHandshake has a program print anything where a plugin prints its handshake, and then
// end or continue to run. Everything runs in this process: an execution needs no process, no socket
// and no certificate, and time limits pass at once. The program never counts as a plugin. The error
// has the type that the output determines, and one line without secrets; nothing is left running.
func FuzzPluginHandshake(f *testing.F) {
	for i, output := range NotHandshakes {
		f.Add([]byte(output), i%2 == 0)
	}
	f.Add([]byte("1|1|unix|/x|grpc|"+certificate(f)+"|true\n"), true)
	f.Fuzz(func(t *testing.T, output []byte, stays bool) {
		synctest.Test(t, func(t *testing.T) { tryHandshake(t, output, stays) })
	})
}

// certificate returns a certificate as a handshake holds it, the same at each call.
func certificate(f *testing.F) string {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		f.Fatal(err)
	}
	return base64.RawStdEncoding.EncodeToString(der)
}

func tryHandshake(t *testing.T, output []byte, stays bool) {
	p, req := target(t)
	req.Lookup = func(name string) (core.Setting, bool) {
		if name != "SECRET" {
			return core.Setting{}, false
		}
		return core.Setting{Value: core.NewSecret(hostsSecret), Variable: name}, true
	}
	out := &printed{}
	p.withhold(req, out)
	c, err := newChild(newProgram(&image{}, p.config.Path, out), p.env(req))
	if err != nil {
		t.Fatal(err)
	}
	runInMemory(c, output, stays)
	begin := time.Now()
	err = p.call(t.Context(), func(ctx context.Context, _ *clock) error {
		if err := c.start(ctx); err != nil {
			return p.unstarted(c.program, err)
		}
		p.replace(c)
		m, err := p.request(req)
		if err != nil {
			return err
		}
		if _, err = c.authenticate(ctx, m, nil); err != nil {
			err = p.broken(ctx, c, err)
		}
		return err
	})
	_ = p.Close() // it always is nil
	took := time.Since(begin)
	presentable(t, core.Token{}, err)
	if want := faultsOf(output, stays); !slices.ContainsFunc(want, func(kind error) bool { return errors.Is(err, kind) }) {
		t.Fatalf("error %v, want one of %v", err, want)
	}
	if took > p.config.Timeout+2*stopTime {
		t.Fatalf("it took %v", took)
	}
	if _, err := os.Stat(c.dir); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the folder of the sockets is left behind: %v", err)
	}
}

// faultsOf returns the errors that a program with this output may lead to.
func faultsOf(output []byte, stays bool) []error {
	head := output[:min(len(output), maxHandshake)]
	line, _, complete := bytes.Cut(head, []byte("\n"))
	if !complete && len(head) < maxHandshake && stays {
		return []error{ErrTimeout}
	}
	if !complete && len(line) == 0 {
		return []error{ErrCrashed}
	}
	parts := strings.Split(string(line), "|")
	if len(parts) < 4 || parts[0] != "1" {
		return []error{ErrStart}
	}
	version, err := strconv.Atoi(parts[1])
	if err != nil {
		return []error{ErrStart}
	}
	if version < oldestVersion || version > newestVersion {
		return []error{ErrVersion}
	}
	return []error{ErrStart, ErrCrashed} // there is no such address, or no connection to it
}

// runInMemory has a program run in this process in place of the child's. No connection to it
// succeeds.
func runInMemory(c *child, output []byte, stays bool) {
	prepare := c.config.RunnerFunc
	c.config.RunnerFunc = func(log hclog.Logger, cmd *exec.Cmd, dir string) (runner.Runner, error) {
		_, err := prepare(log, cmd, dir)
		return &memoryProgram{c.program, output, stays}, err
	}
	// The certificate for mutual TLS takes some milliseconds.
	c.config.AutoMTLS, c.config.TLSConfig = false, &tls.Config{MinVersion: tls.VersionTLS12}
	c.config.GRPCDialOptions = append(c.config.GRPCDialOptions, grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) {
		return nil, errors.New("connection refused")
	}))
}

// memoryProgram is a program that runs in this process.
type memoryProgram struct {
	*program
	output []byte
	stays  bool
}

func (m *memoryProgram) Start(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.killed {
		return errKilled
	}
	stdout, stdoutEnd := io.Pipe()
	ended := make(chan struct{})
	m.end, m.pid = sync.OnceFunc(func() { close(ended) }), 1
	reading := m.read(stdout, eof{})
	go func() {
		_, _ = stdoutEnd.Write(m.output) // it is always read
		if m.stays {
			<-ended
		}
		_ = stdoutEnd.Close()
		reading.Wait()
		m.mu.Lock()
		m.status, m.end = "exit status 0", nil
		m.mu.Unlock()
		close(m.exited)
	}()
	return nil
}
