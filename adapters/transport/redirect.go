package transport

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
)

// RedirectError is returned for a redirect that is not followed, because it would send a token or a
// password to another host or without encryption, or exceeds the limit.
type RedirectError struct {
	From, To string // scheme and host of both URLs
	Reason   string
	Err      error // a [*core.LimitError] if there were too many redirects, otherwise nil
}

func (e *RedirectError) Error() string {
	return redact.Message(fmt.Sprintf("the redirect from %s to %s was not followed: %s; check the base URL", e.From, e.To, e.Reason))
}

// Unwrap returns the cause.
func (e *RedirectError) Unwrap() error { return e.Err }

// guard returns a client that applies checkRedirect before the client's own check.
func guard(client *http.Client, limit int) *http.Client {
	guarded, rule := *client, atMost(limit)
	guarded.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if err := rule(req, via); err != nil || client.CheckRedirect == nil {
			return err
		}
		return client.CheckRedirect(req, via)
	}
	return &guarded
}

// checkRedirect is an [http.Client.CheckRedirect]. It rejects a redirect that changes the host or
// the method, or gives up encryption.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	refused := ""
	switch {
	case !strings.EqualFold(address(req.URL), address(first.URL)):
		refused = "it changes the host"
	case first.URL.Scheme == "https" && req.URL.Scheme != "https":
		refused = "it gives up encryption"
	case req.Method != first.Method:
		refused = "it changes the method from " + first.Method + " to " + req.Method
	default:
		return nil
	}
	return &RedirectError{From: origin(first.URL), To: origin(req.URL), Reason: refused}
}

// atMost returns an [http.Client.CheckRedirect] that is [checkRedirect] with a limit on the number
// of redirects.
func atMost(limit int) func(*http.Request, []*http.Request) error {
	limit = max(limit, 0)
	return func(req *http.Request, via []*http.Request) error {
		if err := checkRedirect(req, via); err != nil || len(via) <= limit {
			return err
		}
		tooMany := &core.LimitError{What: fmt.Sprintf("more than %d redirects in a row", limit), Option: "Limits.Redirects"}
		return &RedirectError{From: origin(via[0].URL), To: origin(req.URL), Reason: tooMany.Error(), Err: tooMany}
	}
}

// address returns host and port. If the URL has no port, it is that of the scheme.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" && u.Scheme == "http" {
		port = "80"
	} else if port == "" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }
