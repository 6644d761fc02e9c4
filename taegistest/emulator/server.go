package emulator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// Server is an [Emulator] that listens on a TCP port. Get one from [Start].
type Server struct {
	*Emulator
	// URL is the server's base URL, without a slash at the end.
	URL string
	// Environment is a custom environment named "loopback" that has URL as the base of all its
	// hosts. Clients reject it if the server listens on another address than a loopback address,
	// because they accept plain HTTP on loopback only.
	Environment core.Environment
	// Fusion is a custom environment named "loopback-fusion" for the successor platform, which the
	// server has below URL + "/fusion".
	Fusion core.Environment

	http, files *http.Server
	done        sync.WaitGroup // of the listeners
}

// Start listens on a TCP address, for example "127.0.0.1:0" for a free port, and serves an
// emulator until [Server.Close]. It returns an error if it cannot listen on the address.
func Start(address string, config Config) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	files, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		_ = listener.Close() // that error matters more
		return nil, fmt.Errorf("emulator: %w", err)
	}
	url := "http://" + listener.Addr().String()
	environment, _ := core.NewEnvironment("loopback", url) // validated by the client that uses it
	fusion, _ := core.NewEnvironment("loopback-fusion", url+pathFusion)
	fusion.Platform = core.PlatformFusion
	e := New(config)
	e.files.base = "http://" + files.Addr().String()
	s := &Server{
		Emulator:    e,
		URL:         url,
		Environment: environment,
		Fusion:      fusion,
		http:        &http.Server{Handler: e, ReadHeaderTimeout: time.Minute},
		files:       &http.Server{Handler: e.fileHandler(), ReadHeaderTimeout: time.Minute},
	}
	s.done.Go(func() { _ = s.http.Serve(listener) }) // ends with http.ErrServerClosed
	s.done.Go(func() { _ = s.files.Serve(files) })   // as above
	return s, nil
}

// fileHandler returns the handler of the host of files' URLs.
func (e *Emulator) fileHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isPresigned(r.URL.Path) {
			http.NotFound(w, r)
			return
		}
		e.ServeHTTP(w, r)
	})
}

// Close ends every pending request and subscription, closes all connections and waits until the
// server's goroutines have ended.
func (s *Server) Close() {
	s.release()
	_ = s.http.Close()  // only the listener's error, and it is going away
	_ = s.files.Close() // as above
	s.done.Wait()
	s.Emulator.Close()
}
