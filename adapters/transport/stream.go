package transport

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/evidence"
	"github.com/taegis-go/taegis/internal/lenientjson"
)

// dialect holds the message types of a subprotocol.
type dialect struct {
	subprotocol                  string
	start, data, stop, terminate string // terminate is empty if closing the connection is enough
}

var (
	legacy  = dialect{"graphql-ws", "start", "data", "stop", "connection_terminate"}
	current = dialect{"graphql-transport-ws", "subscribe", "next", "complete", ""}
)

// streamID is the ID of the only subscription of a connection.
const streamID = "1"

// stream is one subscription on its own connection.
type stream struct {
	conn      *websocket.Conn
	wire      *wire // under conn
	req       *core.Request
	host      string
	dialect   dialect
	keepAlive time.Duration
	limits    core.Limits
	text      bytes.Buffer // the latest message
	started   bool         // the server may execute the operation
	flowing   bool         // the server has sent a value
	ended     bool         // the server has ended it
	lost      bool         // the connection cannot be used any more
	unsent    error        // the error of the first message that could not be sent
}

// start initializes the connection, waits for the acknowledgement, and starts the operation. If it
// cannot send a message, it continues to read: the server may have sent the reason before it closed
// the connection.
func (s *stream) start(ctx context.Context, ask payload) error {
	s.unsent = s.send(ctx, message{Type: "connection_init", Payload: json.RawMessage("{}")})
	for {
		f, err := s.receive(ctx)
		switch {
		case err != nil:
			return err
		case f.isError():
			return s.rejected(f.stated())
		case f.kind == "complete" && f.isOurs():
			return s.rejected(nil)
		case f.kind != "connection_ack":
			continue // keep-alive messages may precede it
		}
		text, err := encode(ask)
		if err != nil {
			return &core.ArgumentError{Operation: nameOf(s.req), Reason: "they cannot be encoded as JSON", Err: err}
		}
		s.started = true
		s.unsent = s.send(ctx, message{ID: streamID, Type: s.dialect.start, Payload: text})
		return nil
	}
}

// errCompleted marks the regular end of a subscription.
var errCompleted = errors.New("completed")

// next returns the next value, with an error if the value is partial. An error without a value ends
// the subscription.
func (s *stream) next(ctx context.Context) (json.RawMessage, error) {
	for {
		f, err := s.receive(ctx)
		switch {
		case err != nil:
			return nil, err
		case f.isError():
			s.ended = true
			return nil, s.rejected(f.stated())
		case !f.isOurs():
			continue
		case f.kind == legacy.data, f.kind == current.data:
			return s.value(f.payload)
		case f.kind == "complete":
			s.ended = true
			return nil, errCompleted
		}
	}
}

// value decodes the response of a message, which has the form of a response over HTTP. A message
// without data has the value null and an error. It returns no value if the message is not a GraphQL
// response, or if the server rejects the token before the first value, in which case the operation
// was not executed.
func (s *stream) value(text json.RawMessage) (json.RawMessage, error) {
	var value json.RawMessage
	a, err := decodeAnswer(text, valueName(s.req), &value, s.limits)
	fault := a.fault(s.req, http.StatusOK)
	if err != nil {
		return nil, s.unreadable(err)
	}
	if fault == nil {
		s.flowing = true
		return value, nil
	}
	fault.Host = s.host
	switch {
	case !s.flowing && errors.Is(fault, core.ErrUnauthorized):
		return nil, fault
	case value == nil:
		value = json.RawMessage("null")
	default:
		s.flowing = true
	}
	return value, fault
}

// unreadable returns the error for a message that violates the protocol or exceeds a limit.
func (s *stream) unreadable(err error) error {
	fault := &core.ResponseError{
		Operation: nameOf(s.req), Host: s.host, Status: http.StatusOK, Reason: "the message is not GraphQL", Err: err,
	}
	if limit, exceeded := errors.AsType[*core.LimitError](err); exceeded {
		fault.Reason, fault.Err = "", limit
	}
	return fault
}

// rejected returns the error for a server's error message that ends the subscription.
func (s *stream) rejected(text json.RawMessage) error {
	var list errorList
	d := lenientjson.NewDecoder(text, s.limits)
	_ = d.Decode(&list) // it never fails
	if limit, exceeded := errors.AsType[*core.LimitError](d.End()); exceeded {
		return s.unreadable(limit)
	}
	for i := range list {
		s.addCode(&list[i])
	}
	a := answer{errors: list}
	fault := a.fault(s.req, http.StatusOK)
	if len(list) == 0 {
		fault.Reason = "the server ended the subscription with an error without a description"
	}
	fault.Host = s.host
	return fault
}

// rejections are the messages and codes with which servers reject a token in a connection_error
// that does not have the code UNAUTHENTICATED: Apollo's servers send a message only. They apply
// only before the acknowledgement, when nothing can have been executed.
var rejections = []string{"unauthenticated", "unauthorized", "unauthorizedexception", "401"}

