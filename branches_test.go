package taegis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// lab starts another server and returns it as an environment. It has the same client, so that
// only its tokens are its own.
func lab(t *testing.T, name string) (*emulator.Server, core.Environment) {
	t.Helper()
	server := taegistest.NewServer(t, func(c *emulator.Config) { c.RecordSecrets, c.AnyTenant = true, true })
	environment, err := core.NewEnvironment(name, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return server, environment
}

// A thousand callers at once, each with a tenant of its own, in one of two environments.
func TestEnvironmentsAndTenantsDoNotMix(t *testing.T) {
	here := newLoginServer(t, func(c *emulator.Config) { c.RecordSecrets = true })
	here.asClient()
	there, others := lab(t, "remote")
	c := here.client(t)

	var callers sync.WaitGroup
	for i := range 1000 {
		callers.Go(func() {
			tenant := fmt.Sprintf("here-%d", i)
			ctx := t.Context()
			if i%2 == 1 {
				tenant = fmt.Sprintf("there-%d", i)
				ctx = taegis.ContextWithCustomEnvironment(ctx, others)
			}
			ctx = taegis.ContextWithHeader(taegis.ContextWithTenant(ctx, tenant), "X-Tenant-Copy", tenant)
			if _, err := clients.New(c).ClientsSearch(ctx, clients.ClientsSearchArgs{}); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()

	tokens := map[string]string{}
	for side, server := range map[string]*emulator.Server{"here": here.Server, "there": there} {
		if n := server.Count(tokenRoute); n != 1 {
			t.Errorf("%s: %d logins, want 1", side, n)
		}
		calls := 0
		for _, r := range server.Requests() {
			if !slices.Contains(r.Operations, "clientsSearch") {
				continue
			}
			calls++
			if !strings.HasPrefix(r.Tenant, side) || r.Tenant != r.Header.Get("X-Tenant-Copy") {
				t.Errorf("%s: tenant %q with %q", side, r.Tenant, r.Header.Get("X-Tenant-Copy"))
			}
			token := r.Header.Get("Authorization")
			if other, seen := tokens[token]; seen && other != side {
				t.Errorf("a token of %s was sent %s", other, side)
			}
			tokens[token] = side
		}
		if calls != 500 {
			t.Errorf("%s: %d calls, want 500", side, calls)
		}
	}
	if len(tokens) != 2 {
		t.Errorf("%d tokens, want one for each environment", len(tokens))
	}
}

func TestAnotherEnvironmentHasItsOwnVariables(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	d.AddClient(emulator.Client{ID: "delta-client", Secret: "delta-secret"})
	d.env["DELTA_ID"], d.env["DELTA_SECRET"] = "delta-client", "delta-secret"
	file := &tokenstore.File{Path: d.config}
	for key, variable := range map[string]string{"client_id": "DELTA_ID", "client_secret": "DELTA_SECRET"} {
		if err := file.Set(t.Context(), "delta", key, variable); err != nil {
			t.Fatal(err)
		}
	}
	c := d.client(t) // at a base URL, which stands for every environment
	for name, want := range map[string]string{"": emulator.DemoClientID, "charlie": emulator.DemoClientID, "delta": "delta-client", "us2": "delta-client"} {
		ctx := taegis.ContextWithEnvironment(t.Context(), name)
		token, err := c.Token(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if claims, _ := token.Claims(); claims.ClientID != want {
			t.Errorf("%q: a token of %q, want %q", name, claims.ClientID, want)
		}
		if source, err := c.TokenSource(ctx).Token(); err != nil || source.AccessToken != token.AccessToken.Reveal() {
			t.Errorf("%q: another token from the source, %v", name, err)
		}
	}
}

func TestMethodsUseTheContextsEnvironment(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	there, others := lab(t, "remote")
	c := d.client(t)
	ctx := taegis.ContextWithCustomEnvironment(t.Context(), others)
	if _, err := c.Login(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Login(ctx); err != nil {
		t.Fatal(err)
	}
	d.wantCount(t, tokenRoute, 0)
	if n := there.Count(tokenRoute); n != 2 {
		t.Errorf("%d logins there, want 2", n)
	}
	for want, ctx := range map[bool]context.Context{true: ctx, false: t.Context()} {
		steps, err := c.Explain(ctx)
		if err != nil || len(steps) < 2 || steps[1].Authenticator != "client-credentials" || steps[1].Stored.IsZero() == want {
			t.Errorf("explained: %+v, %v", steps, err)
		}
	}
	call(t, c)
	if err := c.ClearTokens(ctx); err != nil {
		t.Fatal(err)
	}
	call(t, c)
	d.wantCount(t, tokenRoute, 1)
	if _, err := c.Token(ctx); err != nil {
		t.Fatal(err)
	}
	if n := there.Count(tokenRoute); n != 3 {
		t.Errorf("%d logins there, want a third after the token was cleared", n)
	}
}

func TestATokenThatWasGivenStaysInItsEnvironment(t *testing.T) {
	d := newLoginServer(t)
	there, others := lab(t, "remote")
	own := core.NewSecret(d.Token(emulator.DemoUser))
	elsewhere := taegis.ContextWithCustomEnvironment(t.Context(), others)
	inVariable := newLoginServer(t)
	inVariable.env["TAEGIS_ACCESS_TOKEN"] = own.Reveal()
	for name, call := range map[string]struct {
		client *taegis.Client
		ctx    context.Context
	}{
		"static":   {d.client(t, taegis.WithAuthenticators(&authn.StaticToken{Token: own})), elsewhere},
		"variable": {inVariable.client(t), elsewhere},
		"context":  {d.client(t), taegis.ContextWithCustomEnvironment(taegis.ContextWithAccessToken(t.Context(), own), others)},
		"context, and taken back": {
			d.client(t, taegis.WithEnvironments(others), taegis.WithEnvironment(others.Name), taegis.WithBaseURL("")),
			taegis.ContextWithEnvironment(taegis.ContextWithAccessToken(taegis.ContextWithCustomEnvironment(t.Context(), d.Environment), own), ""),
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := search(call.ctx, call.client)
			if err == nil || !strings.Contains(err.Error(), "the access token") || !strings.Contains(err.Error(), " is for ") {
				t.Errorf("call: %v", err)
			}
			if _, err := call.client.Token(call.ctx); err == nil {
				t.Error("the token was given out")
			}
		})
	}
	if n := len(there.Requests()); n != 0 {
		t.Errorf("%d requests went there", n)
	}
	if err := search(taegis.ContextWithAccessToken(elsewhere, core.NewSecret(there.Token(emulator.DemoUser))), d.client(t)); err != nil {
		t.Errorf("a token of that environment: %v", err)
	}
}

// A middleware may send a request elsewhere; the context's token does not go along.
func TestATokenOfTheContextDoesNotFollowAMiddleware(t *testing.T) {
	d := newLoginServer(t)
	there, others := lab(t, "remote")
	reroute := func(next ports.Transport) ports.Transport { return rerouting{next, others} }
	ctx := taegis.ContextWithAccessToken(t.Context(), core.NewSecret(d.Token(emulator.DemoUser)))
	c := d.client(t, taegis.WithMiddleware(reroute))
	if err := search(ctx, c); err == nil || !strings.Contains(err.Error(), " is for ") {
		t.Errorf("call: %v", err)
	}
	for _, err := range c.Subscribe(ctx, &core.Request{Operation: &core.Operation{Name: "eventPage", Kind: core.KindSubscription}}) {
		if err == nil || !strings.Contains(err.Error(), " is for ") {
			t.Errorf("subscription: %v", err)
		}
	}
	if n := len(there.Requests()) + len(d.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// rerouting is a middleware that sends everything to one environment.
type rerouting struct {
	ports.Transport
	to core.Environment
}

func (r rerouting) Execute(ctx context.Context, req *core.Request, out any) error {
	return r.Transport.Execute(ctx, r.rerouted(req), out)
}

func (r rerouting) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return r.Transport.Subscribe(ctx, r.rerouted(req))
}

func (r rerouting) rerouted(req *core.Request) *core.Request {
	changed := *req
	changed.Environment = r.to
	return &changed
}

// After a region is cleared, the token that another of its names has in memory must not be used.
func TestClearingAnEnvironmentClearsItsOtherNames(t *testing.T) {
	for name, options := range map[string][]taegis.Option{
		"names of a region": nil, "one universal host": {taegis.WithUniversalAuth()},
	} {
		t.Run(name, func(t *testing.T) {
			d := newLoginServer(t)
			d.asClient()
			c := d.client(t, options...)
			alias := taegis.ContextWithEnvironment(t.Context(), "us1")
			for range 2 {
				for _, ctx := range []context.Context{t.Context(), alias} {
					if _, err := c.Token(ctx); err != nil {
						t.Fatal(err)
					}
				}
			}
			before := d.Count(tokenRoute)
			if err := c.ClearTokens(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Token(alias); err != nil {
				t.Fatal(err)
			}
			d.wantCount(t, tokenRoute, before+1)
		})
	}
}

func TestUniversalAuthenticationNeedsOneToken(t *testing.T) {
	fakedUniversal, fake := faked(t, taegis.WithUniversalAuth())
	if err := search(taegis.ContextWithEnvironment(t.Context(), "us2"), fakedUniversal); err != nil {
		t.Fatal(err)
	}
	if r := fake.Requests()[0]; r.Token.Reveal() != "of-the-client" || r.Environment.Canonical != "delta" || r.Environment.Section() != core.UniversalSection {
		t.Errorf("%+v", r)
	}
}

// A transport of the caller's own gets every environment's requests, each with its token.
func TestATransportOfOnesOwnServesAllEnvironments(t *testing.T) {
	perEnvironment := trace(func(req core.LoginRequest) core.Token {
		return core.NewToken("token-of-"+req.Environment.Canonical, req.Time())
	})
	client, fake := faked(t, taegis.WithAuthenticators(perEnvironment))
	for _, name := range []string{"", "us2", "echo", "US2"} {
		if err := search(taegis.ContextWithEnvironment(t.Context(), name), client); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"charlie", "delta", "echo", "delta"} {
		if r := fake.Requests()[i]; r.Environment.Canonical != want || r.Token.Reveal() != "token-of-"+want {
			t.Errorf("call %d went to %s with %s", i, r.Environment.Canonical, r.Token.Reveal())
		}
	}
}

// A request with its own environment is not sent with the client's token.
func TestARequestsOwnEnvironmentGetsItsOwnToken(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	there, others := lab(t, "remote")
	c := d.client(t)
	call(t, c)
	req := *pages
	req.Operation, req.Document, req.Environment = &core.Operation{Name: "clientsSearch", Kind: core.KindQuery}, "query clientsSearch { clientsSearch { totalCount } }", others
	if err := c.Execute(t.Context(), &req, nil); err != nil {
		t.Fatal(err)
	}
	if n := there.Count(tokenRoute); n != 1 {
		t.Errorf("%d logins there, want 1", n)
	}
	for _, r := range there.Requests() {
		if r.Status == http.StatusUnauthorized {
			t.Error("a token of another environment was tried")
		}
	}
}

func TestCloseClosesEveryEnvironment(t *testing.T) {
	client, _ := faked(t, taegis.WithAuthenticators(trace(func(req core.LoginRequest) core.Token { return core.NewToken("x", req.Time()) })))
	used, unused := taegis.ContextWithEnvironment(t.Context(), "delta"), taegis.ContextWithEnvironment(t.Context(), "echo")
	if err := search(used, client); err != nil {
		t.Fatal(err)
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	for name, ctx := range map[string]context.Context{"own": t.Context(), "used": used, "unused": unused} {
		if err := search(ctx, client); !errors.Is(err, core.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// trace is an authenticator that returns a token for each environment.
type trace func(core.LoginRequest) core.Token

func (trace) Account(context.Context, core.LoginRequest) (core.Account, error) { return "", nil }

func (l trace) Authenticate(_ context.Context, req core.LoginRequest) (core.Token, error) {
	return l(req), nil
}
