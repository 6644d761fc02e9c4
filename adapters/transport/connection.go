package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/core"
)

// watchSending returns a context for one request and a flag that is set as soon as a byte of
// the request may be on its way. Where net/http repeats a request by itself, on a connection
// that turned out to be closed, it does so because the server executed nothing: every attempt
// to get a connection begins anew.
func watchSending(ctx context.Context) (context.Context, *atomic.Bool) {
	sent := new(atomic.Bool)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(string) { sent.Store(false) },
		WroteHeaderField: func(string, []string) { sent.Store(true) },
	}), sent
}

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
		return wrapped.Err
	}
	return err
}

// late is the cause of a context that ends after a limit of time, which an option sets.
func late(limit time.Duration, option string) error {
	return &core.LimitError{What: fmt.Sprintf("the time limit of %v has passed", limit), Option: option, Err: context.DeadlineExceeded}
}
