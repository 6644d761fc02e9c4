package plugins

import (
	"context"
	"maps"
	"slices"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/digest"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/internal/subprocess"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// Account returns an account that identifies the plugin with its settings, the user name and the
// values of its environment variables, by a digest. Variables that describe a session and its
// machine, for example PATH, LANG and DISPLAY, do not count. It does not start the plugin. If the
// plugin is known to prompt and no prompt is possible, it returns the account together with a
// [*core.UnavailableError].
func (p *Plugin) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	return p.account(req), p.cannotPrompt(req)
}

func (p *Plugin) account(req core.LoginRequest) core.Account {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(p.config.Settings)) {
		parts = append(parts, key, p.config.Settings[key])
	}
	if identifying := subprocess.Identifying(p.env(req)); len(identifying) > 0 {
		parts = append(parts, "", digest.Of(identifying...))
	}
	if name := p.username(req); name != "" {
		parts = append(parts, "", "", digest.Of(name))
	}
	return core.PluginAccount(p.config.Name, parts...)
}

// told returns the account of what the plugin has told of it. One that tells accounts apart has an
// account without a name, too, so that no token of that is used for another one.
func (p *Plugin) told(account core.Account, name string) core.Account {
	if name == "" && p.known.get().Accounts {
		name = unnamed
	}
	return account.With(name)
}

// unnamed stands for the account that a plugin does not name; no name is like it.
const unnamed = "\x00"

// username returns the name of the user that logs in, "" for none.
func (p *Plugin) username(req core.LoginRequest) string {
	if name := setting.Text(p.config.Username); name != "" {
		return name
	}
	return setting.Text(req.Username)
}

// cannotPrompt returns why the plugin is unavailable if it is known to prompt at every login.
func (p *Plugin) cannotPrompt(req core.LoginRequest) error {
	if !p.config.Prompts && !p.known.get().Prompts {
		return nil
	}
	return req.CanPrompt()
}

// ResolveAccount returns the account that the plugin would log in to now: that of Account, or one of
// those that the plugin tells apart, for example by the badge in a reader. It starts the plugin. Its
// errors are those of Authenticate; it may return an account with an error, and a stored token of that
// account can be used then. A plugin of version 1 of the contract has the account of Account.
func (p *Plugin) ResolveAccount(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	account := core.Account("")
	err := p.call(ctx, func(ctx context.Context, _ *clock) error {
		m, err := p.request(req)
		if err != nil {
			return err
		}
		c, err := p.acquire(ctx, req)
		if err != nil {
			return err
		}
		if !c.names() {
			account = p.account(req)
			return nil
		}
		p.withhold(req, c.printed)
		if req.CanPrompt() == nil {
			m.Asking = (&promptServer{prompt: req.Prompt}).asking(0) // it is not called now
		}
		answer, err := c.Account(ctx, &contract.AccountRequest{Login: m})
		if err != nil {
			return p.broken(ctx, c, err)
		}
		p.past.answered()
		failure := answer.GetFailure()
		if failure == nil || answer.GetAccount() != "" {
			account = p.told(p.account(req), answer.GetAccount())
		}
		if failure != nil {
			return decodeFailure(p.name, failure, c.printed.fit)
		}
		return nil
	})
	return account, err
}
