// Example is a plugin that logs in as a company of this world might: it asks the user for a
// badge and its code, and gets a token for them from the company's own broker. docs/plugins.md
// builds it step by step.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

func main() { plugins.Serve(&Badge{}) }

// What the plugin looks up.
const (
	settingBroker = "broker_url" // where the broker is
	settingBadge  = "ACME_BADGE" // the number of the badge; without it the user is asked
)

// maxTries is how many wrong codes a user is allowed.
const maxTries = 3

// Badge logs in with a badge and its code.
type Badge struct{}

var _ ports.Authenticator = (*Badge)(nil)

// Requirements says what the plugin looks up.
func (*Badge) Requirements() plugins.Requirements {
	return plugins.Requirements{Settings: []string{settingBroker}, Env: []string{settingBadge}}
}

// Account says whether the plugin can try. Whose token it is, the host decides.
func (*Badge) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	if _, ok := req.Setting(settingBroker); !ok {
		return "", &core.UnavailableError{Reason: "no broker is set", HintText: "add " + settingBroker + " to the settings of the plugin"}
	}
	return "", req.CanPrompt()
}

// Authenticate asks for the code, and again if it is wrong.
func (b *Badge) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	badge, err := b.number(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	address, _ := req.Setting(settingBroker)
	broker := broker{address: address.Value.Reveal(), client: req.Client()}
	for left := maxTries - 1; ; left-- {
		code, err := req.Prompt.AskSecret(ctx, "Code of badge "+badge+":")
		if err != nil {
			return core.Token{}, err
		}
		token, err := broker.token(ctx, req, badge, code)
		if !errors.Is(err, core.ErrDenied) || left == 0 {
			return token, err
		}
		req.Notify(ctx, fmt.Sprintf("Wrong code, tries left: %d.", left))
	}
}

// number is the number of the badge.
func (*Badge) number(ctx context.Context, req core.LoginRequest) (string, error) {
	if s, ok := req.Setting(settingBadge); ok {
		return s.Value.Reveal(), nil
	}
	return req.Prompt.AskText(ctx, "Badge:")
}
