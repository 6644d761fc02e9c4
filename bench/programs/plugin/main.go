// Plugin is a plugin of the SDK that returns a token without a prompt.
package main

import (
	"context"

	"github.com/taegis-go/taegis/bench/server"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

func main() { plugins.Serve(authenticator{core.NewSecret(server.Token())}) }

type authenticator struct{ token core.Secret }

func (authenticator) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "bench", nil
}

func (l authenticator) Authenticate(context.Context, core.LoginRequest) (core.Token, error) {
	return core.Token{AccessToken: l.token}, nil
}
