package emulator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Server is an emulator that listens.
type Server struct {
	*Emulator
	// URL is its base URL, without a slash at the end; all bases of an environment in one.
	URL string

	http *http.Server
	done chan struct{} // closed when the listener has ended
}

// Start listens on a TCP address, such as "127.0.0.1:0" for a free port, and serves an emulator
// until [Server.Close].
func Start(address string, config Config) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	e := New(config)
	s := &Server{
		Emulator: e,
		URL:      "http://" + listener.Addr().String(),
		http:     &http.Server{Handler: e, ReadHeaderTimeout: time.Minute},
		done:     make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener) // always ends with http.ErrServerClosed or the listener's end
	}()
	return s, nil
}

// Close lets go of every held request and subscription, closes all connections and waits until
// nothing of the server runs any more.
func (s *Server) Close() {
	s.release()
	_ = s.http.Close() // only the listener's error, and it is going away
	<-s.done
	s.Emulator.Close()
}
