package cli_test

import (
	"context"
	"fmt"
	"os"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// hostile is text that tries to control the terminal, to hide or reorder its contents, and to imitate a
// message of the command.
const hostile = "Hostile\x1b[2J\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\\u009b31m\u009d0;t\u009c" +
	"\u202e\u2066\u200f\u061c\u200b\u200d\u2060\ufeff\u00ad\u3164\ufe0f\U000e0041\x7f\b\v\f\t\u0085\u2028\u2029\r\ntaegis: warning: forged\ntaegis: forged\n[charlie]\n"

// hostilePlugin returns hostile text in every value that a plugin can return.
type hostilePlugin struct{}

func (hostilePlugin) Requirements() plugins.Requirements {
	return plugins.Requirements{Settings: []string{hostile}, Env: []string{hostile}}
}

func (hostilePlugin) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "", nil
}

func (hostilePlugin) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	fmt.Fprint(os.Stderr, hostile)
	fmt.Print(hostile)
	req.Notify(ctx, hostile)
	return core.Token{}, &core.LoginError{Authenticator: hostile, Reason: hostile, HintText: hostile, Denied: true}
}
