package profile

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

// livePlugin is the authenticator of a plugin that follows the profile file: before each login it
// reads the file again if that has changed. A plugin with other values then takes the place of the
// one in use, which ends with its last login.
type livePlugin struct {
	name   string
	path   string // of the profile file
	source string // of the file that has the plugin: path, or that of the system
	open   func(*File) (*plugins.Plugin, error)
	logger *slog.Logger

	mu       sync.Mutex
	closed   bool
	use      *pluginUse
	config   PluginConfig
	seen     fileState
	problem  string // of the file as it is now, "" for none
	retiring sync.WaitGroup
}

// pluginUse is a plugin and the calls that use it.
type pluginUse struct {
	*plugins.Plugin

	calls sync.WaitGroup
}

// newLivePlugin returns the authenticator of a plugin of the file. open configures the plugin of a
// file.
func newLivePlugin(f *File, name string, logger *slog.Logger, open func(*File) (*plugins.Plugin, error)) (*livePlugin, error) {
	plugin, err := open(f)
	if err != nil {
		return nil, err
	}
	return &livePlugin{
		name: name, path: f.Path, source: f.Origin("plugins." + name), open: open, logger: logger,
		use: &pluginUse{Plugin: plugin}, config: f.Plugins[name],
	}, nil
}

// acquire returns the plugin to use; release ends the use.
func (l *livePlugin) acquire(ctx context.Context) (plugin *plugins.Plugin, release func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, nil, core.ErrClosed
	}
	if err := l.follow(ctx); err != nil {
		return nil, nil, err
	}
	use := l.use
	use.calls.Add(1)
	return use.Plugin, use.calls.Done, nil
}

// follow reads the file if it has changed. A file that cannot be used changes nothing, and is
// logged once; a file without the plugin makes it unavailable.
func (l *livePlugin) follow(ctx context.Context) error {
	now := quiet(ctx, l.source, l.seen)
	if l.seen.equal(now) && l.seen.settled() || l.seen.info == nil && now.info == nil {
		return nil // a pipe is read once
	}
	file, err := LoadFile(ctx, l.path)
	if after := stateOf(l.source); now.info != nil && !now.equal(after) { // it was written meanwhile
		now = quiet(ctx, l.source, now)
		file, err = LoadFile(ctx, l.path)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil && now.info == nil {
		err = &core.FileError{Path: l.source, Reason: "there is no such file any more", HintText: "restore it"}
	}
	if err != nil {
		l.keep(err)
		return nil
	}
	config, installed := file.Plugins[l.name]
	if !installed {
		removed := &core.UnavailableError{
			Reason:   fmt.Sprintf("the plugin %s was removed from %s", l.name, l.source),
			HintText: "install it again, or take it out of the chain",
		}
		if l.seen.same(now) && !now.settled() { // it may be a part of what is being written
			l.keep(removed)
			return nil
		}
		return removed
	}
	if reflect.DeepEqual(config, l.config) {
		l.seen, l.problem = now, ""
		return nil
	}
	plugin, err := l.open(file)
	if err != nil {
		l.keep(err)
		return nil
	}
	l.seen, l.problem = now, ""
	l.logger.Info("the plugin has a new configuration", "plugin", l.name, "file", l.source)
	l.retire()
	l.use, l.config = &pluginUse{Plugin: plugin}, config
	return nil
}

// keep logs that the plugin stays as it was, once for each problem.
func (l *livePlugin) keep(err error) {
	if l.problem != err.Error() {
		l.problem = err.Error()
		l.logger.Warn("the profile file was changed and cannot be used; the plugin stays as it was", "plugin", l.name, "error", err)
	}
}

// retire closes the plugin in use when its calls have ended. The caller holds mu.
func (l *livePlugin) retire() {
	old := l.use
	l.retiring.Go(func() {
		old.calls.Wait()
		_ = old.Close() // it never fails
	})
}

// Name returns "plugin:NAME".
func (l *livePlugin) Name() string { return "plugin:" + l.name }

// Account returns the account of the plugin.
func (l *livePlugin) Account(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	plugin, release, err := l.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return plugin.Account(ctx, req)
}

// Authenticate logs in by the plugin.
func (l *livePlugin) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	plugin, release, err := l.acquire(ctx)
	if err != nil {
		return core.Token{}, err
	}
	defer release()
	return plugin.Authenticate(ctx, req)
}

// ResolveAccount returns the account that the plugin would log in to now.
func (l *livePlugin) ResolveAccount(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	plugin, release, err := l.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return plugin.ResolveAccount(ctx, req)
}

// Revoke tells the plugin about a logout.
func (l *livePlugin) Revoke(ctx context.Context, req core.LoginRequest, token core.Token) error {
	plugin, release, err := l.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	return plugin.Revoke(ctx, req, token)
}

// Program returns the program of the plugin in use; see [ports.ProgramReporter].
func (l *livePlugin) Program() core.Program {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.use.Program()
}

// Close closes the plugin, and waits for those that it replaced.
func (l *livePlugin) Close() error {
	l.mu.Lock()
	l.closed = true
	use := l.use
	l.mu.Unlock()
	err := use.Close()
	l.retiring.Wait()
	return err
}

var _ interface {
	ports.Authenticator
	ports.AccountResolver
	ports.Revoker
	ports.ProgramReporter
	ports.Named
} = (*livePlugin)(nil)
