package taegis_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

const (
	tokenRoute  = "/auth/api/v2/auth/token"
	userRoute   = "/universal-auth/token"
	deviceRoute = "/universal-auth/device/code/token"
)

// loginServer is the environment of a program: a server, a configuration file, variables and a
// user.
type loginServer struct {
	*emulator.Server
	config string
	env    map[string]string
	prompt core.Prompt
	log    strings.Builder
}

func newLoginServer(t *testing.T, changes ...func(*emulator.Config)) *loginServer {
	t.Helper()
	anyTenant := func(c *emulator.Config) { c.AnyTenant = true }
	server := taegistest.NewServer(t, append(changes, anyTenant)...)
	return &loginServer{
		Server: server, config: filepath.Join(t.TempDir(), "config"),
		env: map[string]string{"TAEGIS_API_URL": server.URL},
	}
}

// client starts a program.
func (d *loginServer) client(t *testing.T, options ...taegis.Option) *taegis.Client {
	t.Helper()
	defaults := []taegis.Option{
		taegis.WithConfigFile(d.config),
		taegis.WithPrompt(d.prompt),
		taegis.WithLogger(slog.New(slog.NewTextHandler(&d.log, nil))),
		taegis.WithLookupEnv(func(name string) (string, bool) {
			value, ok := d.env[name]
			return value, ok
		}),
	}
	c, err := taegis.New(append(defaults, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// asClient sets the variables of the server's demo client.
func (d *loginServer) asClient() {
	d.env["CLIENT_ID"], d.env["CLIENT_SECRET"] = emulator.DemoClientID, emulator.DemoClientSecret
}

// wantCount fails the test unless a route has had so many requests.
func (d *loginServer) wantCount(t *testing.T, route string, want int) {
	t.Helper()
	if n := d.Count(route); n != want {
		t.Errorf("%d requests to %s, want %d", n, route, want)
	}
}

// call makes a call that needs a token.
func call(t *testing.T, c *taegis.Client) {
	t.Helper()
	if _, err := clients.New(c).ClientsSearch(t.Context(), clients.ClientsSearchArgs{}); err != nil {
		t.Fatal(err)
	}
}

// answers is a prompt that returns the given lines and approves every verification page.
func (d *loginServer) answers(t *testing.T, lines ...string) {
	next := func() string {
		if len(lines) == 0 {
			t.Error("one question too many")
			return ""
		}
		line := lines[0]
		lines = lines[1:]
		return line
	}
	d.prompt = core.Prompt{
		AskText:   func(context.Context, string) (string, error) { return next(), nil },
		AskSecret: func(context.Context, string) (core.Secret, error) { return core.NewSecret(next()), nil },
		ShowVerification: func(_ context.Context, page core.Verification) error {
			return d.Approve(page.UserCode, "")
		},
	}
}

func TestCreateAClientAndLogInAsIt(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	made, err := clients.New(d.client(t)).CreateClient(t.Context(), clients.CreateClientArgs{Name: "my_awesome_app"})
	if err != nil || made.ClientSecret == "" || made.Client.ClientID == "" || made.Client.Name != "my_awesome_app" {
		t.Fatalf("%+v, %v", made, err)
	}
	call(t, d.client(t, taegis.WithAuthenticators(&authn.ClientCredentials{
		ID: made.Client.ClientID, Secret: core.NewSecret(made.ClientSecret),
	})))
}

func TestClientCredentialsOnceThenTheCache(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	call(t, d.client(t))
	call(t, d.client(t))
	d.wantCount(t, tokenRoute, 1)
	if info, err := os.Stat(d.config); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestVariablesRenamedPerEnvironment(t *testing.T) {
	d := newLoginServer(t)
	file := &tokenstore.File{Path: d.config}
	for key, value := range map[string]string{"CLIENT_ID": "CHARLIE_CLIENT_ID", "CLIENT_SECRET": "CHARLIE_CLIENT_SECRET"} {
		if err := file.Set(t.Context(), "charlie", key, value); err != nil {
			t.Fatal(err)
		}
	}
	d.env["CLIENT_ID"], d.env["CLIENT_SECRET"] = "of another environment", "wrong"
	_, err := d.client(t).Token(t.Context())
	if err == nil || !strings.Contains(err.Error(), "CHARLIE_CLIENT_ID") || !strings.Contains(err.Error(), d.config) {
		t.Errorf("the renamed variable is unset: %v", err)
	}
	d.env["CHARLIE_CLIENT_ID"], d.env["CHARLIE_CLIENT_SECRET"] = emulator.DemoClientID, emulator.DemoClientSecret
	call(t, d.client(t))
	call(t, d.client(t, taegis.WithEnvironment("us1"))) // an alias without a section of its own
}

func TestASecretInPlaceOfAVariablesNameIsNotShown(t *testing.T) {
	d := newLoginServer(t)
	if err := (&tokenstore.File{Path: d.config}).Set(t.Context(), "charlie", "client_secret", "s3cr3t-itself"); err != nil {
		t.Fatal(err)
	}
	d.env["CLIENT_ID"] = emulator.DemoClientID
	if _, err := d.client(t).Token(t.Context()); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("error: %v", err)
	}
}

func TestUserBySingleSignOn(t *testing.T) {
	for name, device := range map[string]emulator.Device{"held": {}, "polling": {Poll: true, SlowDown: 1}} {
		for generation, endpoints := range map[string]func(*emulator.Config){
			"newer": func(c *emulator.Config) { c.Endpoints = emulator.EndpointsCurrent },
			"older": func(c *emulator.Config) { c.Endpoints = emulator.EndpointsLegacy },
		} {
			t.Run(name+"/"+generation, func(t *testing.T) {
				t.Parallel()
				d := newLoginServer(t, endpoints, func(c *emulator.Config) { c.Device = device })
				d.answers(t, emulator.DemoSSOUser)
				call(t, d.client(t))
				d.prompt = core.Prompt{} // the next program cannot prompt, and uses the token
				call(t, d.client(t))
			})
		}
	}
}

func TestUserByPassword(t *testing.T) {
	for name, c := range map[string]struct {
		lines  []string
		change func(*emulator.Config)
	}{
		"no second factor":      {lines: []string{emulator.DemoUser, emulator.DemoPassword}},
		"second factor":         {lines: []string{emulator.DemoMFAUser, emulator.DemoPassword, emulator.DemoMFACode}},
		"wrong code, right one": {lines: []string{emulator.DemoMFAUser, emulator.DemoPassword, "000000", emulator.DemoMFACode}},
		"second factor by 403": {
			lines:  []string{emulator.DemoMFAUser, emulator.DemoPassword, emulator.DemoMFACode},
			change: func(c *emulator.Config) { c.MFAStatus = 403 },
		},
		"older endpoints": {
			lines:  []string{emulator.DemoMFAUser, emulator.DemoPassword, emulator.DemoMFACode},
			change: func(c *emulator.Config) { c.Endpoints = emulator.EndpointsLegacy },
		},
		"no way to ask which way": {
			lines:  []string{emulator.DemoUser},
			change: func(c *emulator.Config) { c.NoUserLogin = true },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newLoginServer(t, func(config *emulator.Config) {
				if c.change != nil {
					c.change(config)
				}
			})
			d.answers(t, c.lines...)
			call(t, d.client(t))
		})
	}
}

func TestAWrongPasswordGoesOutOnce(t *testing.T) {
	d := newLoginServer(t)
	d.answers(t, emulator.DemoUser, "wrong")
	_, err := d.client(t).Token(t.Context())
	if login, ok := errors.AsType[*core.LoginError](err); !ok || !login.Denied || !errors.Is(err, core.ErrDenied) {
		t.Errorf("error: %v", err)
	}
	d.wantCount(t, userRoute, 1)
}

func TestARevokedTokenCostsOneRefreshAndNoCall(t *testing.T) {
	for name, inBand := range map[string]bool{"status 401": false, "status 200": true} {
		t.Run(name, func(t *testing.T) {
			d := newLoginServer(t, func(c *emulator.Config) { c.RejectInBand = inBand })
			d.asClient()
			c := d.client(t)
			call(t, c)
			d.RevokeAll()
			call(t, c)
			d.wantCount(t, tokenRoute, 2)
			call(t, d.client(t))
			d.wantCount(t, tokenRoute, 2)
		})
	}
}

func TestADroppedTokenCostsOneRefresh(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	call(t, d.client(t))
	if err := os.WriteFile(d.config, nil, 0o600); err != nil { // as another program may
		t.Fatal(err)
	}
	call(t, d.client(t))
	d.wantCount(t, tokenRoute, 2)
}

func TestAnotherClientIDDoesNotUseTheOldToken(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	call(t, d.client(t))
	d.AddClient(emulator.Client{ID: "second", Secret: "second-secret"})
	d.env["CLIENT_ID"], d.env["CLIENT_SECRET"] = "second", "second-secret"
	c := d.client(t)
	call(t, c)
	d.wantCount(t, tokenRoute, 2)
	token, err := c.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if claims, _ := token.Claims(); claims.ClientID != "second" {
		t.Errorf("the token names %q", claims.ClientID)
	}
	d.asClient()
	call(t, d.client(t)) // the first client's token has only moved aside
	d.wantCount(t, tokenRoute, 2)
}

func TestClearToken(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	c := d.client(t)
	call(t, c)
	if err := c.ClearTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(d.config)
	if err != nil || !strings.Contains(string(text), "access_token = \n") || strings.Contains(string(text), "owner") {
		t.Errorf("%q, %v", text, err)
	}
	call(t, c)
	d.wantCount(t, tokenRoute, 2)
}

func TestNoPrompt(t *testing.T) {
	d := newLoginServer(t)
	start := time.Now()
	_, err := d.client(t).Token(t.Context())
	chain, ok := errors.AsType[*core.ChainError](err)
	if !ok || chain.Failed() != nil || len(chain.Attempts) != 3 || time.Since(start) > 10*time.Second {
		t.Fatalf("after %v: %v", time.Since(start), err)
	}
	for _, part := range []string{"not logged in to charlie", "CLIENT_ID", "client-credentials", "interactive", "log in from a terminal"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in: %v", part, err)
		}
	}
	t.Logf("said so in %v", time.Since(start))
}

func TestTokenFromAVariableIsNeverStored(t *testing.T) {
	d := newLoginServer(t)
	d.env["TAEGIS_ACCESS_TOKEN"] = d.Token(emulator.DemoUser)
	call(t, d.client(t))
	if _, err := os.Stat(d.config); !os.IsNotExist(err) {
		t.Errorf("the configuration file: %v", err)
	}
}

func TestTokenSource(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	c := d.client(t)
	token, err := c.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, err := c.TokenSource(t.Context()).Token()
	if err != nil || other.AccessToken != token.AccessToken.Reveal() || !other.Expiry.Equal(token.Expiry) || other.Type() != "Bearer" {
		t.Errorf("%v, %v", other, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.TokenSource(t.Context()).Token(); !errors.Is(err, core.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestCloseClosesTheAuthenticators(t *testing.T) {
	authenticator := &closable{StaticToken: authn.StaticToken{Token: core.NewSecret("x")}}
	if err := newLoginServer(t).client(t, taegis.WithAuthenticators(authenticator)).Close(); err == nil || !authenticator.closed {
		t.Errorf("closed %v, %v", authenticator.closed, err)
	}
}

type closable struct {
	authn.StaticToken
	closed bool
}

func (c *closable) Close() error {
	c.closed = true
	return errors.New("did not want to")
}

func TestTenantTimeoutAndMiddleware(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	var seen *core.Request
	spy := func(next ports.Transport) ports.Transport { return spying{next, &seen} }
	c := d.client(t, taegis.WithTenant("00000"), taegis.WithMiddleware(spy), taegis.WithTimeout(time.Minute))
	call(t, c)
	if seen.Tenant != "00000" || seen.Timeout != time.Minute || !seen.Token.IsZero() || seen.Environment.APIURL != d.URL {
		t.Errorf("middleware saw %+v", seen)
	}
	requests := d.Requests()
	if last := requests[len(requests)-1]; last.Tenant != "00000" {
		t.Errorf("the server saw tenant %q", last.Tenant)
	}
}

type spying struct {
	ports.Transport
	seen **core.Request
}

func (s spying) Execute(ctx context.Context, req *core.Request, out any) error {
	*s.seen = req
	return s.Transport.Execute(ctx, req, out)
}

func TestATimeoutBoundsARequest(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	d.AddFault("clientsSearch", emulator.Fault{Delay: time.Minute})
	c := d.client(t, taegis.WithTimeout(50*time.Millisecond), taegis.WithRetry(core.RetryLimits{MaxTries: 1}))
	_, err := clients.New(c).ClientsSearch(t.Context(), clients.ClientsSearchArgs{})
	if _, ok := errors.AsType[*core.ConnectionError](err); !ok {
		t.Errorf("error: %v", err)
	}
}

func TestASubscription(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	operation := &core.Operation{Name: "eventQuery", Kind: core.KindSubscription, Gateway: "/events/query"}
	req := &core.Request{Operation: operation, Document: `subscription eventQuery { eventQuery(query: "FROM process | head 1") { next } }`}
	n := 0
	for message, err := range d.client(t).Subscribe(t.Context(), req) {
		if err != nil || !json.Valid(message) {
			t.Fatalf("%s, %v", message, err)
		}
		n++
	}
	if n == 0 {
		t.Error("no message")
	}
}

func TestManyCallersStartTogether(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	c := d.client(t)
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() { call(t, c) })
	}
	callers.Wait()
	d.wantCount(t, tokenRoute, 1)
}
