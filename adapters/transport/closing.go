package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/coder/websocket"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/text"
)

// Close codes of the subprotocols (docs/protocol.md#subscriptions).
const (
	closeUnauthorized          = 4401 // the token is rejected
	closeSubprotocolNotAllowed = 4406 // the server does not support the offered protocol
	closeInitTimeout           = 4408
)

// isFinal reports whether another connection would end with the same close code, because the server
// rejects the client or one of them violates the protocol.
func isFinal(code int) bool {
	switch websocket.StatusCode(code) {
	case websocket.StatusNormalClosure, websocket.StatusGoingAway, websocket.StatusNoStatusRcvd,
		websocket.StatusAbnormalClosure, websocket.StatusInternalError, websocket.StatusServiceRestart,
		websocket.StatusTryAgainLater, websocket.StatusBadGateway, closeInitTimeout:
		return false
	}
	return code < 2000 || 4400 <= code && code < 4500
}

// closeCode returns the close code in err, 0 for none.
func closeCode(err error) int {
	if closed, ok := errors.AsType[*core.CloseError](err); ok {
		return closed.Code
	}
	return 0
}

// broken returns the error for a connection that failed or was closed.
func (s *stream) broken(ctx context.Context, err error) error {
	if errors.Is(err, websocket.ErrMessageTooBig) {
		return &core.ResponseError{
			Operation: nameOf(s.req), Host: s.host, Status: http.StatusOK,
			Err: &core.LimitError{What: fmt.Sprintf("a message of more than %d bytes", s.limits.MessageBytes), Option: "Limits.MessageBytes"},
		}
	}
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		return s.closedWith(ctx, closed)
	}
	return failure(ctx, s.req, s.host, nil, s.started, dropped(err))
}

// closedWith returns the error for a close message.
func (s *stream) closedWith(ctx context.Context, closed websocket.CloseError) error {
	closed.Reason = text.Short(secretsOf(s.req).removeFrom(closed.Reason), longestMessage)
	cause := &core.CloseError{Code: int(closed.Code), Reason: closed.Reason, Err: closed}
	fault := &core.ResponseError{Operation: nameOf(s.req), Host: s.host, Status: http.StatusOK, Err: cause}
	switch {
	case cause.Code == closeUnauthorized:
		fault.Err = fmt.Errorf("%w: %w", core.ErrUnauthorized, cause)
		if fault.Evidence = core.EvidenceRejected; s.flowing {
			fault.Evidence = core.EvidenceExecuted
		}
	case !isFinal(cause.Code):
		return failure(ctx, s.req, s.host, nil, s.started, cause)
	}
	return fault
}

// droppedError is returned for a connection that ended without a close message.
type droppedError struct{ cause error }

func (e droppedError) Error() string { return "the connection was dropped: " + e.cause.Error() }

// Unwrap returns the cause, and [io.ErrUnexpectedEOF] for callers.
func (e droppedError) Unwrap() []error { return []error{io.ErrUnexpectedEOF, e.cause} }

// dropped wraps err in a droppedError if it means that the connection has ended.
func dropped(err error) error {
	_, ofNetwork := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return droppedError{io.ErrUnexpectedEOF}
	case ofNetwork, errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return droppedError{err}
	}
	return err
}
