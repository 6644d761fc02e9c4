package plugins

import (
	"context"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/text"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// Description is what a plugin's program says of itself.
type Description struct {
	Requirements
	Release

	// Contract is the version of the contract that host and plugin speak.
	Contract int
	// Revokes reports whether the plugin wants to be told of a logout.
	Revokes bool
	// Accounts reports whether the plugin is asked for its account before a stored token is used,
	// because settings, variables and the user name do not decide it.
	Accounts bool
}

// maxRelease bounds the version and the vendor of a plugin, in characters.
const maxRelease = 64

// Describe returns what the plugin says of itself. It starts the program, and its errors are those of
// Authenticate.
func (p *Plugin) Describe(ctx context.Context, req core.LoginRequest) (Description, error) {
	var d Description
	err := p.call(ctx, func(ctx context.Context, _ *clock) error {
		c, err := p.acquire(ctx, req)
		if err != nil {
			return err
		}
		d, err = p.describe(ctx, c)
		return err
	})
	return d, err
}

// Requirements returns what the plugin needs: the first part of Describe.
func (p *Plugin) Requirements(ctx context.Context, req core.LoginRequest) (Requirements, error) {
	d, err := p.Describe(ctx, req)
	return d.Requirements, err
}

// Known returns what the plugin said of itself when it was started last, and false if that has not
// been yet. It starts nothing.
func (p *Plugin) Known() (Description, bool) {
	d := p.known.get()
	return d, d.Contract != 0
}

// describe asks the running plugin.
func (p *Plugin) describe(ctx context.Context, c *child) (Description, error) {
	d, err := p.ask(ctx, c)
	if err != nil {
		return Description{}, p.broken(ctx, c, err)
	}
	return d, nil
}

// ask asks a plugin that may not be in use yet.
func (p *Plugin) ask(ctx context.Context, c *child) (Description, error) {
	m, err := c.Describe(ctx, &contract.DescribeRequest{})
	if err != nil {
		return Description{}, err
	}
	d := Description{Requirements: Requirements{Settings: m.GetSettings(), Env: m.GetEnv()}, Contract: c.version}
	if c.names() {
		d.Prompts, d.Revokes, d.Accounts = m.GetPrompts(), m.GetRevokes(), m.GetAccounts()
		d.Version, d.Vendor = text.Short(m.GetVersion(), maxRelease), text.Short(m.GetVendor(), maxRelease)
	}
	p.known.set(d)
	return d, nil
}

// known is the latest description of a plugin.
type known struct {
	mu sync.Mutex
	d  Description
}

func (k *known) get() Description {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.d
}

func (k *known) set(d Description) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.d = d
}
