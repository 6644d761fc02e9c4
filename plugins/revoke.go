package plugins

import (
	"context"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// Revoke tells the plugin that a token of its own was dropped; see [ports.Revoker]. It starts a plugin
// that is not running only if that is known to want it: by Config.Revokes, or by its description when
// it ran. Its errors are those of Authenticate.
func (p *Plugin) Revoke(ctx context.Context, req core.LoginRequest, token core.Token) error {
	if p.current() == nil && !p.config.Revokes && !p.known.get().Revokes {
		return nil
	}
	return p.call(ctx, func(ctx context.Context, _ *clock) error {
		m, err := p.request(req)
		if err != nil {
			return err
		}
		c, err := p.acquire(ctx, req)
		if err != nil || !c.names() || !p.known.get().Revokes {
			return err
		}
		p.withhold(req, c.printed)
		c.printed.withhold(token.AccessToken)
		m.State = c.stateOf(ctx, req)
		answer, err := c.Revoke(ctx, &contract.RevokeRequest{Login: m, AccessToken: token.AccessToken.Reveal()})
		if err != nil {
			return p.broken(ctx, c, err)
		}
		p.past.answered()
		if failure := answer.GetFailure(); failure != nil {
			return decodeFailure(p.name, failure, c.printed.fit)
		}
		return nil
	})
}

// longestWithheld is the largest state that is recognized in what the plugin prints, in bytes.
const longestWithheld = 4 << 10

// stateOf returns what the host has kept for the plugin, nil if it can keep nothing.
func (c *child) stateOf(ctx context.Context, req core.LoginRequest) *contract.State {
	if !c.names() || !req.State.CanKeep() {
		return nil
	}
	state, err := req.State.Load(ctx)
	if err != nil {
		return nil // a login does without; the store's own failure is that of the token's
	}
	if len(state.Reveal()) <= longestWithheld {
		c.printed.withhold(state)
	}
	return &contract.State{Data: []byte(state.Reveal())}
}

// keep keeps what an answer asks for. A failure is logged by the session, and the login goes on.
func keep(ctx context.Context, req core.LoginRequest, state *contract.State) {
	if state != nil && req.State.CanKeep() {
		_ = req.State.Save(ctx, core.NewSecret(string(state.GetData())))
	}
}
