package transport

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"

	"github.com/coder/websocket"

	"github.com/taegis-go/taegis/core"
)

// Subscribe starts a subscription; see [ports.Transport]. It speaks what the handshake selects:
// the legacy graphql-ws of Apollo, also where nothing is selected, or graphql-transport-ws. A
// message is read when the caller asks for it, so a slow caller slows the server down.
func (h *HTTP) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		ask, err := newPayload(req)
		if err != nil {
			yield(nil, err)
			return
		}
		s, err := h.open(ctx, req, ask)
		if err != nil {
			yield(nil, err)
			return
		}
		defer s.close()
		for {
			value, err := s.next(ctx)
			if errors.Is(err, errCompleted) || !yield(value, err) || value == nil {
				return
			}
		}
	}
}

// open connects and starts the subscription. All of it is bound by KeepAlive.
func (h *HTTP) open(ctx context.Context, req *core.Request, ask payload) (*stream, error) {
	limit := cmp.Or(h.KeepAlive, DefaultKeepAlive)
	soon, cancel := context.WithTimeoutCause(ctx, limit, timeLimitError(limit))
	defer cancel()
	conn, err := h.handshake(soon, req)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(h.maxBytes())
	s := &stream{conn: conn, req: req, keepAlive: limit, maxBytes: h.maxBytes(), dialect: legacy}
	if conn.Subprotocol() == current.subprotocol {
		s.dialect = current
	}
	if err := s.start(soon, ask); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// handshake opens the WebSocket. Until it is open nothing is executed.
func (h *HTTP) handshake(ctx context.Context, req *core.Request) (*websocket.Conn, error) {
	address, err := url.Parse(req.URL())
	if err == nil {
		err = checkAddress(req, address)
	}
	if err != nil {
		return nil, err
	}
	conn, resp, err := websocket.Dial(ctx, req.URL(), &websocket.DialOptions{
		HTTPClient:   h.client(),
		HTTPHeader:   h.header(req),
		Subprotocols: subprotocols(req),
	})
	switch {
	case err == nil:
		noteResponse(ctx, resp)
		return conn, nil
	case resp == nil || resp.StatusCode == http.StatusSwitchingProtocols:
		return nil, failure(ctx, req, address.Host, nil, false, err)
	}
	if redirect, ok := errors.AsType[*RedirectError](err); ok {
		return nil, failure(ctx, req, address.Host, resp, false, redirect)
	}
	noteResponse(ctx, resp)
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	if err := read(ctx, req, resp, h.maxBytes(), nil); err != nil && resp.StatusCode/100 != 2 {
		return nil, err
	}
	return nil, &core.ResponseError{
		Operation: nameOf(req), Host: address.Host, Status: resp.StatusCode,
		RequestID: resp.Header.Get("X-Request-Id"), Reason: "the server did not open a WebSocket",
	}
}

// subprotocols are what the handshake offers. The token stands second, where the service's own
// client has it (protocol section 4), and the newer dialect last.
func subprotocols(req *core.Request) []string {
	offer := []string{legacy.subprotocol}
	if !req.Token.IsZero() {
		offer = append(offer, "access-token-"+req.Token.Reveal())
	}
	if req.Tenant != "" {
		offer = append(offer, "x-tenant-context-"+req.Tenant)
	}
	return append(offer, current.subprotocol)
}
