package plugins_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// chatty says everything of itself that version 2 of the contract has a place for.
type chatty struct{}

func (chatty) Release() plugins.Release {
	return plugins.Release{Version: "1.4.0", Vendor: "ACME"}
}

func (chatty) Requirements() plugins.Requirements { return plugins.Requirements{Prompts: true} }

func (chatty) Account(context.Context, core.LoginRequest) (core.Account, error) { return "4711", nil }

func (chatty) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	answer, err := req.Prompt.AskText(ctx, "Badge:")
	if err != nil {
		return core.Token{}, err
	}
	return opaque("new-" + answer)
}

func (chatty) Revoke(context.Context, core.LoginRequest, core.Token) error { return nil }

// reader logs in with the badge in a reader, counts its logins of each badge in its state, and writes
// down what it hears of logouts.
type reader struct{}

func (reader) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	path, ok := req.Setting("reader")
	if !ok {
		return "", nil
	}
	badge, err := os.ReadFile(path.Value.Reveal())
	if err != nil {
		return "", &core.UnavailableError{Reason: "no badge is in the reader", HintText: "insert one"}
	}
	return core.Account(strings.TrimSpace(string(badge))), nil
}

func (r reader) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := r.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	if other, ok := req.Setting("swapped"); ok {
		account = core.Account(other.Value.Reveal())
	}
	count := "unkept"
	if req.State.CanKeep() {
		state, err := req.State.Load(ctx)
		if err != nil {
			return core.Token{}, err
		}
		state = core.NewSecret(state.Reveal() + "I")
		if err := req.State.Save(ctx, state); err != nil {
			return core.Token{}, err
		}
		count = state.Reveal()
	}
	if path, ok := req.Setting("reader"); ok && exists(path.Value.Reveal()+".fails") {
		return core.Token{}, &core.LoginError{Reason: "the broker is gone", Denied: true}
	}
	return core.Token{
		AccessToken: core.NewSecret(fmt.Sprintf("%s/%s/%s/%v", account, req.Username, count, req.Rejected)),
		Account:     account, Expiry: time.Now().Add(time.Hour),
	}, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (reader) Revoke(ctx context.Context, req core.LoginRequest, token core.Token) error {
	path, _ := req.Setting("revoked")
	state, err := req.State.Load(ctx)
	if err != nil {
		return err
	}
	if path.Value.IsZero() {
		return &core.LoginError{Reason: "the broker does not know the token", HintText: "end the session there"}
	}
	return os.WriteFile(path.Value.Reveal(), []byte(token.AccessToken.Reveal()+" "+state.Reveal()), 0o600)
}

// unreachable gets no answer, for the reason that the setting names.
func unreachable(_ context.Context, req core.LoginRequest) (core.Token, error) {
	address, _ := req.Setting("address")
	res, err := req.Client().Get(address.Value.Reveal())
	if err != nil {
		return core.Token{}, &core.LoginError{
			Reason: "the broker does not answer", HintText: "check the network",
			Err: &core.ConnectionError{Operation: "x", Host: "broker.example", Err: err},
		}
	}
	return opaque(res.Status)
}
