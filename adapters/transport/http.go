package transport

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/headers"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/ports"
)

// DefaultKeepAlive is the default of [HTTP].KeepAlive, 30 seconds.
const DefaultKeepAlive = 30 * time.Second

// HTTP sends queries and mutations as POST requests, requests of a REST interface as they are, and
// subscriptions over WebSocket. The zero value is ready to use. Fields must not change while it is
// in use. It is safe for concurrent use.
//
// An invalid base URL, for example plain http to another host than loopback, returns a
// [*core.BaseURLError]. Unknown or missing arguments of the operation, and a tenant that is invalid
// on the platform, return a [*core.ArgumentError]. In both cases nothing was sent. A redirect that
// is not followed returns a [*core.ResponseError] that wraps a [*RedirectError]. A response that
// exceeds a limit returns a [*core.ResponseError] that wraps a [*core.LimitError].
type HTTP struct {
	// Client makes the connections. Nil selects a client from [NewClient] that all HTTP values
	// share. Redirects to another host are never followed, even if its CheckRedirect allows them;
	// see [RedirectError].
	Client *http.Client
	// Name and Version identify the SDK in the headers of a request. Empty selects "taegis-go" and
	// "dev".
	Name, Version string
	// Application names the program at the end of the User-Agent header; see [core.UserAgent].
	Application core.Application
	// Limits limits responses, messages and redirects. Zero fields select [core.DefaultLimits].
	Limits core.Limits
	// KeepAlive is the time without data from the server after which a subscription sends a ping,
	// and the time that the response to the ping can take. Any data counts, even a part of a
	// message. It is also the timeout of the handshake. Zero selects [DefaultKeepAlive].
	KeepAlive time.Duration

	spoken protocols // the subprotocols of subscriptions
}

var _ ports.Transport = (*HTTP)(nil)

// Execute sends a query or mutation, or a request of a REST interface; see [ports.Transport].
func (h *HTTP) Execute(ctx context.Context, req *core.Request, out any) error {
	if req.Operation.Kind.REST() {
		return h.rest(ctx, req, out)
	}
	ask, err := newPayload(req)
	if err != nil {
		return err
	}
	text, err := encode(ask)
	if err != nil {
		return &core.ArgumentError{Operation: nameOf(req), Reason: "they cannot be encoded as JSON", Err: err}
	}
	if req.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, req.Timeout, late(req.Timeout, "WithTimeout"))
		defer cancel()
	}
	address, err := addressOf(req)
	if err != nil {
		return err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), nil)
	if err != nil {
		return &core.ConnectionError{Operation: nameOf(req), Host: address.Host, Err: err}
	}
	post.Header = h.header(req)
	question := &outgoing{text: text}
	question.attach(post)

	resp, err := h.client().Do(post) //nolint:bodyclose // discard does
	if err != nil {
		return failure(ctx, req, address.Host, resp, question.withhold(), err)
	}
	defer discard(resp.Body)
	noteResponse(ctx, req, resp)
	return read(ctx, req, resp, h.Limits.OrDefault(), out)
}

// discard reads a small rest of the body, so that the connection can be reused.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10)
	_ = body.Close()
}

func (h *HTTP) client() *http.Client {
	client := h.Client
	if client == nil {
		client = sharedClient()
	}
	return guard(client, h.Limits.OrDefault().Redirects)
}

// addressOf returns the URL of req, or a [*core.BaseURLError] if the URL is not encrypted and not
// loopback, or has another host than the base URL. If the platform cannot serve the request's
// tenant, it returns a [*core.ArgumentError].
func addressOf(req *core.Request) (*url.URL, error) {
	if reason := req.Environment.Platform.TenantFault(req.Tenant); reason != "" && req.Operation.Kind != core.KindGet {
		return nil, &core.ArgumentError{Operation: nameOf(req), Argument: "tenant", Reason: reason}
	}
	fault := &core.BaseURLError{Name: req.Environment.Name, URL: req.Environment.BaseURL(req.Operation.Host)}
	base, _ := url.Parse(fault.URL) // if it does not parse, neither does u
	u, err := url.Parse(req.URL())
	switch {
	case err != nil:
		fault.Reason = "it is not a URL"
	case base == nil || u.Host != base.Host || base.User == nil && u.User != nil:
		fault.Reason = "the gateway changes the host: begin it with a slash"
	case u.User != nil:
		fault.Reason = "it must not hold a user name or password"
	case u.Scheme == "http" && !netaddr.IsLoopback(u.Hostname()):
		fault.Reason = "plain http is for loopback only; use https://"
	case u.Scheme != "https" && u.Scheme != "http":
		fault.Reason = "it must start with https://"
	default:
		return u, nil
	}
	return nil, fault
}

// isReserved reports whether a header is one of the protocol or of the connection, with those of both
// platforms. It is ignored in a request's Header.
func isReserved(name string) bool {
	switch name {
	case "Accept", "Accept-Encoding", "Apollographql-Client-Name", "Apollographql-Client-Version",
		"Content-Encoding", "Content-Type", "Sec-Websocket-Extensions", "Sec-Websocket-Key",
		"Sec-Websocket-Protocol", "Sec-Websocket-Version", "User-Agent":
		return true
	}
	return headers.IsOfCalls(name) || headers.IsOfConnection(name)
}

// unreplayed returns a spelling of a header's name that net/http does not recognize. If a request
// has one of these headers, net/http repeats a POST when the connection breaks after the request
// was sent, but only [Retry] decides whether a mutation is repeated. Servers ignore the case.
func unreplayed(key string) string {
	switch key {
	case "Idempotency-Key", "X-Idempotency-Key":
		return strings.ToLower(key)
	}
	return key
}

// header returns the headers of a request: those of docs/protocol.md#graphql and the caller's.
func (h *HTTP) header(req *core.Request) http.Header {
	name, version := cmp.Or(h.Name, "taegis-go"), cmp.Or(h.Version, "dev")
	header := make(http.Header, 8+len(req.Header))
	values := make([]string, 0, 8) // one allocation, as in http.Header.Clone
	set := func(key, value string) {
		n := len(values)
		values = append(values, value)
		header[key] = values[n : n+1 : n+1]
	}
	set("Accept", "application/json")
	set("Content-Type", "application/json")
	set("User-Agent", core.UserAgent(name, version, h.Application))
	set("Apollographql-Client-Name", name)
	set("Apollographql-Client-Version", version)
	if !req.Token.IsZero() {
		set("Authorization", "Bearer "+req.Token.Reveal())
	}
	if req.Tenant != "" && req.Operation.Kind != core.KindGet {
		set(http.CanonicalHeaderKey(req.Environment.Platform.TenantHeader()), req.Tenant)
	}
	for key, values := range req.Header {
		if key = http.CanonicalHeaderKey(key); !isReserved(key) {
			key = unreplayed(key)
			header[key] = append(header[key], values...)
		}
	}
	return header
}
