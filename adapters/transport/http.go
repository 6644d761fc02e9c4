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
	"github.com/taegis-go/taegis/ports"
)

// DefaultKeepAlive is 30 s.
const DefaultKeepAlive = 30 * time.Second

// HTTP sends queries and mutations as POST requests, and subscriptions over WebSocket. The zero
// value works. Fields must not change while it is in use.
//
// A base URL that cannot be used, such as one of plain http beyond loopback, gives a
// [*core.BaseURLError], arguments that do not fit the operation a [*core.ArgumentError]; in both
// cases nothing was sent. A redirect that is refused is a [*core.ResponseError] that wraps a
// [*RedirectError], an answer that passes a limit one that wraps a [*core.LimitError].
type HTTP struct {
	// Client makes the connections; nil means one from [NewClient] that all share. Whatever
	// its own rule is, redirects to another host are refused, see [RedirectError].
	Client *http.Client
	// Name and Version say in the headers which program calls: "taegis-go" and "dev" where
	// they are empty.
	Name, Version string
	// Application names the program that uses the SDK at the end of the User-Agent header; see
	// [core.UserAgent].
	Application core.Application
	// Limits bounds answers, messages and redirects; zero fields mean [core.DefaultLimits].
	Limits core.Limits
	// KeepAlive is how long a subscription may be silent before it asks the server for a sign
	// of life, and how long that may take; 0 means [DefaultKeepAlive]. Whatever arrives is such
	// a sign, if only a part of a message. It bounds the handshake too.
	KeepAlive time.Duration

	spoken protocols // by subscriptions
}

var _ ports.Transport = (*HTTP)(nil)

// Execute sends a query or mutation; see [ports.Transport].
func (h *HTTP) Execute(ctx context.Context, req *core.Request, out any) error {
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

// discard reads what little may be left, so that the connection can be used again.
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

// addressOf returns where req goes, or a [*core.BaseURLError]: nothing is sent in the clear
// beyond this machine, nor to another host than that of the base URL.
func addressOf(req *core.Request) (*url.URL, error) {
	fault := &core.BaseURLError{Name: req.Environment.Name, URL: req.Environment.BaseURL(req.Operation.Host)}
	base, _ := url.Parse(fault.URL) // what is wrong with it is wrong with u
	u, err := url.Parse(req.URL())
	switch {
	case err != nil:
		fault.Reason = "it is not a URL"
	case base == nil || u.Host != base.Host || base.User == nil && u.User != nil:
		fault.Reason = "the gateway leads to another host: begin it with a slash"
	case u.User != nil:
		fault.Reason = "it must not hold a user name or password"
	case u.Scheme == "http" && !core.IsLoopback(u.Hostname()):
		fault.Reason = "plain http is for loopback only; use https://"
	case u.Scheme != "https" && u.Scheme != "http":
		fault.Reason = "it must start with https://"
	default:
		return u, nil
	}
	return nil, fault
}

// reserved are the headers that belong to the protocol and to the connection. In a request's
// own Header they are ignored.
var reserved = map[string]bool{
	"Accept": true, "Accept-Encoding": true, "Apollographql-Client-Name": true,
	"Apollographql-Client-Version": true, "Authorization": true, "Connection": true,
	"Content-Encoding": true, "Content-Length": true, "Content-Type": true, "Host": true,
	"Sec-Websocket-Extensions": true, "Sec-Websocket-Key": true, "Sec-Websocket-Protocol": true,
	"Sec-Websocket-Version": true, "Transfer-Encoding": true, "Upgrade": true,
	"User-Agent": true, "X-Tenant-Context": true,
}

// unreplayed returns a spelling of a header's name by which net/http does not know it. With one
// of these headers it repeats a POST by itself if the connection breaks after the request was sent,
// and whether a mutation may be repeated is for [Retry] to decide. Servers ignore the case.
func unreplayed(key string) string {
	switch key {
	case "Idempotency-Key", "X-Idempotency-Key":
		return strings.ToLower(key)
	}
	return key
}

// header returns the headers of a request, those of docs/protocol.md#graphql and the caller's own.
func (h *HTTP) header(req *core.Request) http.Header {
	name, version := cmp.Or(h.Name, "taegis-go"), cmp.Or(h.Version, "dev")
	header := make(http.Header, 8+len(req.Header))
	values := make([]string, 0, 8) // in one piece, as http.Header.Clone has them
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
	if req.Tenant != "" {
		set("X-Tenant-Context", req.Tenant)
	}
	for key, values := range req.Header {
		if key = http.CanonicalHeaderKey(key); !reserved[key] {
			key = unreplayed(key)
			header[key] = append(header[key], values...)
		}
	}
	return header
}
