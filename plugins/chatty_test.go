package plugins_test

import (
	"context"

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
