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

// Retry returns middleware that retries requests after temporary failures, within limits. It pauses
// before each retry, for growing times or for the time of the response's Retry-After header.
//
// It retries a query after the statuses 408, 429, 500, 502, 503 and 504 and if there was no
// response. It retries a mutation, a non-idempotent query or a document of unknown kind only if it
// was certainly not executed: if nothing was sent, or after status 429 without a value and without
// an error of the execution. It retries a subscription only if the handshake failed, because the
// operation was not executed then.
func Retry(limits core.RetryLimits) ports.Middleware {
	return func(next ports.Transport) ports.Transport { return &retrying{next, limits} }
}

type retrying struct {
	next   ports.Transport
	limits core.RetryLimits
}

func (r *retrying) Execute(ctx context.Context, req *core.Request, out any) error {
	op := req.Operation
	repeatable := op.Idempotent() || op.Kind == "" && req.Document == "" && !op.NonIdempotent
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

// keep returns a function that restores the current value of *out, so that the parts of an
// incomplete response do not mix with the next response.
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

// marked marks err as temporary if a retry can help and is safe. The caller decides whether a
// request is retried after a status that does not prove that it was not executed, or after it was
// sent without a response. If ctx has ended, marked wraps its cause instead and does not mark the
// error.
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
		return fmt.Errorf("%w; not retried: %w", err, cause)
	}
	return retry.Transient(err, after)
}

func passes(err error, afterStatus, afterSending bool) (after time.Duration, passing bool) {
	if limit, exceeded := errors.AsType[*core.LimitError](err); exceeded && limit.Err == nil { // not a time limit
		return 0, false // the next response would be as large
	}
	if answer, ok := errors.AsType[*core.ResponseError](err); ok {
		if answer.Evidence == core.EvidenceRejected {
			return 0, false // only another token could help
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
		return 0, false // and repeated attempts may lock the account at the proxy
	}
	if _, distrusted := errors.AsType[*tls.CertificateVerificationError](err); distrusted {
		return 0, false // the certificate stays the same
	}
	return 0, afterSending || !connection.Sent
}
