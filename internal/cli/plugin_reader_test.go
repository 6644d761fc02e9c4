package cli_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// reader is a plugin that logs in as the OAuth client on the badge in a reader, which is a file, or as
// the one that the profile names as its user. It counts the logins of each in its state, and writes
// them and what it hears of logouts to a log.
type reader struct{}

func (reader) Release() plugins.Release { return plugins.Release{Version: "2.1.0", Vendor: "ACME"} }

func (reader) Requirements() plugins.Requirements {
	return plugins.Requirements{Settings: []string{"reader", "log"}}
}

func (reader) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	path, ok := req.Setting("reader")
	if !ok {
		return "", nil
	}
	number, err := os.ReadFile(path.Value.Reveal())
	if err != nil {
		return "", &core.UnavailableError{Reason: "no badge is in the reader", HintText: "insert one"}
	}
	return core.Account(strings.TrimSpace(string(number))), nil
}

func (r reader) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := r.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	id := string(account)
	if id == "" {
		id = req.Username
	}
	state, err := req.State.Load(ctx)
	if err == nil && req.State.CanKeep() {
		state = core.NewSecret(state.Reveal() + "I")
		err = req.State.Save(ctx, state)
	}
	if err != nil {
		return core.Token{}, err
	}
	r.log(req, "login of %s, state %q, rejected %v", id, state.Reveal(), req.Rejected)
	token, err := (&authn.ClientCredentials{ID: id, Secret: core.NewSecret(id + "-secret")}).Authenticate(ctx, req)
	token.Account = account
	return token, err
}

func (r reader) Revoke(ctx context.Context, req core.LoginRequest, token core.Token) error {
	state, err := req.State.Load(ctx)
	if err != nil {
		return err
	}
	claims, _ := token.Claims()
	r.log(req, "logout of %s, state %q", claims.ClientID, state.Reveal())
	if claims.ClientID == "other-client" {
		return &core.LoginError{Reason: "the broker is closed", HintText: "tell the owner of the broker"}
	}
	return nil
}

func (reader) log(req core.LoginRequest, format string, args ...any) {
	path, _ := req.Setting("log")
	file, err := os.OpenFile(path.Value.Reveal(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer file.Close()
	fmt.Fprintf(file, format+"\n", args...)
}
