package transport

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/evidence"
	"github.com/taegis-go/taegis/internal/partial"
)

// dialect is the vocabulary of a subprotocol.
type dialect struct {
	subprotocol                  string
	start, data, stop, terminate string // terminate is empty where closing is enough
}

var (
	legacy  = dialect{"graphql-ws", "start", "data", "stop", "connection_terminate"}
	current = dialect{"graphql-transport-ws", "subscribe", "next", "complete", ""}
)

// message is what both sides send.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// streamID names the one subscription of a connection.
const streamID = "1"

// stream is one subscription on a connection of its own.
type stream struct {
	conn      *websocket.Conn
	wire      *wire // under conn
	req       *core.Request
	host      string
	dialect   dialect
	keepAlive time.Duration
	limits    core.Limits
	text      bytes.Buffer // of the latest message
	started   bool         // the server may execute the operation
	ended     bool         // the server has ended it
	lost      bool         // the connection is of no use any more
}

// start introduces itself, waits for the acknowledgement, and asks.
func (s *stream) start(ctx context.Context, ask payload) error {
	if err := s.send(ctx, message{Type: "connection_init", Payload: json.RawMessage("{}")}); err != nil {
		return err
	}
	for {
		m, err := s.receive(ctx)
		switch {
		case err != nil:
			return err
		case m.Type == "connection_error":
			return s.refused(m.Payload)
		case m.Type != "connection_ack":
			continue // keep-alives may come before it
		}
		text, err := encode(ask)
		if err != nil {
			return &core.ArgumentError{Operation: nameOf(s.req), Reason: "they cannot be encoded as JSON", Err: err}
		}
		s.started = true
		return s.send(ctx, message{ID: streamID, Type: s.dialect.start, Payload: text})
	}
}

// errCompleted is the end of a subscription.
var errCompleted = errors.New("completed")

// next returns the next value, with an error beside it where it is a partial one; an error
// alone ends the subscription.
func (s *stream) next(ctx context.Context) (json.RawMessage, error) {
	for {
		m, err := s.receive(ctx)
		if err != nil {
			return nil, err
		}
		switch m.Type {
		case s.dialect.data:
			return s.value(m.Payload)
		case "complete":
			s.ended = true
			return nil, errCompleted
		case "error", "connection_error":
			s.ended = true
			return nil, s.refused(m.Payload)
		}
	}
}

// value reads an answer as it comes over HTTP. The value is nil only where there is none.
func (s *stream) value(text json.RawMessage) (json.RawMessage, error) {
	var value json.RawMessage
	a, err := decodeAnswer(text, valueName(s.req), &value, s.limits)
	fault := a.fault(s.req, http.StatusOK)
	if err != nil {
		fault = &core.ResponseError{Operation: nameOf(s.req), Status: http.StatusOK, Reason: "a message that is no GraphQL"}
		if limit, exceeded := errors.AsType[*core.LimitError](err); exceeded {
			fault.Reason, fault.Err = "", limit
		}
	}
	if fault == nil {
		return value, nil
	}
	fault.Host = s.host
	if !a.hasValue {
		value = nil
	}
	return value, fault
}

// refused returns what a server says that ends the subscription: one error, or a list of them.
func (s *stream) refused(text json.RawMessage) error {
	list, err := s.errorsOf(text)
	a := answer{errors: withIntegers(list)}
	fault := a.fault(s.req, http.StatusOK)
	if limit, exceeded := errors.AsType[*core.LimitError](err); exceeded {
		fault.Reason, fault.Err = "", limit
	} else if len(list) == 0 {
		fault.Reason = "the server ended the subscription with an error that it does not describe"
	}
	fault.Host = s.host
	return fault
}

