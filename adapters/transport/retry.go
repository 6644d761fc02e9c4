package transport

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"reflect"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/proxy"
	"github.com/taegis-go/taegis/internal/retry"
	"github.com/taegis-go/taegis/ports"
)

// Retry returns middleware that repeats what failed for a passing reason, within limits and with
// growing pauses, or after the time that the server asked for.
//
// A query is repeated after the statuses 408, 429, 500, 502, 503 and 504 and where no answer
// came; a mutation, and a document that does not say what it is, only where it was provably not
// executed: after 429 without a value or an error of its execution, or if nothing was sent. A subscription is repeated only until it is
// asked for: what refuses or breaks off the handshake proves that it was not executed.
func Retry(limits core.RetryLimits) ports.Middleware {
	return func(next ports.Transport) ports.Transport { return &retrying{next, limits} }
}

type retrying struct {
	next   ports.Transport
	limits core.RetryLimits
}

func (r *retrying) Execute(ctx context.Context, req *core.Request, out any) error {
	repeatable := req.Operation.Kind == core.KindQuery || req.Operation.Kind == "" && req.Document == ""
	restore := keep(out)
	tries := 0
	return retry.Do(ctx, r.limits, func(ctx context.Context) error {
		restore()
		tries++
		return marked(ctx, r.next.Execute(withTry(ctx, tries), req, out), repeatable, repeatable)
	})
}

func (r *retrying) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		tries := 0
		err := retry.Do(ctx, r.limits, func(ctx context.Context) error {
			begun := false
			tries++
			for message, err := range r.next.Subscribe(withTry(ctx, tries), req) {
				if err != nil && !begun && message == nil {
					return marked(ctx, err, true, false)
				}
				begun = true
				if !yield(message, err) {
					break
				}
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// keep returns a function that makes *out what it is now, so that what a torn answer left in it
// does not mix with the next one.
func keep(out any) (restore func()) {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return func() {}
	}
	v = v.Elem()
	if v.IsZero() {
		return v.SetZero
	}
	before := reflect.New(v.Type()).Elem()
	before.Set(v)
	return func() { v.Set(before) }
}

// marked marks err as passing where repeating the request can help and does no harm: whether a
// request may be repeated after a status that proves nothing, and where one that was sent got no
// answer, is for the caller to say. If ctx has ended, the error holds its cause too and is not marked.
func marked(ctx context.Context, err error, afterStatus, afterSending bool) error {
	if err == nil {
		return nil
	}
	after, passing := passes(err, afterStatus, afterSending)
	if !passing {
		return err
	}
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(err, cause) {
			return err
		}
		return fmt.Errorf("%w; not tried again: %w", err, cause)
	}
	return retry.Transient(err, after)
}

func passes(err error, afterStatus, afterSending bool) (after time.Duration, passing bool) {
	if limit, exceeded := errors.AsType[*core.LimitError](err); exceeded && limit.Err == nil { // none of time
		return 0, false // the next answer would be as large
	}
	if answer, ok := errors.AsType[*core.ResponseError](err); ok {
		if answer.Evidence == core.EvidenceRejected {
			return 0, false // with another token, if at all
		}
		switch answer.Status {
		case http.StatusTooManyRequests:
			return answer.RetryAfter, afterStatus || answer.Evidence != core.EvidenceExecuted && answer.Evidence != core.EvidenceUnread
		case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return answer.RetryAfter, afterStatus
		}
		return 0, false
	}
	connection, ok := errors.AsType[*core.ConnectionError](err)
	if !ok {
		return 0, false
	}
	if proxy.Final(err) {
		return 0, false // and the account of the proxy may be locked
	}
	if _, distrusted := errors.AsType[*tls.CertificateVerificationError](err); distrusted {
		return 0, false // it will not become another certificate
	}
	return 0, afterSending || !connection.Sent
}
