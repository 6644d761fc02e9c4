// Plugin is a plugin of the SDK that gives out a token and asks nobody.
package main

import (
	"context"

	"github.com/taegis-go/taegis/bench/server"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

func main() { plugins.Serve(link{core.NewSecret(server.Token())}) }

type link struct{ token core.Secret }

func (link) Credential(context.Context, core.LoginRequest) (core.Credential, error) {
	return "bench", nil
}

func (l link) Authenticate(context.Context, core.LoginRequest) (core.Token, error) {
	return core.Token{AccessToken: l.token}, nil
}
