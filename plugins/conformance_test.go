package plugins_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/digest"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports/portstest"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// TestConformance runs the SDK's own authenticators as plugins: they keep the contract there as
// they do in process.
func TestConformance(t *testing.T) {
	secrets := []string{emulator.DemoClientSecret, emulator.DemoPassword, emulator.DemoMFACode}
	for act, test := range map[string]struct {
		variables map[string]string
		answers   []string
	}{
		"opaque":   {},
		"client":   {variables: map[string]string{"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret}},
		"device":   {},
		"password": {answers: []string{emulator.DemoMFAUser, emulator.DemoPassword, emulator.DemoMFACode}},
	} {
		t.Run(act, func(t *testing.T) {
			portstest.Authenticator(t, func(t *testing.T) portstest.Login {
				server := taegistest.NewServer(t)
				s := play(t, act)
				for name, value := range test.variables {
					s.Env = append(s.Env, name)
					s.variables[name] = value
				}
				answers := slices.Clone(test.answers)
				next := func() string { answer := answers[0]; answers = answers[1:]; return answer }
				req := s.request()
				req.Environment = server.Environment
				req.Prompt = core.Prompt{
					ShowVerification: func(_ context.Context, page core.Verification) error { return server.Approve(page.UserCode, "") },
					AskText:          func(context.Context, string) (string, error) { return next(), nil },
					AskSecret: func(context.Context, string) (core.Secret, error) {
						return core.NewSecret(next()), nil
					},
				}
				return portstest.Login{Authenticator: s.open(t), Request: req, Secrets: secrets}
			})
		})
	}
}

// What an authenticator was given for the client's own environment it can keep from another one.
func TestAPluginKnowsTheClientsOwnEnvironment(t *testing.T) {
	s := play(t, "given")
	req := s.request()
	if token, err := s.open(t).Authenticate(t.Context(), req); err != nil || token.AccessToken.Reveal() != "opaque" {
		t.Errorf("%+v, %v", token, err)
	}
	req.HomeEnvironment = "delta"
	if token, err := s.open(t).Authenticate(t.Context(), req); !errors.Is(err, core.ErrUnavailable) || !strings.Contains(err.Error(), "is for delta") {
		t.Errorf("%+v, %v", token, err)
	}
}

// A plugin names the application in its login requests, as an authenticator in process does.
func TestAPluginKnowsTheUserAgent(t *testing.T) {
	s := play(t, "agent")
	req := s.request()
	req.UserAgent = core.UserAgent("", "1", core.Application{Name: "acme-soc", Version: "1.2"})
	token, err := s.open(t).Authenticate(t.Context(), req)
	if err != nil || token.AccessToken.Reveal() != "agent."+digest.Of(req.UserAgent) {
		t.Errorf("%+v, %v", token, err)
	}
}

// TestOutcomes checks that what an authenticator answers means the same to the chain as if it
// were in process.
func TestOutcomes(t *testing.T) {
	s := play(t, "outcomes")
	for outcome, want := range map[string]struct {
		kind      error
		transient bool
	}{
		"unavailable": {kind: core.ErrUnavailable},
		"refused":     {kind: core.ErrDenied},
		"transient":   {transient: true},
		"cancelled":   {kind: core.ErrCancelled},
		"failed":      {},
		"plain":       {},
	} {
		t.Run(outcome, func(t *testing.T) {
			s.Settings = map[string]string{"outcome": outcome}
			_, err := s.open(t).Authenticate(t.Context(), s.request())
			for _, kind := range []error{core.ErrUnavailable, core.ErrDenied, core.ErrCancelled} {
				if errors.Is(err, kind) != (kind == want.kind) {
					t.Errorf("%v is %v: %v", err, kind, kind != want.kind)
				}
			}
			connection, transient := errors.AsType[*core.ConnectionError](err)
			if transient != want.transient || transient && connection.Host != "broker.example" {
				t.Errorf("%#v wraps a connection error: %v", err, transient)
			}
			if login, ok := errors.AsType[*core.LoginError](err); ok && (login.Authenticator != "plugin:outcomes" || login.Reason != "the reason") {
				t.Errorf("%+v", login)
			}
			if hint := core.Hint(err); hint == "" || outcome != "plain" && hint != "the hint" {
				t.Errorf("the hint is %q", hint)
			}
		})
	}
}

func TestAccount(t *testing.T) {
	account := func(settings map[string]string) core.Account {
		t.Helper()
		p, err := plugins.New(plugins.Config{Name: "acme", Path: "/nonexistent", Settings: settings})
		if err != nil {
			t.Fatal(err)
		}
		c, err := p.Account(t.Context(), core.LoginRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	one := account(map[string]string{"a": "1", "b": "2"})
	if want := core.PluginAccount("acme", "a", "1", "b", "2"); one != want {
		t.Errorf("the credential is %s, want %s", one, want)
	}
	if other := account(map[string]string{"a": "1", "b": "3"}); other == one {
		t.Error("other settings have the same credential")
	}
}

// TestAccountOfVariables checks that two badges are two accounts, also for a plugin that runs.
func TestAccountOfVariables(t *testing.T) {
	s := play(t, "badge")
	s.Env = append(s.Env, "ACME_BADGE", "PATH")
	p := s.open(t)
	of := map[core.Account]string{}
	for _, badge := range []string{"4711", "4712", "", "4711"} {
		for _, path := range []string{"/bin", "/usr/bin"} {
			s.variables["ACME_BADGE"], s.variables["PATH"] = badge, path
			account, err := p.Account(t.Context(), s.request())
			if err != nil {
				t.Fatal(err)
			}
			if other, seen := of[account]; seen && other != badge {
				t.Errorf("the badges %q and %q have one account", badge, other)
			}
			of[account] = badge
			if strings.Contains(string(account), "471") {
				t.Errorf("the credential %s shows the badge", account)
			}
			token, err := p.Authenticate(t.Context(), s.request())
			if want := "badge-" + badge; err != nil || token.AccessToken.Reveal() != want || token.Account != account {
				t.Errorf("%+v of %q, %v; want %s of %s", token, token.AccessToken.Reveal(), err, want, account)
			}
		}
	}
	if len(of) != 3 {
		t.Errorf("%d accounts of 3 badges", len(of))
	}
}

func TestOpen(t *testing.T) {
	for field, config := range map[string]plugins.Config{
		"Name":                           {Name: "a/b", Path: "/a"},
		"Path":                           {Name: "a", Path: "a"},
		"SHA256":                         {Name: "a", Path: "/a", SHA256: []string{"12"}},
		"Timeout and InteractionTimeout": {Name: "a", Path: "/a", Timeout: -1},
	} {
		_, err := plugins.New(config)
		if e, ok := errors.AsType[*plugins.ConfigError](err); !ok || e.Field != field {
			t.Errorf("%+v: %v", config, err)
		}
	}
	p, err := plugins.New(plugins.Config{Path: "/opt/acme/taegis-plugin-acme.exe"})
	if err != nil || p.Name() != "plugin:acme" {
		t.Errorf("the name of the program gives %v, %v", p, err)
	}
}

func TestRequirements(t *testing.T) {
	s := play(t, "wanting")
	p := s.open(t)
	requirements, err := p.Requirements(t.Context(), s.request())
	want := plugins.Requirements{Settings: []string{"broker_url"}, Env: []string{"ACME_BADGE"}}
	if diff := cmp.Diff(want, requirements); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := p.Authenticate(t.Context(), s.request()); !errors.Is(err, core.ErrUnavailable) || core.Hint(err) != "set it" {
		t.Errorf("a Credential that cannot try gives %v", err)
	}
}

// TestOneProcess checks that a plugin is started once, when it is needed.
func TestOneProcess(t *testing.T) {
	s := play(t, "opaque")
	p := s.open(t)
	var times []time.Duration
	for range 3 {
		start := time.Now()
		token, err := p.Authenticate(t.Context(), s.request())
		if err != nil || token.AccessToken.Reveal() != "opaque" || token.Origin != "plugin:opaque" || token.Host == "" {
			t.Fatalf("%+v, %v", token, err)
		}
		times = append(times, time.Since(start))
	}
	start := time.Now()
	p.Close()
	t.Logf("first answer after %v, further ones after %v, closed within %v", times[0], times[1:], time.Since(start))
	if times[1] > times[0] {
		t.Errorf("the second answer took longer than the start: %v", times)
	}
	if _, err := p.Authenticate(t.Context(), s.request()); !errors.Is(err, core.ErrClosed) {
		t.Errorf("a closed plugin answers %v", err)
	}
}
