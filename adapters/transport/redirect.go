package transport

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// RedirectError is returned for a redirect that is not followed, because what was sent to one
// host, a token or a password, is not for another, and never for the clear.
type RedirectError struct {
	From, To string // scheme and host
	Reason   string
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("the redirect from %s to %s was refused: %s; check the base URL", e.From, e.To, e.Reason)
}

// guard returns client with the rule for redirects in front of its own.
func guard(client *http.Client) *http.Client {
	guarded := *client
	guarded.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if err := checkRedirect(req, via); err != nil {
			return err
		}
		if client.CheckRedirect != nil {
			return client.CheckRedirect(req, via)
		}
		return nil
	}
	return &guarded
}

// maxRedirects is what net/http allows by default.
const maxRedirects = 10

// checkRedirect is an [http.Client.CheckRedirect]: a request stays on its host, keeps its
// encryption and its method.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	refused := ""
	switch {
	case !strings.EqualFold(address(req.URL), address(first.URL)):
		refused = "it leads to another host"
	case first.URL.Scheme == "https" && req.URL.Scheme != "https":
		refused = "it gives up encryption"
	case req.Method != first.Method:
		refused = "it turns " + first.Method + " into " + req.Method
	case len(via) >= maxRedirects:
		refused = fmt.Sprintf("it is the %dth in a row", len(via)+1)
	default:
		return nil
	}
	return &RedirectError{From: origin(first.URL), To: origin(req.URL), Reason: refused}
}

// address returns host and port, the port of the scheme where the URL has none.
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
