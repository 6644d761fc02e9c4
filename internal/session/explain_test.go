package session_test

import (
	"errors"
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
)

func TestExplainReturnsWhatTheChainWouldDo(t *testing.T) {
	store, a := &tokenstore.Memory{}, client("a")
	s := newSession(t, store, notConfigured("first"), a, client("b"))

	steps, err := s.Explain(t.Context())
	if err != nil || len(steps) != 3 {
		t.Fatalf("%v, %v", steps, err)
	}
	if steps[0].EndsChain() || !errors.Is(steps[0].Err, core.ErrUnavailable) {
		t.Errorf("first: %+v", steps[0])
	}
	if !steps[1].EndsChain() || !steps[1].Reached || !steps[1].Stored.IsZero() {
		t.Errorf("second: %+v", steps[1])
	}
	if steps[2].Reached {
		t.Errorf("third is behind one that answers: %+v", steps[2])
	}
	if a.asked.Load() != 0 {
		t.Error("an authenticator logged in")
	}

	wantToken(t, s, "a-1")
	if steps, _ = s.Explain(t.Context()); steps[1].Stored.AccessToken.Reveal() != "a-1" {
		t.Errorf("the stored token is missing: %+v", steps[1])
	}
}

func TestExplainShowsTheTokenOfTheLatestLogin(t *testing.T) {
	store := &tokenstore.Memory{}
	wantToken(t, newSession(t, store, client("a")), "a-1")
	steps, err := newSession(t, store, notConfigured("client-credentials")).Explain(t.Context())
	if err != nil || len(steps) != 2 || steps[1].Authenticator != "" || steps[1].Stored.IsZero() || !steps[1].Reached {
		t.Errorf("%+v, %v", steps, err)
	}
}