// errorsOf decodes one error or a list of them; there is none in what is neither. Its error is that of the text.
func (s *stream) errorsOf(text json.RawMessage) (list []core.GraphQLError, err error) {
	d := partial.NewDecoder(text, s.limits)
	if d.Peek() == '[' {
		if d.Decode(&list) != nil {
			list = nil
		}
	} else if one := new(core.GraphQLError); d.Decode(one) == nil && one.Message != "" {
		list = []core.GraphQLError{withCode(*one)}
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return list, nil
}

// withCode gives an error without extensions the code that its message begins with: the
// connection_error of Apollo's and of other servers has a message and nothing else.
func withCode(e core.GraphQLError) core.GraphQLError {
	if code, _, _ := strings.Cut(e.Message, ":"); e.Extensions == nil && code == evidence.CodeUnauthenticated {
		e.Extensions = map[string]any{"code": code}
	}
	return e
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
func (s *stream) receive(ctx context.Context) (message, error) {
	for {
		text, err := s.read(ctx)
		if err != nil {
			return message{}, err
		}
		var m message
		if err := partial.Unmarshal(text, &m); err != nil {
			return message{}, &core.ResponseError{
				Operation: nameOf(s.req), Host: s.host, Status: http.StatusOK,
				Reason: "a message that is no GraphQL", Err: err,
			}
		}
		if m.Type != "ping" {
			return m, nil
		}
		if err := s.pong(ctx); err != nil {
			return message{}, err
		}
	}
}

// errDeaf ends a connection whose server asks for signs of life and does not hear them.
var errDeaf = errors.New("the server does not take the answer to its ping")

// pong answers a ping, in the time in which the server would have to answer one.
func (s *stream) pong(ctx context.Context) error {
	soon, cancel := context.WithTimeoutCause(ctx, s.keepAlive, errDeaf)
	defer cancel()
	err := s.send(soon, message{Type: "pong"})
	if err != nil && context.Cause(soon) == errDeaf { //nolint:errorlint // the cause is that very value
		return s.broken(ctx, errDeaf)
	}
	return err
}

// errSilent ends a connection that shows no sign of life.
var errSilent = errors.New("the server is silent and does not answer a ping")

// read reads a message, which is good until the next one. While it waits, a server that is silent
// for long is asked for a sign of life; while the caller is busy with the last message it is not,
// because nobody would hear it.
func (s *stream) read(ctx context.Context) ([]byte, error) {
	if ctx.Err() != nil { // a message that has arrived already would be read all the same
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
		return nil, s.broken(ctx, err)
	}
	return s.text.Bytes(), nil
}

// watch pings until waiting ends, and ends it where neither the answer nor anything else arrives: the answer
// stands behind a message that is under way, and a long one takes its time on a slow line.
func (s *stream) watch(waiting context.Context, cancel context.CancelCauseFunc) {
	for waiting.Err() == nil {
		// A ping whose context ends while it is written would close the connection.
		soon, done := context.WithTimeout(context.WithoutCancel(waiting), s.keepAlive)
		arrived := s.wire.arrived.Load()
		err := s.conn.Ping(soon)
		done()
		if err != nil && s.wire.arrived.Load() == arrived {
			cancel(errSilent)
			return
		}
		if err != nil {
			continue // at once, so that a message that stops now is given up in time
		}
		select {
		case <-waiting.Done():
		case <-time.After(s.keepAlive):
		}
	}
}

// statusUnauthorized closes a connection of graphql-transport-ws whose token is not accepted.
const statusUnauthorized websocket.StatusCode = 4401

// broken returns the error for a connection that failed or was closed.
func (s *stream) broken(ctx context.Context, err error) error {
	if errors.Is(err, websocket.ErrMessageTooBig) {
		return &core.ResponseError{
			Operation: nameOf(s.req), Host: s.host, Status: http.StatusOK,
			Err: &core.LimitError{What: fmt.Sprintf("a message of more than %d bytes", s.limits.MessageBytes), Option: "Limits.MessageBytes"},
		}
	}
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		if closed.Code == statusUnauthorized {
			return &core.ResponseError{Operation: nameOf(s.req), Host: s.host, Status: http.StatusOK, Err: core.ErrUnauthorized}
		}
		err = fmt.Errorf("the server closed the connection: %s", oneLine(secretsOf(s.req).removeFrom(cmp.Or(closed.Reason, closed.Code.String()))))
	}
	return failure(ctx, s.req, s.host, nil, s.started, err)
}

// farewell bounds the leaving of a subscription.
const farewell = time.Second

// close stops what is not ended and closes the connection.
func (s *stream) close() {
	defer func() { _ = s.conn.CloseNow() }() // there is nobody to tell
	if s.lost {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if s.started && !s.ended {
		_ = s.send(ctx, message{ID: streamID, Type: s.dialect.stop})
	}
	if s.dialect.terminate != "" {
		_ = s.send(ctx, message{Type: s.dialect.terminate})
	}
	// Once it has begun, nothing but the end of the wire shortens the 5 s that Close waits for an answer.
	defer time.AfterFunc(farewell, func() { _ = s.wire.Close() }).Stop()
	_ = s.conn.Close(websocket.StatusNormalClosure, "")
}
