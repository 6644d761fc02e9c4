package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/tlserror"
)

// outgoing is the body of one request. It records whether the body was read: every
// [http.RoundTripper] must read it before a server can execute the request. The hooks of
// [net/http/httptrace] prove less, because a RoundTripper need not call them.
type outgoing struct {
	text []byte
	fate atomic.Int32
}

// The states of a body.
const (
	untouched int32 = iota
	touched         // a byte of it may have been sent
	withheld        // it was not read and cannot be read any more
)

// attach makes o the body of a request.
func (o *outgoing) attach(post *http.Request) {
	post.Body, post.ContentLength = o.open(), int64(len(o.text))
	post.GetBody = func() (io.ReadCloser, error) { return o.open(), nil }
}

// open returns a reader from the beginning of the body. Opening it again does not reset the state.
func (o *outgoing) open() io.ReadCloser { return &reading{of: o, rest: o.text} }

// withhold reports whether a part of the body may have been sent. If not, it prevents further
// reads, because a RoundTripper may return before it has finished with the body.
func (o *outgoing) withhold() (sent bool) { return !o.fate.CompareAndSwap(untouched, withheld) }

// reading is an open reader of the body.
type reading struct {
	of   *outgoing
	rest []byte
}

// errWithheld is returned by reads after withhold.
var errWithheld = errors.New("the request was cancelled before its body was read")

// Read reads the body.
func (r *reading) Read(p []byte) (int, error) {
	if r.of.fate.CompareAndSwap(untouched, touched); r.of.fate.Load() == withheld {
		return 0, errWithheld
	}
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close does nothing.
func (*reading) Close() error { return nil }

// failure returns the error for a request for which client.Do returned an error. If a redirect was
// not followed, resp is the response with the redirect.
func failure(ctx context.Context, req *core.Request, host string, resp *http.Response, sent bool, err error) error {
	if redirect, ok := errors.AsType[*RedirectError](err); ok && resp != nil {
		noteResponse(ctx, req, resp)
		return &core.ResponseError{
			Operation: nameOf(req), Host: host, Status: resp.StatusCode,
			RequestID: resp.Header.Get("X-Request-Id"), Err: redirect,
		}
	}
	return &core.ConnectionError{Operation: nameOf(req), Host: host, Sent: sent, Err: tlserror.Explain(host, reason(ctx, err))}
}

// reason returns the cause of err: that of the context, if it has ended, otherwise the error
// without the method and URL that net/http adds.
func reason(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		cause := context.Cause(ctx)
		if errors.Is(cause, ended) {
			return cause
		}
		return fmt.Errorf("%w: %w", ended, cause)
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return notEOF(err)
}

// notEOF replaces [io.EOF], which means a regular end, by [io.ErrUnexpectedEOF].
func notEOF(err error) error {
	switch {
	case !errors.Is(err, io.EOF):
		return err
	case err == io.EOF: //nolint:errorlint // it is not wrapped
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%s: %w", strings.TrimSuffix(err.Error(), ": "+io.EOF.Error()), io.ErrUnexpectedEOF)
}

// late returns the cause of a context that ends after a time limit, which an option sets.
func late(limit time.Duration, option string) error {
	return &core.LimitError{What: fmt.Sprintf("the time limit of %v has passed", limit), Option: option, Err: context.DeadlineExceeded}
}
