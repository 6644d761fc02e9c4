package authn_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

const (
	clientRoute    = "/auth/api/v2/auth/token"
	passwordRoute  = "/universal-auth/token"
	deviceRoute    = "/universal-auth/device/code/auth"
	deviceToken    = "/universal-auth/device/code/token"
	userLoginRoute = "/auth/userLogin"
)

// newer and older are servers with only the current or the legacy endpoints.
func newer(c *emulator.Config) { c.Endpoints = emulator.EndpointsCurrent }
func older(c *emulator.Config) { c.Endpoints = emulator.EndpointsLegacy }

// request is a login request for the server, with settings and without a prompt.
func request(server *emulator.Server, settings map[string]string) core.LoginRequest {
	return core.LoginRequest{
		Environment: server.Environment,
		Retry:       core.RetryLimits{MaxTries: 3, MaxTime: 20 * time.Second},
		Lookup: func(name string) (core.Setting, bool) {
			value, ok := settings[name]
			return core.Setting{Value: core.NewSecret(value), Variable: name}, ok
		},
	}
}

// testUser answers questions in turn and approves each verification.
type testUser struct {
	t             *testing.T
	server        *emulator.Server
	answers       []string
	labels        []string
	verifications []core.Verification
	notified      []string
	follow        func(core.Verification) error // handles a verification; nil approves it
}

func newTestUser(t *testing.T, server *emulator.Server, answers ...string) *testUser {
	return &testUser{t: t, server: server, answers: answers}
}

func (p *testUser) next(label string) string {
	p.labels = append(p.labels, label)
	if len(p.answers) == 0 {
		p.t.Errorf("one question too many: %s", label)
		return ""
	}
	answer := p.answers[0]
	p.answers = p.answers[1:]
	return answer
}

func (p *testUser) prompt() core.Prompt {
	return core.Prompt{
		AskText: func(ctx context.Context, label string) (string, error) { return p.next(label), context.Cause(ctx) },
		AskSecret: func(ctx context.Context, label string) (core.Secret, error) {
			return core.NewSecret(p.next(label)), context.Cause(ctx)
		},
		ShowVerification: func(ctx context.Context, v core.Verification) error {
			p.verifications = append(p.verifications, v)
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case p.follow != nil:
				return p.follow(v)
			}
			return p.server.Approve(v.UserCode, "")
		},
		Notify: func(_ context.Context, message string) { p.notified = append(p.notified, message) },
	}
}

// logIn logs the user in.
func (p *testUser) logIn(authenticator ports.Authenticator) (core.Token, error) {
	req := request(p.server, nil)
	req.Prompt = p.prompt()
	return authenticator.Authenticate(p.t.Context(), req)
}

func wantUser(t *testing.T, token core.Token, err error, user string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if claims, err := token.Claims(); err != nil || claims.Username != user || token.Expiry.IsZero() || token.Host == "" {
		t.Errorf("the token is %+v of %+v, %v; want one of %s", token, claims, err, user)
	}
}

// wantFailure checks that the error ends the chain and contains the words.
func wantFailure(t *testing.T, err error, denied bool, words ...string) {
	t.Helper()
	login, ok := errors.AsType[*core.LoginError](err)
	if !ok || errors.Is(err, core.ErrUnavailable) || errors.Is(err, core.ErrDenied) != denied || login.HintText == "" {
		t.Fatalf("error %v (%T), want a *core.LoginError with a hint, denied: %v", err, err, denied)
	}
	wantWords(t, err, words)
}

// wantNext checks that the chain continues after the error, which contains the words.
func wantNext(t *testing.T, err error, words ...string) {
	t.Helper()
	if !errors.Is(err, core.ErrUnavailable) || core.Hint(err) == "" {
		t.Fatalf("error %v (%T), want core.ErrUnavailable with a hint", err, err)
	}
	wantWords(t, err, words)
}

func wantWords(t *testing.T, err error, words []string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is missing in: %v", word, err)
		}
	}
}