// addCode adds the code UNAUTHENTICATED to an error that rejects the token in another form.
func (s *stream) addCode(e *core.GraphQLError) {
	word, _, _ := strings.Cut(e.Message, ":")
	saysSo := e.Code() == "" && word == evidence.CodeUnauthenticated
	if !s.started {
		saysSo = saysSo || slices.Contains(rejections, strings.ToLower(cmp.Or(e.Code(), word)))
	}
	if !saysSo || e.Code() == evidence.CodeUnauthenticated {
		return
	}
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	e.Extensions["code"] = evidence.CodeUnauthenticated
}

func (s *stream) send(ctx context.Context, m message) error {
	text, err := encode(m)
	if err == nil {
		err = s.conn.Write(ctx, websocket.MessageText, text)
	}
	if err != nil {
		s.lost = true
		return s.broken(ctx, err)
	}
	return nil
}

// receive reads the next message, and answers pings of graphql-transport-ws.
func (s *stream) receive(ctx context.Context) (frame, error) {
	for {
		text, err := s.read(ctx)
		if err != nil {
			return frame{}, err
		}
		f, err := parseFrame(text, s.limits)
		if err != nil {
			return frame{}, s.unreadable(err)
		}
		if f.kind != "ping" {
			return f, nil
		}
		if err := s.pong(ctx); err != nil {
			return frame{}, err
		}
	}
}

// errPongBlocked ends a connection on which the response to a ping cannot be sent.
var errPongBlocked = errors.New("the server does not read the response to its ping")

// pong responds to a ping, with the timeout of the client's own pings.
func (s *stream) pong(ctx context.Context) error {
	soon, cancel := context.WithTimeoutCause(ctx, s.keepAlive, errPongBlocked)
	defer cancel()
	err := s.send(soon, message{Type: "pong"})
	if err != nil && context.Cause(soon) == errPongBlocked { //nolint:errorlint // the cause is that very value
		return s.broken(ctx, errPongBlocked)
	}
	return err
}

// errSilent ends a connection without data from the server.
var errSilent = errors.New("the server is silent and does not respond to a ping")

// read reads a message, which is valid until the next call. While it waits, it pings a server that
// is silent for long. It does not do so between calls, because the response would not be read.
func (s *stream) read(ctx context.Context) ([]byte, error) {
	if ctx.Err() != nil { // otherwise a message that has already arrived would be read
		s.lost = true
		return nil, s.broken(ctx, ctx.Err())
	}
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer time.AfterFunc(s.keepAlive, func() { s.watch(waiting, cancel) }).Stop()
	_, message, err := s.conn.Reader(waiting)
	if err == nil {
		s.text.Reset()
		_, err = s.text.ReadFrom(message)
	}
	if err != nil {
		s.lost = true
		if context.Cause(waiting) == errSilent { //nolint:errorlint // the cause is that very value
			err = errSilent
		}
		if s.unsent != nil && websocket.CloseStatus(err) < 0 {
			return nil, s.unsent // the first failure
		}
		return nil, s.broken(ctx, err)
	}
	return s.text.Bytes(), nil
}

// watch pings until waiting ends. It ends waiting if no data arrives after a ping. Any data counts,
// because the response to the ping follows a message that may take long on a slow connection.
func (s *stream) watch(waiting context.Context, cancel context.CancelCauseFunc) {
	for waiting.Err() == nil {
		// If a ping's context ended while it is written, the connection would be closed.
		soon, done := context.WithTimeout(context.WithoutCancel(waiting), s.keepAlive)
		arrived := s.wire.arrived.Load()
		err := s.conn.Ping(soon)
		done()
		if err != nil && s.wire.arrived.Load() == arrived {
			cancel(errSilent)
			return
		}
		if err != nil {
			continue // ping at once, so that a message that stops now is noticed in time
		}
		select {
		case <-waiting.Done():
		case <-time.After(s.keepAlive):
		}
	}
}

// closeTimeout is the timeout for closing a subscription.
const closeTimeout = time.Second

// close stops the subscription if it has not ended, and closes the connection.
func (s *stream) close() {
	defer func() { _ = s.conn.CloseNow() }() // the caller has ended the subscription
	if s.lost {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if s.started && !s.ended {
		_ = s.send(ctx, message{ID: streamID, Type: s.dialect.stop})
	}
	if s.dialect.terminate != "" {
		_ = s.send(ctx, message{Type: s.dialect.terminate})
	}
	// Close waits up to 5 s for a response; only closing the underlying connection shortens that.
	defer time.AfterFunc(closeTimeout, func() { _ = s.wire.Close() }).Stop()
	_ = s.conn.Close(websocket.StatusNormalClosure, "")
}
