//go:build unix

package leaks

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
)

// pair is two environments: a token of the first must not get to the hosts of the second.
type pair struct {
	*testing.T
	all      []core.Environment
	from, to core.Environment
	tried    *int
}

// TestTokensStayOnTheirPlatform tries all pairs of environments of both platforms, two of them
// custom ones.
func TestTokensStayOnTheirPlatform(t *testing.T) {
	all, tried := pairedEnvironments(t), 0
	for _, from := range all {
		for _, to := range all {
			if from.Name == to.Name {
				continue
			}
			t.Run(from.Name+" to "+to.Name, func(t *testing.T) {
				p := pair{t, all, from, to, &tried}
				p.contexts()
				p.variables()
				p.givenTokens()
				p.redirects()
				if from.Platform != to.Platform {
					p.oneBase()
					p.foreignTokens()
				}
			})
		}
	}
	stress.Report(t, stress.Leaks, "tokens and secrets of one environment used with another, of the same and of the other platform",
		"0 at hosts that they are not for", "%d ways tried, failures: %v", tried, t.Failed())
}

func pairedEnvironments(t *testing.T) []core.Environment {
	t.Helper()
	var list []core.Environment
	for _, name := range []string{"charlie", "delta", "fusion"} {
		e, err := core.FindEnvironment(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	for name, platform := range map[string]core.Platform{"lab": core.PlatformTaegis, "next": core.PlatformFusion} {
		e, err := core.NewEnvironment(name, "https://api."+name+".example")
		if err != nil {
			t.Fatal(err)
		}
		e.Platform, e.AuthURL = platform, "https://id."+name+".example"
		list = append(list, e)
	}
	return list
}

func (p pair) client(n *network, environment string, options ...taegis.Option) *taegis.Client {
	p.Helper()
	client, err := n.client(append([]taegis.Option{
		taegis.WithEnvironments(p.all[3:]...), taegis.WithEnvironment(environment),
	}, options...)...)
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = client.Close() })
	return client
}

// check looks for tokens and secrets at the hosts of an environment that they are not for.
func (p pair) check(way string, n *network) {
	p.Helper()
	*p.tried++
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.sent {
		for _, e := range p.all {
			token := mint(e.AuthHost())
			if strings.Contains(s.text, token[strings.LastIndex(token, ".")+1:]) && !slices.Contains(hostsOf(e), s.host) {
				p.Errorf("%s: a token of %s was sent to %s", way, e.Name, s.host)
			}
			secret, header := "leak-client", "X-Tenant-Context:"
			if e.Platform == core.PlatformTaegis {
				secret, header = sophosSecret, "X-Tenant-Id:"
			}
			basic := base64.StdEncoding.EncodeToString([]byte(clientID + ":" + clientSecret))
			isForeign := strings.Contains(s.text, secret) || e.Platform == core.PlatformFusion && strings.Contains(s.text, basic)
			if slices.Contains(hostsOf(e), s.host) && (isForeign || strings.Contains(s.text, header)) {
				p.Errorf("%s: %s got what is of the other platform:\n%s", way, s.host, s.text)
			}
		}
	}
}

// contexts switch to the other environment and back.
func (p pair) contexts() {
	n := new(network)
	client := p.client(n, p.from.Name)
	for _, ctx := range []context.Context{p.Context(), taegis.ContextWithEnvironment(p.Context(), p.to.Name), p.Context()} {
		if client.Execute(ctx, query(subject), nil) != nil {
			p.Error("a call with credentials for both failed")
		}
	}
	custom := p.client(n, p.from.Name)
	for _, ctx := range []context.Context{p.Context(), taegis.ContextWithCustomEnvironment(p.Context(), p.to)} {
		try(ctx, custom, subject)
	}
	p.check("contexts", n)
}

// variables choose the environment of two processes that share a store.
func (p pair) variables() {
	n := new(network)
	path := filepath.Join(p.TempDir(), "config")
	for _, name := range []string{p.from.Name, p.to.Name} {
		variables := map[string]string{"TAEGIS_ENVIRONMENT": name, "SOPHOS_CLIENT_ID": "of-fusion", "SOPHOS_CLIENT_SECRET": sophosSecret}
		if name == p.from.Name {
			variables["CLIENT_ID"], variables["CLIENT_SECRET"] = clientID, clientSecret
		}
		client, err := n.client(taegis.WithEnvironments(p.all[3:]...), taegis.WithTokenStore(&tokenstore.File{Path: path}),
			taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := variables[name]; return value, ok }))
		if err != nil {
			p.Fatal(err)
		}
		try(p.Context(), client, subject)
		if client.Environment().Name != name {
			p.Errorf("the environment %q", client.Environment().Name)
		}
	}
	p.check("variables", n)
}

// givenTokens are those of a context and of an option, for the first environment.
func (p pair) givenTokens() {
	n := new(network)
	token := core.NewSecret(mint(p.from.AuthHost()))
	client := p.client(n, p.from.Name)
	ctx := taegis.ContextWithAccessToken(p.Context(), token)
	try(ctx, client, subject)
	try(taegis.ContextWithEnvironment(ctx, p.to.Name), client, subject)
	static := p.client(n, p.from.Name, taegis.WithAuthenticators(&authn.StaticToken{Token: token}))
	try(p.Context(), static, subject)
	if !try(taegis.ContextWithEnvironment(p.Context(), p.to.Name), static, subject) {
		p.Error("a call without a token succeeded")
	}
	p.check("given tokens", n)
}

