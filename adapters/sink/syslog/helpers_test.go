package syslog_test

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
)

// receiver takes messages with octet counting, from one connection after the other.
type receiver struct {
	net.Listener
	t        testing.TB
	mu       sync.Mutex
	changed  *sync.Cond
	messages []string
	closeAt  int  // the number of messages after which it closes the connection once; 0 never
	reset    bool // it does not close in order
	ended    int  // the connections that are closed
	done     sync.WaitGroup
}

func newReceiver(t testing.TB, config *tls.Config) *receiver {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{Listener: plain, t: t}
	r.changed = sync.NewCond(&r.mu)
	if config != nil {
		r.Listener = tls.NewListener(plain, config)
	}
	r.done.Go(r.serve)
	t.Cleanup(func() { r.Close(); r.done.Wait() })
	return r
}

func (r *receiver) serve() {
	for {
		conn, err := r.Accept()
		if err != nil {
			return
		}
		r.read(conn)
	}
}

func (r *receiver) read(conn net.Conn) {
	defer func() {
		conn.Close()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ended++
		r.changed.Broadcast()
	}()
	lines := bufio.NewReaderSize(conn, 16) // what it has not read stays with the kernel
	for {
		count, err := lines.ReadString(' ')
		if err != nil {
			if count != "" && errors.Is(err, io.EOF) {
				r.t.Errorf("the connection ends with %q", count)
			}
			return
		}
		n, err := strconv.Atoi(strings.TrimSuffix(count, " "))
		if err != nil {
			r.t.Errorf("no octet count: %q", count)
			return
		}
		message := make([]byte, n)
		if _, err := io.ReadFull(lines, message); err != nil {
			return // it was interrupted
		}
		if r.add(string(message)) {
			if tcp, ok := conn.(*net.TCPConn); ok && r.reset {
				_ = tcp.SetLinger(0)
			}
			return
		}
	}
}

// add adds a message, and reports whether the connection is to be closed.
func (r *receiver) add(message string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages = append(r.messages, message)
	r.changed.Broadcast()
	if len(r.messages) == r.closeAt {
		r.closeAt = 0
		return true
	}
	return false
}

// await returns the messages as soon as complete accepts them, or after half a minute.
func (r *receiver) await(complete func(messages []string) bool) []string {
	late := false
	timer := time.AfterFunc(30*time.Second, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		late = true
		r.changed.Broadcast()
	})
	defer timer.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	for !late && !complete(r.messages) {
		r.changed.Wait()
	}
	return slices.Clone(r.messages)
}

// received returns the data of the messages, which begins with the first brace.
func (r *receiver) received(complete func([]json.RawMessage) bool) []json.RawMessage {
	return data(r.await(func(messages []string) bool { return complete(data(messages)) }))
}

func data(messages []string) []json.RawMessage {
	var all []json.RawMessage
	for _, m := range messages {
		all = append(all, json.RawMessage(m[strings.Index(m, "{"):]))
	}
	return all
}

// certificate returns the certificate of a server at 127.0.0.1, and the path of a bundle with it.
func certificate(t testing.TB) (*tls.Config, string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12}, bundle
}

func records(first, n int) []core.Record {
	return sinktest.Records(first, n, time.Unix(1772366400, 7_123_456))
}
