// Example is a plugin that logs in as a company of this world might: it asks the user for a
// badge and its code, and gets a token for them from the company's own broker. docs/plugins.md
// builds it step by step.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

func main() { plugins.Serve(&Badge{}) }

// What the plugin looks up.
const (
	settingBroker = "broker_url" // where the broker is
	settingReader = "reader"     // the file in which the reader's driver writes the number of the badge
	settingBadge  = "ACME_BADGE" // the number of the badge; without it the user's name or an answer is
)

// maxTries is how many wrong codes a user is allowed.
const maxTries = 3

// Badge logs in with a badge and its code.
type Badge struct{}

var _ ports.Authenticator = (*Badge)(nil)

// Requirements says what the plugin looks up.
func (*Badge) Requirements() plugins.Requirements {
	return plugins.Requirements{Settings: []string{settingBroker, settingReader}, Env: []string{settingBadge}, Prompts: true}
}

// Release says which program this is.
func (*Badge) Release() plugins.Release {
	return plugins.Release{Version: "1.0.0", Vendor: "ACME"}
}

// Account says whether the plugin can try, and whose badge is in the reader. Without a reader it
// leaves it to the host whose token it is.
func (b *Badge) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	if _, ok := req.Setting(settingBroker); !ok {
		return "", &core.UnavailableError{Reason: "no broker is set", HintText: "add " + settingBroker + " to the settings of the plugin"}
	}
	badge, err := b.inReader(req)
	if err != nil {
		return "", err
	}
	return core.Account(badge), req.CanPrompt()
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
func (b *Badge) number(ctx context.Context, req core.LoginRequest) (string, error) {
	if badge, err := b.inReader(req); badge != "" || err != nil {
		return badge, err
	}
	if s, ok := req.Setting(settingBadge); ok {
		return s.Value.Reveal(), nil
	}
	if req.Username != "" {
		return req.Username, nil
	}
	return req.Prompt.AskText(ctx, "Badge:")
}

// inReader is the number of the badge in the reader, "" if there is no reader.
func (*Badge) inReader(req core.LoginRequest) (string, error) {
	reader, ok := req.Setting(settingReader)
	if !ok {
		return "", nil
	}
	number, err := os.ReadFile(reader.Value.Reveal())
	badge := strings.TrimSpace(string(number))
	if err != nil || badge == "" {
		return "", &core.UnavailableError{Reason: "no badge is in the reader", HintText: "insert your badge"}
	}
	return badge, nil
}
