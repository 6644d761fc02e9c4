//go:build unix

package natstest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	sink "github.com/taegis-go/taegis/adapters/sink/nats"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
)

// TestMain lets the test binary be a server or an exporter, instead of running the tests.
func TestMain(m *testing.M) {
	if order := os.Getenv(orderVariable); order != "" {
		if err := exportAll(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if folder := os.Getenv("NATSTEST_STORE"); folder != "" {
		if err := serve(folder, os.Getenv("NATSTEST_PORT"), os.Getenv("NATSTEST_ROUTE"), os.Getenv("NATSTEST_ROUTES")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// serve runs a server, which is one of a cluster if it has a port for the others.
func serve(folder, port, route, routes string) error {
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	options := &server.Options{Host: "127.0.0.1", Port: n, JetStream: true, StoreDir: folder, NoSigs: true, NoLog: true}
	if route != "" {
		options.ServerName = "server-" + port
		options.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1"}
		if options.Cluster.Port, err = strconv.Atoi(route); err != nil {
			return err
		}
		options.Routes = server.RoutesFromStr(routes)
	}
	s, err := server.NewServer(options)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		return errors.New("the server does not start")
	}
	fmt.Println("ready")
	s.WaitForShutdown()
	return nil
}

// process is a server in another process.
type process struct {
	*testing.T
	folder, port  string
	route, routes string // for a server of a cluster

	mu  sync.Mutex
	cmd *exec.Cmd
}

func (p *process) start() {
	p.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "NATSTEST_STORE="+p.folder, "NATSTEST_PORT="+p.port,
		"NATSTEST_ROUTE="+p.route, "NATSTEST_ROUTES="+p.routes)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		p.Fatalf("the server says %q, %v", line, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd = cmd
}

// kill kills the server if it runs.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	_ = p.cmd.Wait() // says that it was killed
	p.cmd = nil
}

// freePort returns a port below those that the operating system gives to connections, so that none of
// them takes it while its server is down.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := strconv.Itoa(20_000 + rand.IntN(10_000))
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = listener.Close()
			return port
		}
	}
	t.Fatal("there is no free port")
	return ""
}

// A server that is killed while records are published loses none, and stores none twice within the
// duplicate window.
func TestServersThatAreKilled(t *testing.T) {
	const batches, batch = 60, 100
	p := &process{T: t, folder: t.TempDir(), port: freePort(t)}
	p.start()
	t.Cleanup(p.kill)
	url := "nats://127.0.0.1:" + p.port
	stream := connect(t, url, nil)
	out := &sink.Sink{URL: url, MaxPending: 32, Timeout: 10 * time.Second}
	t.Cleanup(func() { out.Close() })
	if err := out.Open(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	kills := 0
	for i := range batches {
		all := records(i*batch, batch)
		var killer sync.WaitGroup
		switch random.IntN(4) {
		case 0:
			p.kill()
		case 1, 2: // while they are published
			delay := time.Duration(random.IntN(8)) * time.Millisecond
			killer.Go(func() { time.Sleep(delay); p.kill() })
		}
		err := publish(t.Context(), out, all)
		killer.Wait()
		for tries := 0; err != nil; tries++ {
			if fault, ok := errors.AsType[*core.SinkError](err); !ok || fault.Permanent || tries > 20 {
				t.Fatal(err)
			}
			err = sinktest.Deliver(t.Context(), out, all)
			p.restart(&kills)
		}
		p.restart(&kills)
	}
	got := map[string]int{}
	for _, d := range data(t, stream) {
		got[string(d)]++
	}
	lost, twice := 0, 0
	for _, r := range records(0, batches*batch) {
		switch n := got[string(r.Data)]; {
		case n == 0:
			lost++
		case n > 1:
			twice++
		}
	}
	t.Logf("%d kills, %d records, %d lost, %d twice", kills, batches*batch, lost, twice)
	if lost > 0 || twice > 0 || kills < batches/3 {
		t.Errorf("%d lost and %d twice after %d kills", lost, twice, kills)
	}
}

// restart starts the server again if it was killed.
func (p *process) restart(kills *int) {
	p.Helper()
	p.mu.Lock()
	killed := p.cmd == nil
	p.mu.Unlock()
	if killed {
		*kills++
		p.start()
	}
}

func publish(ctx context.Context, out *sink.Sink, all []core.Record) error {
	if err := out.Deliver(ctx, all); err != nil {
		return err
	}
	_, err := out.Sync(ctx)
	return err
}
