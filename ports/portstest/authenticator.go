package portstest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Login is a situation in which an authenticator can log in.
type Login struct {
	// Authenticator is the authenticator, ready to log in.
	Authenticator ports.Authenticator
	// Request is passed to it. Its HTTP client may lead to a server of the test.
	Request core.LoginRequest
	// Secrets are the values that must not be shown: passwords, codes, client secrets.
	Secrets []string
}

// Authenticator tests that an authenticator fulfills the contract of [ports.Authenticator] and, if
// it has a name, of [ports.Named]. The function prepare returns a new Login for each test.
func Authenticator(t *testing.T, prepare func(t *testing.T) Login) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Login)
	}{
		{"its account comes from settings alone", testAccount},
		{"its token is complete", testToken},
		{"it ends with the context", testContext},
		{"it explains why it is unavailable", testNoAccount},
		{"its name is one word", testName},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, prepare(t)) })
	}
}

// testAccount calls Account with a network and a prompt that fail the test.
func testAccount(t *testing.T, login Login) {
	req := login.Request
	req.HTTP = &http.Client{Transport: noNetwork{t}}
	req.Prompt = silent(t, req.Prompt)
	first, err := login.Authenticator.Account(t.Context(), req)
	if err != nil {
		t.Fatalf("Account: %v", err)
	}
	if again, err := login.Authenticator.Account(t.Context(), req); again != first || err != nil {
		t.Errorf("Account returned %q and then %q, %v", first, again, err)
	}
	wantNoSecret(t, login, string(first))
}

func testToken(t *testing.T, login Login) {
	account, err := login.Authenticator.Account(t.Context(), login.Request)
	if err != nil {
		t.Fatal(err)
	}
	account = resolve(t, login, account)
	token, err := login.Authenticator.Authenticate(t.Context(), login.Request)
	if err != nil {
		t.Fatalf("Authenticate: %v", err)
	}
	if token.IsZero() {
		t.Fatal("neither a token nor an error")
	}
	if token.Account != account {
		t.Errorf("the token's account is %q, that of the authenticator %q", token.Account, account)
	}
	if !token.Expiry.IsZero() && token.Expiry.Before(login.Request.Time()) {
		t.Errorf("the token expired at %v", token.Expiry)
	}
	wantNoSecret(t, login, fmt.Sprintf("%+v %#v", token, token))
}

// resolve returns the account of an authenticator that tells accounts apart, of which that of Account
// has to be a part. Otherwise it returns account.
func resolve(t *testing.T, login Login, account core.Account) core.Account {
	t.Helper()
	resolver, ok := login.Authenticator.(ports.AccountResolver)
	if !ok {
		return account
	}
	req := login.Request
	req.Prompt = silent(t, req.Prompt)
	resolved, err := resolver.ResolveAccount(t.Context(), req)
	if err != nil {
		t.Fatalf("ResolveAccount: %v", err)
	}
	if account != "" && !account.Has(resolved) {
		t.Errorf("ResolveAccount returned %q, which is no account of %q", resolved, account)
	}
	wantNoSecret(t, login, string(resolved))
	return resolved
}

// testContext logs in with a context that has ended. An authenticator that does no input or output
// may still return a token.
func testContext(t *testing.T, login Login) {
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gaveUp)
	token, err := login.Authenticator.Authenticate(ctx, login.Request)
	switch {
	case err == nil && token.IsZero():
		t.Error("neither a token nor an error")
	case err != nil && !errors.Is(err, gaveUp) && !errors.Is(err, context.Canceled):
		t.Errorf("the error does not wrap the cause of the context: %v", err)
	case err != nil && errors.Is(err, core.ErrUnavailable):
		t.Errorf("after the context ended, the next authenticator must not be tried: %v", err)
	}
	if err != nil {
		wantNoSecret(t, login, err.Error())
	}
}

// testNoAccount calls Account without settings and without a prompt.
func testNoAccount(t *testing.T, login Login) {
	req := login.Request
	req.Lookup, req.Prompt = nil, core.Prompt{}
	req.HTTP = &http.Client{Transport: noNetwork{t}}
	_, err := login.Authenticator.Account(t.Context(), req)
	if err == nil {
		return // all that it needs is in its fields
	}
	if !errors.Is(err, core.ErrUnavailable) || core.Hint(err) == "" {
		t.Errorf("the error is %v with the hint %q, want one that wraps core.ErrUnavailable and has a hint", err, core.Hint(err))
	}
	if token, err := login.Authenticator.Authenticate(t.Context(), req); err == nil || !token.IsZero() {
		t.Error("Authenticate returned a token though Account returned ErrUnavailable")
	}
}

func testName(t *testing.T, login Login) {
	named, ok := login.Authenticator.(ports.Named)
	if !ok {
		t.Skip("it has no name")
	}
	if name := named.Name(); name == "" || strings.ContainsAny(name, " \t\n") {
		t.Errorf("the name is %q", name)
	}
}

// noNetwork fails the test if the network is used.
type noNetwork struct{ t *testing.T }

func (n noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("a request to %s", r.URL)
	return nil, errors.New("there is no network")
}

// silent returns a prompt with the functions of p that fails the test if one is called.
func silent(t *testing.T, p core.Prompt) core.Prompt {
	none := errors.New("prompts are not allowed")
	asked := func(what string) { t.Errorf("the user was prompted: %s", what) }
	if p.ShowVerification != nil {
		p.ShowVerification = func(context.Context, core.Verification) error { asked("a verification page"); return none }
	}
	if p.AskText != nil {
		p.AskText = func(_ context.Context, label string) (string, error) { asked(label); return "", none }
	}
	if p.AskSecret != nil {
		p.AskSecret = func(_ context.Context, label string) (core.Secret, error) { asked(label); return core.Secret{}, none }
	}
	return p
}

func wantNoSecret(t *testing.T, login Login, text string) {
	t.Helper()
	for _, secret := range login.Secrets {
		if secret != "" && strings.Contains(text, secret) {
			t.Error("a secret is shown")
		}
	}
}
