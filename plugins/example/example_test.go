package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports/portstest"
)

const (
	badge = "4711"
	code  = "correct horse"
)

// newBroker is the company's broker: it knows one badge.
func newBroker(t *testing.T) *httptest.Server {
	broker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Badge, Code, Environment string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || asked.Environment != "charlie" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if asked.Badge != badge || asked.Code != code {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprint(w, `{"access_token": "token-of-4711", "expires_in": 3600}`)
	}))
	t.Cleanup(broker.Close)
	return broker
}

// situation is a host in front of a user who knows the badge and types these codes.
type situation struct {
	config   plugins.Config
	request  core.LoginRequest
	reported []string
}

func newSituation(t *testing.T, program, broker string, codes ...string) *situation {
	t.Helper()
	sum, err := plugins.Checksum(program)
	if err != nil {
		t.Fatal(err)
	}
	env, err := core.FindEnvironment("us1")
	if err != nil {
		t.Fatal(err)
	}
	s := &situation{config: plugins.Config{
		Name: "example", Path: program, SHA256: []string{sum},
		Settings: map[string]string{"broker_url": broker}, Env: []string{"ACME_BADGE"},
	}}
	s.request = core.LoginRequest{
		Environment: env,
		Lookup:      func(string) (core.Setting, bool) { return core.Setting{}, false },
		Prompt: core.Prompt{
			AskText: func(context.Context, string) (string, error) { return badge, nil },
			AskSecret: func(context.Context, string) (core.Secret, error) {
				if len(codes) == 0 {
					return core.Secret{}, fmt.Errorf("no more codes: %w", core.ErrCancelled)
				}
				next := codes[0]
				codes = codes[1:]
				return core.NewSecret(next), nil
			},
			Notify: func(_ context.Context, message string) { s.reported = append(s.reported, message) },
		},
	}
	return s
}

func (s *situation) open(t *testing.T) *plugins.Plugin {
	t.Helper()
	p, err := plugins.New(s.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestExample(t *testing.T) {
	program, broker := testutil.Build(t), newBroker(t)
	t.Run("conformance", func(t *testing.T) {
		portstest.Authenticator(t, func(t *testing.T) portstest.Login {
			s := newSituation(t, program, broker.URL, code)
			return portstest.Login{Authenticator: s.open(t), Request: s.request, Secrets: []string{code}}
		})
	})
	t.Run("a code that is right at last", func(t *testing.T) {
		s := newSituation(t, program, broker.URL, "wrong", "wrong again", code)
		token, err := s.open(t).Authenticate(t.Context(), s.request)
		if err != nil || token.AccessToken.Reveal() != "token-of-4711" || token.Expiry.IsZero() {
			t.Errorf("%+v, %v", token, err)
		}
		want := []string{"[plugin:example] Wrong code, tries left: 2.", "[plugin:example] Wrong code, tries left: 1."}
		if !slices.Equal(s.reported, want) {
			t.Errorf("the user was told %q, want %q", s.reported, want)
		}
	})
	for name, test := range map[string]struct {
		broker string
		codes  []string
		kind   error
		words  string
	}{
		"three wrong codes":       {broker.URL, []string{"1", "2", "3"}, core.ErrDenied, "the broker answered 403"},
		"a user who gives up":     {broker.URL, []string{"1"}, core.ErrCancelled, "cancelled"},
		"no broker is set":        {"", nil, core.ErrUnavailable, "no broker is set"},
		"a broker that is absent": {"http://127.0.0.1:1/", []string{code}, nil, "the broker does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSituation(t, program, test.broker, test.codes...)
			_, err := s.open(t).Authenticate(t.Context(), s.request)
			if err == nil || test.kind != nil && !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.words) || core.Hint(err) == "" {
				t.Errorf("the error is %v", err)
			}
			_, transient := errors.AsType[*core.ConnectionError](err)
			if transient != (test.kind == nil) {
				t.Errorf("the error is a missing answer: %v", transient)
			}
		})
	}
}
