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
// errors are those of Authenticate. A plugin of version 1 of the contract has the account of Account.
func (p *Plugin) ResolveAccount(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	account := p.account(req)
	err := p.call(ctx, func(ctx context.Context, _ *clock) error {
		if err := p.cannotPrompt(req); err != nil {
			return err
		}
		m, err := p.request(req)
		if err != nil {
			return err
		}
		c, err := p.acquire(ctx, req)
		if err != nil || !c.knows(versionAccounts) {
			return err
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
		if failure := answer.GetFailure(); failure != nil {
			return decodeFailure(p.name, failure, c.printed.fit)
		}
		account = account.With(answer.GetAccount())
		return nil
	})
	return account, err
}
