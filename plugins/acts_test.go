package plugins_test

import (
	"context"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// acts are the programs that this binary plays.
var acts = map[string]func(){
	"opaque": serve(func(context.Context, core.LoginRequest) (core.Token, error) {
		return core.Token{AccessToken: core.NewSecret("opaque")}, nil
	}),
}

// serve is a plugin that signs in with f.
func serve(f authenticate) func() { return func() { plugins.Serve(f) } }

// authenticate is an authenticator that names nobody.
type authenticate func(context.Context, core.LoginRequest) (core.Token, error)

func (authenticate) Credential(context.Context, core.LoginRequest) (core.Credential, error) {
	return "", nil
}

func (f authenticate) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	return f(ctx, req)
}
