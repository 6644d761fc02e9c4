package servers_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/emulator"
	"github.com/taegis-go/taegis/internal/testkit"
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
func (n network) serve(t testing.TB, e *emulator.Emulator) (environment core.Environment, wire *http.Transport, end func()) {
	t.Helper()
	url, wire := "http://localhost", &http.Transport{}
	var listener net.Listener
	switch n {
	case memory:
		pipes := testkit.NewPipes()
		wire.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return pipes.DialContext(ctx) }
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
	return environment, wire, func() {
		_ = server.Close() // only the listener's error, and it is going away
		<-done
		e.Close()
	}
}
