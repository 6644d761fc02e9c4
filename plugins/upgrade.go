package plugins

import (
	"context"
	"log/slog"

	"github.com/taegis-go/taegis/core"
)

// successor starts the program that is to run in place of the running one, if another one is there
// now that is preferred; it returns nil if c stays in use. A new program that may not run, or that
// does not start, is no reason to end one that runs: the reason is logged. The caller holds the
// slot.
func (p *Plugin) successor(ctx context.Context, req core.LoginRequest, c *child) *child {
	seen := p.rules.look(p.config.Path)
	if seen.equal(c.seen) {
		return nil
	}
	c.seen = seen
	image, source, err := p.rules.choose(p.config.Path, p.config.Entry, p.warn)
	if err != nil {
		p.warn(err)
		return nil
	}
	if source.SHA256 == c.source.SHA256 {
		image.ended()
		return nil
	}
	next, err := p.run(ctx, req, c.granted, image, source)
	if err != nil {
		p.warn(err)
		return nil
	}
	if next.names() {
		if _, err := p.ask(ctx, next); err != nil {
			p.warn(err)
			next.kill()
			return nil
		}
	}
	next.seen = seen
	return next
}

// supersede makes c the child. The one before ends when the calls that use it have ended. The
// caller holds the slot.
func (p *Plugin) supersede(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.child; old != nil {
		p.ending.Go(func() {
			old.uses.Wait() // Close ends the calls
			old.stop()
		})
	}
	p.child = c
}

// use keeps the child from being ended by its successor until ctx ends, as it does with the call.
func (c *child) use(ctx context.Context) {
	c.uses.Add(1)
	context.AfterFunc(ctx, c.uses.Done)
}

// warn logs why a program that is there does not run, while another one does.
func (p *Plugin) warn(err error) {
	if p.config.Logger != nil {
		p.config.Logger.Warn("a program of the plugin is not run", "plugin", p.config.Name, "error", err)
	}
}

// logUse logs which program answered, once for each start.
func (p *Plugin) logUse(ctx context.Context, source Program) {
	if p.config.Logger == nil {
		return
	}
	attrs := []slog.Attr{slog.String("plugin", p.config.Name), slog.String("path", source.Path), slog.String("sha256", source.SHA256)}
	for _, attr := range []slog.Attr{
		slog.String("version", p.known.get().Version), slog.String("vendor", p.known.get().Vendor),
		slog.String("key", source.Signature.Key), slog.String("comment", source.Signature.Comment),
	} {
		if attr.Value.String() != "" {
			attrs = append(attrs, attr)
		}
	}
	p.config.Logger.LogAttrs(ctx, slog.LevelDebug, "logged in by the plugin's program", attrs...)
}
