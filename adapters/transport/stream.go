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

// dialect is the vocabulary of a subprotocol.
type dialect struct {
	subprotocol                  string
	start, data, stop, terminate string // terminate is empty where closing is enough
}

var (
	legacy  = dialect{"graphql-ws", "start", "data", "stop", "connection_terminate"}
	current = dialect{"graphql-transport-ws", "subscribe", "next", "complete", ""}
)

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
	flowing   bool         // the server has sent a value
	ended     bool         // the server has ended it
	lost      bool         // the connection is of no use any more
	unsent    error        // why a message could not be sent
}

// start introduces itself, waits for the acknowledgement, and asks. That a message cannot be sent is
// not the end: the server may have closed the connection, and what it says about that is still to be
// read.
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
			continue // keep-alives may come before it
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

// errCompleted is the end of a subscription.
var errCompleted = errors.New("completed")

// next returns the next value, with an error if it is a partial one. Without a value the error ends
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

// value reads an answer as it comes over HTTP. A message without data ends nothing: its value is
// null, and its error says what is wrong. There is no value if the message is no answer, or if its
// token is rejected before any value came: then the operation was not executed.
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

// unreadable returns the error for a message that breaks the protocol, or a limit.
func (s *stream) unreadable(err error) error {
	fault := &core.ResponseError{
		Operation: nameOf(s.req), Host: s.host, Status: http.StatusOK, Reason: "a message that is no GraphQL", Err: err,
	}
	if limit, exceeded := errors.AsType[*core.LimitError](err); exceeded {
		fault.Reason, fault.Err = "", limit
	}
	return fault
}

// rejected returns the error for what a server states when it ends the subscription.
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
		fault.Reason = "the server ended the subscription with an error that it does not describe"
	}
	fault.Host = s.host
	return fault
}

// rejections are the messages and codes with which servers reject a token in a connection_error that
// does not have the code UNAUTHENTICATED: that of Apollo's servers has a message and nothing else.
// They count only before the acknowledgement, when nothing can have been executed.
var rejections = []string{"unauthenticated", "unauthorized", "unauthorizedexception", "401"}

// addCode gives the code UNAUTHENTICATED to an error that says the same in another form.
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
		if s.unsent != nil && websocket.CloseStatus(err) < 0 {
			return nil, s.unsent // it failed first
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

// closeTimeout bounds the leaving of a subscription.
const closeTimeout = time.Second

// close stops what is not ended and closes the connection.
func (s *stream) close() {
	defer func() { _ = s.conn.CloseNow() }() // there is nobody to tell
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
	// Once it has begun, nothing but the end of the wire shortens the 5 s that Close waits for an answer.
	defer time.AfterFunc(closeTimeout, func() { _ = s.wire.Close() }).Stop()
	_ = s.conn.Close(websocket.StatusNormalClosure, "")
}
