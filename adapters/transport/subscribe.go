package transport

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"

	"github.com/taegis-go/taegis/core"
)

// Subscribe starts a subscription; see [ports.Transport]. The handshake offers graphql-ws, Apollo's
// legacy protocol. If the server selects graphql-transport-ws, the subscription uses it, otherwise
// graphql-ws. If the server closes with code 4406, it does not support the offered protocol;
// Subscribe then connects again with the other protocol, and later offers it first to that gateway
// (docs/protocol.md#subscriptions). It reads a message only when the caller asks for the next one,
// so a slow caller slows the server down.
//
// A message without data does not end the subscription: its value is null, with an error. If the
// server closes the connection, the error wraps a [*core.CloseError]. If the connection ends
// without a close message, it wraps [io.ErrUnexpectedEOF].
func (h *HTTP) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if req.Environment.Platform == core.PlatformFusion {
			yield(nil, &core.ArgumentError{Operation: nameOf(req), Reason: "fusion has no subscriptions"})
			return
		}
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

// open connects and starts the subscription, with the protocol that the gateway is known to
// support. KeepAlive is the timeout of both steps.
func (h *HTTP) open(ctx context.Context, req *core.Request, ask payload) (*stream, error) {
	limit := cmp.Or(h.KeepAlive, DefaultKeepAlive)
	soon, cancel := context.WithTimeoutCause(ctx, limit, late(limit, "WithKeepAlive"))
	defer cancel()
	address, err := addressOf(req)
	if err != nil {
		return nil, err
	}
	first, other := legacy, current
	if h.spoken.is(address, current) {
		first, other = current, legacy
	}
	s, err := h.connect(soon, req, ask, address, first)
	if closeCode(err) != closeSubprotocolNotAllowed {
		return s, err
	}
	s, err = h.connect(soon, req, ask, address, other)
	if err == nil || errors.Is(err, core.ErrUnauthorized) {
		h.spoken.note(address, other)
	}
	return s, err
}

// connect makes one connection, which offers the protocol of speaks.
func (h *HTTP) connect(ctx context.Context, req *core.Request, ask payload, address *url.URL, speaks dialect) (*stream, error) {
	conn, wire, speaks, err := h.handshake(ctx, req, address, speaks)
	if err != nil {
		return nil, err
	}
	limits := h.Limits.OrDefault()
	conn.SetReadLimit(limits.MessageBytes)
	s := &stream{
		conn: conn, wire: wire, req: req, host: address.Host, limits: limits, dialect: speaks,
		keepAlive: cmp.Or(h.KeepAlive, DefaultKeepAlive),
	}
	if err := s.start(ctx, ask); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// protocols holds the protocols of gateways that rejected the other one.
type protocols struct{ byGateway sync.Map }

func (p *protocols) is(address *url.URL, speaks dialect) bool {
	known, _ := p.byGateway.Load(address.Host + address.Path)
	return known == speaks
}

func (p *protocols) note(address *url.URL, speaks dialect) {
	p.byGateway.Store(address.Host+address.Path, speaks)
}

// handshake opens a WebSocket that offers a protocol. It returns the connection and its protocol:
// the one that the server selects, or otherwise the offered one. No operation is executed before
// the WebSocket is open.
func (h *HTTP) handshake(ctx context.Context, req *core.Request, address *url.URL, offer dialect) (*websocket.Conn, *wire, dialect, error) {
	header := h.header(req)
	header.Set(subprotocolHeader, strings.Join(subprotocols(req, offer), ", "))
	client, seen := watchHandshake(h.client())
	conn, _, err := websocket.Dial(ctx, address.String(), &websocket.DialOptions{HTTPClient: client, HTTPHeader: header}) //nolint:bodyclose // the connection owns it
	if err != nil {
		return nil, nil, dialect{}, h.unopened(ctx, req, address.Host, seen.answer, err)
	}
	noteResponse(ctx, req, seen.answer)
	switch seen.subprotocol {
	case current.subprotocol:
		return conn, seen.wire, current, nil
	case legacy.subprotocol:
		return conn, seen.wire, legacy, nil
	}
	return conn, seen.wire, offer, nil
}

// unopened returns the error for a handshake that failed with err. answer is nil if there was no
// response.
func (h *HTTP) unopened(ctx context.Context, req *core.Request, host string, answer *http.Response, err error) error {
	if redirect, ok := errors.AsType[*RedirectError](err); ok {
		return failure(ctx, req, host, answer, false, redirect)
	}
	if answer == nil || answer.StatusCode == http.StatusSwitchingProtocols || ctx.Err() != nil {
		return failure(ctx, req, host, nil, false, err)
	}
	noteResponse(ctx, req, answer)
	if answer.StatusCode/100 != 2 {
		refused := read(ctx, req, answer, h.Limits.OrDefault(), nil)
		if fault, ok := errors.AsType[*core.ResponseError](refused); ok && fault.Evidence == core.EvidenceUnread {
			fault.Evidence = core.EvidenceUnknown // nothing was executed, even if the body is incomplete
		}
		return refused
	}
	return &core.ResponseError{
		Operation: nameOf(req), Host: host, Status: answer.StatusCode,
		RequestID: answer.Header.Get("X-Request-Id"), Reason: "the server did not open a WebSocket",
	}
}

const subprotocolHeader = "Sec-WebSocket-Protocol"

// subprotocols are the names that the handshake offers (docs/protocol.md#subscriptions).
func subprotocols(req *core.Request, speaks dialect) []string {
	offer := []string{speaks.subprotocol}
	if !req.Token.IsZero() {
		offer = append(offer, "access-token-"+req.Token.Reveal())
	}
	if req.Tenant != "" {
		offer = append(offer, "x-tenant-context-"+req.Tenant)
	}
	return offer
}

// handshake records the response to a handshake, of which the WebSocket library returns too little.
// It removes the subprotocol from the response: some servers select graphql-transport-ws although
// it was not offered, and the library would close the connection.
type handshake struct {
	next        http.RoundTripper
	answer      *http.Response
	wire        *wire // the body of the response, which the library removes from it
	subprotocol string
}

// watchHandshake returns a copy of client that records one handshake.
func watchHandshake(client *http.Client) (*http.Client, *handshake) {
	watched, h := *client, &handshake{next: client.Transport}
	if h.next == nil {
		h.next = http.DefaultTransport
	}
	watched.Transport = h
	return &watched, h
}

// RoundTrip sends the request.
func (h *handshake) RoundTrip(req *http.Request) (*http.Response, error) {
	h.answer = nil // the response so far was a followed redirect
	answer, err := h.next.RoundTrip(req)
	if err == nil {
		h.answer, h.subprotocol = answer, answer.Header.Get(subprotocolHeader)
		answer.Header.Del(subprotocolHeader)
		if opened, ok := answer.Body.(io.ReadWriteCloser); ok {
			h.wire = &wire{ReadWriteCloser: opened}
			answer.Body = h.wire
		}
	}
	return answer, err
}

// wire is the connection under a WebSocket.
type wire struct {
	io.ReadWriteCloser
	arrived atomic.Int64 // bytes read so far
}

// Read reads from the connection and counts the bytes.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.ReadWriteCloser.Read(p)
	w.arrived.Add(int64(n))
	return n, err
}
