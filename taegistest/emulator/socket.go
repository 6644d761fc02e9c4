package emulator

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql/handler/transport"
)

// The WebSocket subprotocols of Apollo's subscriptions-transport-ws, which the service uses, and of
// the library graphql-ws, which some servers use.
const (
	legacyProtocol  = "graphql-ws"
	currentProtocol = "graphql-transport-ws"
)

// closeUnauthorized is the close code with which the current protocol rejects a token.
const closeUnauthorized = 4401

// sockets holds the hijacked connections of WebSockets, which the HTTP server does not track.
type sockets struct {
	mu   sync.Mutex
	open map[net.Conn]struct{}
}

func (s *sockets) add(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[net.Conn]struct{}{}
	}
	s.open[c] = struct{}{}
}

func (s *sockets) remove(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

func (s *sockets) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		_ = c.Close() // the peer may have closed it
	}
}

// socket is a connection that removes itself from the list when it is closed.
type socket struct {
	net.Conn
	list *sockets
}

// Close closes the connection.
func (s *socket) Close() error {
	s.list.remove(s.Conn)
	return s.Conn.Close()
}

// websocket uses the subprotocol of the handshake, or graphql-ws if the handshake selects none.
func (g *gateway) websocket() transport.Websocket {
	return transport.Websocket{
		Implementation: upgrader{},
		InitFunc: func(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
			c := callOf(ctx)
			if !c.rejected {
				return ctx, nil, nil
			}
			if c.subprotocol == currentProtocol {
				ctx = transport.AppendCloseReason(transport.WithWebsocketCloseCode(ctx, closeUnauthorized), "Unauthorized")
			}
			return ctx, nil, errRejected
		},
	}
}

// upgrader accepts WebSockets.
type upgrader struct{}

// Accept accepts the handshake.
func (upgrader) Accept(w http.ResponseWriter, r *http.Request, options transport.WebsocketAcceptOptions) (transport.WebsocketConn, error) {
	c := callOf(r.Context())
	options.Subprotocols = []string{legacyProtocol, currentProtocol}
	if c.config.NoSubprotocol || c.config.TransportWS {
		options.Subprotocols = nil
	}
	if c.config.TransportWS {
		w.Header().Set("Sec-WebSocket-Protocol", currentProtocol) // also if it was not offered
	}
	conn, err := transport.CoderWebsocketImplementation{}.Accept(&hijacker{ResponseWriter: w, call: c}, r, options)
	if err != nil {
		return nil, err
	}
	c.subprotocol = conn.Subprotocol()
	return &keepAliveConn{WebsocketConn: conn}, nil
}

// hijacker adds the hijacked connection to the list.
type hijacker struct {
	http.ResponseWriter
	call *call
}

// Hijack hijacks the connection.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	list := &h.call.e.sockets
	list.add(conn)
	h.call.drop = func(f Fault) {
		if f.Reset {
			reset(conn)
		}
		_ = conn.Close() // the peer may have closed it
	}
	return &socket{Conn: conn, list: list}, buffers, nil
}

// keepAliveConn sends a keep-alive message first, as the service can do before connection_ack.
type keepAliveConn struct {
	transport.WebsocketConn
	once sync.Once
}

// WriteJSON sends a message. The caller serializes the calls.
func (c *keepAliveConn) WriteJSON(message any) error {
	var err error
	c.once.Do(func() {
		alive := "ka"
		if c.Subprotocol() == currentProtocol {
			alive = "ping"
		}
		err = c.WebsocketConn.WriteJSON(map[string]string{"type": alive})
	})
	if err != nil {
		return err
	}
	return c.WebsocketConn.WriteJSON(message)
}
