package transport_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
)

// inMemory serves a handler on connections in memory, for a bubble of testing/synctest, in which
// waiting takes no time. The bubble has to call end, which waits for all that the server has
// started.
func inMemory(t *testing.T, handler http.HandlerFunc) (client *http.Client, env core.Environment, end func()) {
	t.Helper()
	return inMemoryOn(t, testutil.NewPipes(), handler)
}

// dialListener is a listener that can be dialled.
type dialListener interface {
	net.Listener
	DialContext(ctx context.Context) (net.Conn, error)
}

// inMemoryOn is inMemory for a listener of the caller's.
func inMemoryOn(t *testing.T, listener dialListener, handler http.HandlerFunc) (client *http.Client, env core.Environment, end func()) {
	t.Helper()
	var handlers sync.WaitGroup
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers.Add(1)
		defer handlers.Done()
		handler(w, r)
	})}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	wire := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return listener.DialContext(ctx) }}
	return &http.Client{Transport: wire}, environment(t, "http://localhost"), func() {
		wire.CloseIdleConnections()
		_ = server.Close() // the listener has nothing to say
		<-served
		synctest.Wait() // a handler may only begin now
		handlers.Wait()
	}
}
