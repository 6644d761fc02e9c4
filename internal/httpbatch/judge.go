package httpbatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/proxy"
	"github.com/taegis-go/taegis/internal/sinkfault"
	"github.com/taegis-go/taegis/internal/text"
	"github.com/taegis-go/taegis/internal/tlserror"
)

// judge returns the error of an answer that has no status of success, and does not say that a
// record is at fault.
func (p *Poster) judge(a *Answer) error {
	status := statusText(a.Status)
	if message := p.Message(a); message != "" {
		status += ": " + message
	}
	switch a.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return p.permanent("it rejected the credentials with "+status, "check the token or password, and what it may do", nil)
	case http.StatusProxyAuthRequired:
		return p.permanent("the proxy rejected the request with "+status, "check the user name and password of the proxy", nil)
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return p.busy(status, a.Header)
	}
	switch {
	case a.OK():
		return nil
	case a.Status >= 500:
		return p.busy(status, a.Header)
	case a.Status/100 == 3:
		return p.permanent("it redirects"+p.target(a.Header)+", which is not followed because it could lead the credentials elsewhere",
			"set URL to the address to which it redirects, if it is right", nil)
	}
	return p.permanent("it answered with "+status, "check URL: it must accept records", nil)
}

// target returns the scheme and host to which an answer redirects.
func (p *Poster) target(header http.Header) string {
	location, err := p.address.Parse(header.Get("Location"))
	if err != nil || header.Get("Location") == "" {
		return ""
	}
	return " to " + location.Scheme + "://" + location.Host
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("status %d %s", status, http.StatusText(status)))
}

// longestMessage is how much of a server's message is shown, in characters.
const longestMessage = 200

// Message returns what an answer says, on one line and without the credentials, "" if it is a page
// of HTML or nothing. Of JSON it returns the member text, message, error or errorMessage.
func (p *Poster) Message(a *Answer) string {
	body := strings.TrimSpace(string(a.Body))
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &fields) == nil {
		for _, name := range []string{"text", "message", "error", "errorMessage"} {
			var value string
			if json.Unmarshal(fields[name], &value) == nil && value != "" {
				return text.Short(p.hide(value), longestMessage)
			}
		}
	}
	if strings.HasPrefix(body, "<") || strings.Contains(a.Header.Get("Content-Type"), "html") {
		return ""
	}
	return text.Short(p.hide(body), longestMessage)
}

// Reason returns why an answer refuses a batch.
func (p *Poster) Reason(a *Answer) string {
	if message := p.Message(a); message != "" {
		return statusText(a.Status) + ": " + message
	}
	return statusText(a.Status)
}

// Permanent returns the error of an answer that repeating does not change.
func (p *Poster) Permanent(a *Answer, hint string) error {
	return p.permanent("it answered with "+p.Reason(a), hint, nil)
}

// Temporary returns an error that passes.
func (p *Poster) Temporary(reason, hint string) error { return p.fault(reason, hint, nil) }

func (p *Poster) permanent(reason, hint string, err error) error {
	fault := sinkfault.Setting(p.Sink, reason, hint)
	fault.Err = err
	return fault
}

func (p *Poster) fault(reason, hint string, err error) error {
	return &core.SinkError{Sink: p.Sink, Reason: reason, HintText: hint, Err: err}
}

func (p *Poster) busy(status string, header http.Header) error {
	return &core.SinkError{
		Sink: p.Sink, Reason: "it answered with " + status, HintText: "check the load and the log of the collector if this goes on",
		RetryAfter: retryAfter(header, time.Now()),
	}
}

// retryAfter returns the pause of a Retry-After header: seconds or an HTTP date (RFC 9110, section
// 10.2.3), compared with the answer's Date.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		return min(max(0, time.Duration(seconds)*time.Second), longestPause)
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if served, err := http.ParseTime(header.Get("Date")); err == nil {
		now = served
	}
	return min(max(0, date.Sub(now)), longestPause)
}

// broken returns the error of a request without a whole answer.
func (p *Poster) broken(ctx context.Context, err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // without the URL, which may have a secret in its query
	}
	if errors.Is(context.Cause(ctx), errTimeout) {
		return p.fault(fmt.Sprintf("there was no answer within %v", p.config.Timeout), "check the collector, or raise Timeout", context.DeadlineExceeded)
	}
	if ctx.Err() != nil {
		return sinkfault.Ended(ctx, p.Sink)
	}
	if fault, ok := errors.AsType[*core.TLSError](tlserror.Explain(p.address.Host, err)); ok {
		return p.permanent(fault.Reason, "check URL; if the authority of the certificate is private, set CABundle to its certificate", err)
	}
	if fault, ok := errors.AsType[*core.ProxyError](err); ok && proxy.Final(err) {
		return p.permanent(fault.Error(), "", err)
	}
	if failed, ok := errors.AsType[*net.DNSError](err); ok {
		return p.fault("its host "+failed.Name+" was not found", "check URL and the network", err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return p.fault("the connection was closed before the end of the answer", "check the collector and its log", err)
	}
	return p.fault(err.Error(), "check that the collector runs and can be reached", err)
}
