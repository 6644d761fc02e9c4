package plugins

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

const (
	// maxCrashes is how often in a row a plugin may crash: it is started again once.
	maxCrashes = 2
	// suspension is how long it is left alone after that.
	suspension = 30 * time.Second
)

// running is the process of a plugin, with its past.
type running struct {
	slot chan struct{} // held to start a child; unlike a mutex it obeys a context
	past past
	// known is what the program has said of itself.
	known known

	mu     sync.Mutex // guards child, and what is added to ending
	child  *child     // nil if there is none to use
	ending sync.WaitGroup
}

// past is how a plugin has done so far.
type past struct {
	mu      sync.Mutex
	crashes int       // in a row
	until   time.Time // when it may be started again
}

// answered takes note that the plugin works.
func (p *past) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.crashes = 0
}

// crashed takes note that it does not.
func (p *past) crashed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.crashes++; p.crashes >= maxCrashes {
		p.until = time.Now().Add(suspension)
	}
}

// suspended reports until when the plugin is left alone, if it is.
func (p *past) suspended() (until time.Time, is bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until, time.Now().Before(p.until)
}

// acquire returns the running plugin, and starts it if it is not running.
func (p *Plugin) acquire(ctx context.Context, req core.LoginRequest) (*child, error) {
	select {
	case p.slot <- struct{}{}:
		defer func() { <-p.slot }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	env := p.env(req)
	if c := p.current(); c != nil && slices.Equal(c.granted, env) { // else its process has the variables of another account
		if next := p.successor(ctx, req, c); next != nil {
			p.supersede(next)
			next.use(ctx)
			return next, nil
		}
		c.use(ctx)
		return c, nil
	}
	if until, is := p.past.suspended(); is {
		reason := fmt.Sprintf("it failed %d times in a row and is left alone until %s", maxCrashes, until.Format(time.TimeOnly))
		return nil, p.fault(ErrCircuitOpen, reason, "correct the plugin, or take it out of the chain")
	}
	begin := time.Now()
	c, err := p.start(ctx, req, env)
	if err == nil {
		p.supersede(c)
		c.use(ctx)
		if c.names() {
			_, err = p.describe(ctx, c)
		}
	}
	p.report(ctx, req, core.EventPluginStart, begin, err)
	return c, err
}

// start starts the program that is pinned. What fails before it runs is no crash.
func (p *Plugin) start(ctx context.Context, req core.LoginRequest, env []string) (*child, error) {
	seen := p.rules.look(p.config.Path)
	image, source, err := p.rules.choose(p.config.Path, p.config.Entry, p.warn)
	if err != nil {
		return nil, p.unstartable(err)
	}
	c, err := p.run(ctx, req, env, image, source)
	if err != nil {
		if gaveUp := context.Cause(ctx); !errors.Is(err, errNotRun) && (gaveUp == nil || errors.Is(gaveUp, ErrTimeout)) {
			p.past.crashed()
		}
		return nil, err
	}
	c.seen = seen
	return c, nil
}

// run starts the program of an image.
func (p *Plugin) run(ctx context.Context, req core.LoginRequest, env []string, image *image, source Program) (*child, error) {
	out := &printed{log: p.config.Logger}
	if out.log != nil {
		out.log = out.log.With("plugin", p.config.Name)
	}
	p.withhold(req, out)
	program := newProgram(image, source.Path, out)
	c, err := startChild(ctx, program, env)
	if err != nil {
		return nil, p.unstarted(program, err)
	}
	c.source = source
	return c, nil
}

// current returns the child that is running, nil for none.
func (p *Plugin) current() *child {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child != nil && p.child.running() {
		return p.child
	}
	return nil
}

// replace makes c the child, nil for none.
func (p *Plugin) replace(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retire()
	p.child = c
}

// discard takes note that this child failed and is of no more use. It waits neither for its end
// nor for a caller that starts the next one: the caller's time may be up.
func (p *Plugin) discard(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == c { // else another caller has done it
		p.retire()
		p.past.crashed()
	}
}

// retire ends the child, if there is one, in the background. The caller holds mu.
func (p *Plugin) retire() {
	if p.child != nil {
		p.ending.Go(p.child.stop)
		p.child = nil
	}
}

// stop ends the plugin for good, and waits until nothing of it is left.
func (p *Plugin) stop() {
	p.slot <- struct{}{}
	defer func() { <-p.slot }()
	p.replace(nil)
	p.ending.Wait()
}
