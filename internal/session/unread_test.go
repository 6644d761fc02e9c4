package session_test

import (
	"context"
	"encoding/json"
	"iter"
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
)

// unreadable is a server that rejects the first token with an answer that cannot be read.
type unreadable struct{ calls int }

func (u *unreadable) Execute(_ context.Context, req *core.Request, _ any) error {
	if u.calls++; req.Token.Reveal() == "a-1" {
		return &core.ResponseError{Operation: req.Operation.Name, Status: 401, Err: core.ErrUnauthorized, Evidence: core.EvidenceUnread}
	}
	return nil
}

func (*unreadable) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] {
	return nil
}

// The token is refreshed all the same, so the next call works.
func TestAMutationIsNotRepeatedAfterAnAnswerThatCannotBeRead(t *testing.T) {
	for _, test := range []struct {
		op    core.Operation
		calls int
	}{
		{core.Operation{Name: "query", Kind: core.KindQuery}, 2},
		{core.Operation{Name: "poll", Kind: core.KindQuery, NonIdempotent: true}, 1},
		{core.Operation{Name: "mutation", Kind: core.KindMutation}, 1},
		{core.Operation{Name: "document"}, 1},
	} {
		kind, calls := test.op.Name, test.calls
		wire := &unreadable{}
		tr := newSession(t, &tokenstore.Memory{}, client("a")).Authorize(wire)
		req := &core.Request{Operation: &test.op}
		if err := tr.Execute(t.Context(), req, nil); wire.calls != calls || (err == nil) != (calls == 2) {
			t.Errorf("%q: %d calls, %v", kind, wire.calls, err)
		}
		if err := tr.Execute(t.Context(), req, nil); err != nil {
			t.Errorf("%q: the next call: %v", kind, err)
		}
	}
}