// redirects lead from each path of the one to a host of the other.
func (p pair) redirects() {
	for _, status := range allRedirects {
		for _, at := range []string{"/token", "/whoami/v1", "/graphql"} {
			n := &network{answer: func(r *http.Request) *http.Response {
				if strings.HasSuffix(r.URL.Path, at) && slices.Contains(hostsOf(p.from), r.URL.Host) {
					return reply(r, status, "", "Location", p.to.APIURL+at)
				}
				return nil
			}}
			try(p.Context(), p.client(n, p.from.Name), subject)
			p.check("a redirect at "+at, n)
			for _, s := range n.sent {
				if slices.Contains(hostsOf(p.to), s.host) {
					p.Errorf("the redirect %d at %s was followed", status, at)
				}
			}
		}
	}
}

// oneBase has both platforms at one host, for example that of a proxy.
func (p pair) oneBase() {
	n := &network{answer: func(r *http.Request) *http.Response {
		minted := map[string]string{"/auth/api/v2/auth/token": "taegis.example", "/api/v2/oauth2/token": "fusion.example"}[r.URL.Path]
		if minted == "" {
			return nil
		}
		return reply(r, http.StatusOK, `{"access_token": "`+mint(minted)+`", "expires_in": 3600}`)
	}}
	client := p.client(n, p.from.Name, taegis.WithBaseURL("https://proxy.example"))
	other := taegis.ContextWithEnvironment(p.Context(), p.to.Name)
	given := taegis.ContextWithAccessToken(p.Context(), core.NewSecret(mint("given.example")))
	if client.Execute(p.Context(), query(subject), nil) != nil || client.Execute(other, query(subject), nil) != nil {
		p.Error("a call with credentials for both failed")
	}
	if client.Execute(taegis.ContextWithEnvironment(given, p.to.Name), query(subject), nil) == nil {
		p.Error("the context's token was used on the other platform")
	}
	*p.tried++
	for _, s := range n.sent {
		isFusion := strings.Contains(s.text, "X-Tenant-Id:") || strings.Contains(s.text, "/whoami/v1") || strings.Contains(s.text, "/api/v2/oauth2")
		stray := "fusion.example"
		if isFusion {
			stray = "taegis.example"
		}
		token := mint(stray)
		if strings.Contains(s.text, token[strings.LastIndex(token, ".")+1:]) {
			p.Errorf("one base: a token of %s is in\n%s", stray, s.text)
		}
	}
}

// foreignTokens claim the one platform and are set for the other: by a variable, a context, an
// option and a file that another program has written.
func (p pair) foreignTokens() {
	claims := map[string]any{"exp": time.Now().Add(time.Hour).Unix(), "iss": "https://id.sophos.com"}
	if p.from.Platform == core.PlatformTaegis {
		claims = map[string]any{"exp": claims["exp"], "https://missione/octolabs/io/tenantIds": []string{"145831"}}
	}
	text, err := json.Marshal(claims)
	if err != nil {
		p.Fatal(err)
	}
	const signature = "Zm9yZWlnbi10b2tlbg"
	token := "e30." + base64.RawURLEncoding.EncodeToString(text) + "." + signature
	path := filepath.Join(p.TempDir(), "config")
	if err := os.WriteFile(path, []byte("["+p.to.Name+"]\naccess_token = "+token+"\n"), 0o600); err != nil {
		p.Fatal(err)
	}
	n := new(network)
	withToken := taegis.WithLookupEnv(func(name string) (string, bool) { return token, name == "TAEGIS_ACCESS_TOKEN" })
	try(p.Context(), p.client(n, p.to.Name, withToken), subject)
	try(p.Context(), p.client(n, p.to.Name, taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret(token)})), subject)
	try(p.Context(), p.client(n, p.to.Name, taegis.WithTokenStore(&tokenstore.File{Path: path})), subject)
	try(taegis.ContextWithAccessToken(p.Context(), core.NewSecret(token)), p.client(n, p.to.Name), subject)
	process := &authn.CredentialProcess{Command: []string{"/bin/echo", `{"access_token": "` + token + `"}`}}
	try(p.Context(), p.client(n, p.to.Name, taegis.WithAuthenticators(process)), subject)
	for _, s := range n.sent {
		if strings.Contains(s.text, signature) {
			p.Errorf("a foreign token was sent to %s", s.host)
		}
	}
	own := new(network) // the same ways work with the platform of the token
	if try(p.Context(), p.client(own, p.from.Name, withToken), subject) && p.from.Platform == core.PlatformTaegis {
		p.Error("the token does not work on its own platform")
	}
	if !slices.ContainsFunc(own.sent, func(s sending) bool { return strings.Contains(s.text, signature) }) {
		p.Error("the token was not sent to its own platform")
	}
}
