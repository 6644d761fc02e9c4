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
	// Request is what it is told. Its HTTP client may lead to a server of the test's own.
	Request core.LoginRequest
	// Secrets are the values that must not show: passwords, codes, client secrets.
	Secrets []string
}

// Authenticator tests that an authenticator keeps the contract of [ports.Authenticator] and, if
// it has a name, of [ports.Named]. The function prepare returns a fresh situation each time.
func Authenticator(t *testing.T, prepare func(t *testing.T) Login) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Login)
	}{
		{"its credential comes from settings alone", testAccount},
		{"its token is whole", testToken},
		{"it obeys the context", testContext},
		{"it says why it cannot try", testNoAccount},
		{"its name is one word", testName},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, prepare(t)) })
	}
}

// testAccount asks for the credential where every other way out is a failure.
func testAccount(t *testing.T, login Login) {
	req := login.Request
	req.HTTP = &http.Client{Transport: noNetwork{t}}
	req.Prompt = silent(t, req.Prompt)
	first, err := login.Authenticator.Account(t.Context(), req)
	if err != nil {
		t.Fatalf("Credential: %v", err)
	}
	if again, err := login.Authenticator.Account(t.Context(), req); again != first || err != nil {
		t.Errorf("Credential gave %q and then %q, %v", first, again, err)
	}
	wantNoSecret(t, login, string(first))
}

func testToken(t *testing.T, login Login) {
	account, err := login.Authenticator.Account(t.Context(), login.Request)
	if err != nil {
		t.Fatal(err)
	}
	token, err := login.Authenticator.Authenticate(t.Context(), login.Request)
	if err != nil {
		t.Fatalf("Authenticate: %v", err)
	}
	if token.IsZero() {
		t.Fatal("neither a token nor an error")
	}
	if token.Account != account {
		t.Errorf("the token's credential is %q, that of the link %q", token.Account, account)
	}
	if !token.Expiry.IsZero() && token.Expiry.Before(login.Request.Time()) {
		t.Errorf("the token expired at %v", token.Expiry)
	}
	wantNoSecret(t, login, fmt.Sprintf("%+v %#v", token, token))
}

// testContext logs in with a context that has ended: whoever needs nothing from outside may
// give a token all the same.
func testContext(t *testing.T, login Login) {
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gaveUp)
	token, err := login.Authenticator.Authenticate(ctx, login.Request)
	switch {
	case err == nil && token.IsZero():
		t.Error("neither a token nor an error")
	case err != nil && !errors.Is(err, gaveUp) && !errors.Is(err, context.Canceled):
		t.Errorf("the error does not say that the context ended: %v", err)
	case err != nil && errors.Is(err, core.ErrUnavailable):
		t.Errorf("a context that ended is no reason to ask the next link: %v", err)
	}
	if err != nil {
		wantNoSecret(t, login, err.Error())
	}
}

// testNoAccount asks where there are no settings and nobody to ask.
func testNoAccount(t *testing.T, login Login) {
	req := login.Request
	req.Lookup, req.Prompt = nil, core.Prompt{}
	req.HTTP = &http.Client{Transport: noNetwork{t}}
	_, err := login.Authenticator.Account(t.Context(), req)
	if err == nil {
		return // all that it needs is in its fields
	}
	if !errors.Is(err, core.ErrUnavailable) || core.Hint(err) == "" {
		t.Errorf("the error is %v with the hint %q, want one that wraps core.ErrNotApplicable and has a hint", err, core.Hint(err))
	}
	if token, err := login.Authenticator.Authenticate(t.Context(), req); err == nil || !token.IsZero() {
		t.Error("Authenticate gave a token where Credential said that it cannot try")
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

// noNetwork fails the test where somebody uses the network.
type noNetwork struct{ t *testing.T }

func (n noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("a request to %s", r.URL)
	return nil, errors.New("there is no network")
}

// silent returns a prompt that can do what p can, but at which nobody may be asked.
func silent(t *testing.T, p core.Prompt) core.Prompt {
	none := errors.New("nobody is to be asked")
	asked := func(what string) { t.Errorf("a user was asked: %s", what) }
	if p.ShowVerification != nil {
		p.ShowVerification = func(context.Context, core.Verification) error { asked("a link"); return none }
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
			t.Error("a secret shows")
		}
	}
}
