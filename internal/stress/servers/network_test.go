package servers_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// network is what lies between a client and the server.
type network string

const (
	// memory is for a bubble of [testing/synctest], in which hours pass in no time.
	memory network = "in memory"
	// loopback is TCP, with its resets and the buffers of the kernel.
	loopback network = "over TCP"
)

// serve listens until end is called. The address is that of a loopback on either network.
func (n network) serve(t testing.TB, e *emulator.Emulator) (environment core.Environment, dial dialer, end func()) {
	t.Helper()
	url, dial := "http://localhost", new(net.Dialer).DialContext
	var listener net.Listener
	switch n {
	case memory:
		pipes := testutil.NewPipes()
		dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return pipes.DialContext(ctx) }
		listener = pipes
	case loopback:
		var err error
		if listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		url = "http://" + listener.Addr().String()
	}
	environment, err := core.NewEnvironment("servers", url)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: e, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // always ends with http.ErrServerClosed
	}()
	return environment, dial, func() {
		_ = server.Close() // only the listener's error, and it is going away
		<-done
		e.Close()
	}
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// connections counts those that are open.
type connections struct {
	mu     sync.Mutex
	open   int
	closed chan struct{} // has an element after one was closed
}

// counted returns a dialer that counts its connections.
func (c *connections) counted(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open++
		return &connection{Conn: conn, counts: c}, nil
	}
}

// drain waits until none is open, and returns how many are after some time.
func (c *connections) drain() int {
	patience := time.NewTimer(10 * time.Second)
	defer patience.Stop()
	for {
		c.mu.Lock()
		open := c.open
		c.mu.Unlock()
		if open == 0 {
			return 0
		}
		select {
		case <-c.closed:
		case <-patience.C:
			return open
		}
	}
}

type connection struct {
	net.Conn
	once   sync.Once
	counts *connections
}

// Close closes the connection.
func (c *connection) Close() error {
	c.once.Do(func() {
		c.counts.mu.Lock()
		defer c.counts.mu.Unlock()
		c.counts.open--
		select {
		case c.counts.closed <- struct{}{}:
		default:
		}
	})
	return c.Conn.Close()
}
