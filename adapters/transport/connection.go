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
)

// outgoing is the body of one request, and the witness of its fate: whatever an [http.RoundTripper] is
// made of, it has to read the body to send it, and no server executes what has not reached it. The
// hooks of [net/http/httptrace] prove less, because nobody owes them a call.
type outgoing struct {
	text []byte
	fate atomic.Int32
}

// The fates of a body.
const (
	untouched int32 = iota
	touched         // a byte of it may be on its way
	withheld        // it was given up untouched, and stays so
)

// attach makes o the body of a request.
func (o *outgoing) attach(post *http.Request) {
	post.Body, post.ContentLength = o.open(), int64(len(o.text))
	post.GetBody = func() (io.ReadCloser, error) { return o.open(), nil }
}

// open returns the body from its beginning. Who opens it again says nothing about what became of it before.
func (o *outgoing) open() io.ReadCloser { return &reading{of: o, rest: o.text} }

// withhold reports whether anything of the body may have been sent. If not, nothing ever will be,
// since a RoundTripper may return before it is done with the body.
func (o *outgoing) withhold() (sent bool) { return !o.fate.CompareAndSwap(untouched, withheld) }

// reading is an open body.
type reading struct {
	of   *outgoing
	rest []byte
}

// errWithheld is for who reads a body that has been given up.
var errWithheld = errors.New("the request was given up before its body was read")

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

// failure returns the error for a request that client.Do gave up. Where a redirect was refused,
// resp is the answer that holds it.
func failure(ctx context.Context, req *core.Request, host string, resp *http.Response, sent bool, err error) error {
	if redirect, ok := errors.AsType[*RedirectError](err); ok && resp != nil {
		noteResponse(ctx, req, resp)
		return &core.ResponseError{
			Operation: nameOf(req), Host: host, Status: resp.StatusCode,
			RequestID: resp.Header.Get("X-Request-Id"), Err: redirect,
		}
	}
	return &core.ConnectionError{Operation: nameOf(req), Host: host, Sent: sent, Err: core.ExplainTLS(host, reason(ctx, err))}
}

// reason returns what is behind err: why the context ended, if it did, else the cause without
// the method and address that net/http puts around it.
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

// notEOF replaces [io.EOF], which reads like a good end, by [io.ErrUnexpectedEOF].
func notEOF(err error) error {
	switch {
	case !errors.Is(err, io.EOF):
		return err
	case err == io.EOF: //nolint:errorlint // nothing is wrapped around it
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%s: %w", strings.TrimSuffix(err.Error(), ": "+io.EOF.Error()), io.ErrUnexpectedEOF)
}

// late is the cause of a context that ends after a limit of time, which an option sets.
func late(limit time.Duration, option string) error {
	return &core.LimitError{What: fmt.Sprintf("the time limit of %v has passed", limit), Option: option, Err: context.DeadlineExceeded}
}
