package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/evidence"
	"github.com/taegis-go/taegis/internal/proxy"
	"github.com/taegis-go/taegis/internal/text"
)

// read decodes the response to req into out. If it is not a full success, it returns a
// [*core.ResponseError], or a [*core.ConnectionError] if the connection broke.
func read(ctx context.Context, req *core.Request, resp *http.Response, limits core.Limits, out any) error {
	succeeded := resp.StatusCode/100 == 2
	text := &body{r: resp.Body, limit: limits.ResponseBytes, left: limits.ResponseBytes}
	a, err := readAnswer(text, resp.ContentLength, valueName(req), out, limits)
	if succeeded && brokenOff(err) && text.first != '<' {
		return &core.ConnectionError{
			Operation: nameOf(req), Host: hostOf(req), Sent: true,
			Err: fmt.Errorf("the response is incomplete: %w", reason(ctx, err)),
		}
	}
	fault := a.fault(req, resp.StatusCode)
	if err != nil {
		fault = a.unread(req, resp, text, err)
	}
	if fault == nil {
		return nil
	}
	fault.Host = hostOf(req)
	fault.RequestID = resp.Header.Get("X-Request-Id")
	fault.RetryAfter = retryAfter(resp.Header, time.Now())
	return fault
}

// unread returns the error for a response that could not be read to its end or decoded because of
// err. The rest may be the operation's result, so no status proves that it was not executed.
func (a *answer) unread(req *core.Request, resp *http.Response, text *body, err error) *core.ResponseError {
	fault := a.fault(req, resp.StatusCode)
	if fault == nil {
		fault = &core.ResponseError{Operation: nameOf(req), Status: resp.StatusCode}
	}
	limit, exceeded := errors.AsType[*core.LimitError](err)
	switch {
	case !exceeded:
		fault.Reason = text.describe(resp.Header.Get("Content-Type"))
	case fault.Err == nil: // a long response that rejects the token still rejects it
		fault.Reason, fault.Err = "", limit // nothing else is known about the response
	}
	if text.isJSON() {
		fault.Evidence = core.EvidenceUnread
	}
	return fault
}

// valueName returns the member of `data` with the result of req, or "" for all of `data`.
func valueName(req *core.Request) string {
	if req.Document != "" {
		return ""
	}
	return req.Operation.Name
}

// fault returns the error of a response, or nil for a full success. The request's secrets, which
// some servers repeat, are removed from the server's messages.
func (a *answer) fault(req *core.Request, status int) *core.ResponseError {
	proves, rejected := evidence.Of(evidence.Answer{Status: status, Data: a.data, Errors: a.errors})
	e := &core.ResponseError{Operation: nameOf(req), Status: status, Partial: a.data == evidence.DataValue, Evidence: proves}
	succeeded := status/100 == 2
	switch {
	case rejected:
		e.Err = core.ErrUnauthorized
	case status == http.StatusProxyAuthRequired:
		e.Err = proxy.RejectedElsewhere(nil)
	case a.misfit != nil:
		e.Reason, e.Err = "the response does not have the expected shape", a.misfit
	case len(a.errors) > 0:
	case !succeeded && a.hasData:
	case !succeeded && a.message == "":
		e.Reason = "the response is not GraphQL"
	case !succeeded:
		e.Reason = text.Short(secretsOf(req).removeFrom(a.message), longestMessage)
	case !a.hasData:
		e.Reason = "the response has no data"
		if a.message != "" {
			e.Reason += ": " + text.Short(secretsOf(req).removeFrom(a.message), longestMessage)
		}
	case !a.hasValue:
		e.Reason = "the response has no " + valueName(req)
	default:
		return nil
	}
	if len(a.errors) > 0 {
		e.Errors = secretsOf(req).removeFromErrors(a.errors)
	}
	return e
}

// longestMessage is the maximum length of a server's text in an error, in characters.
const longestMessage = 200

// retryAfter parses a Retry-After header: seconds or an HTTP date (RFC 9110, section 10.2.3). It
// compares a date with the response's Date header, if there is one.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) { // out of range means 68 years
		return max(0, time.Duration(seconds)*time.Second)
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if served, err := http.ParseTime(header.Get("Date")); err == nil {
		now = served
	}
	return max(0, date.Sub(now))
}
