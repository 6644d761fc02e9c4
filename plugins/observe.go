package plugins

import (
	"context"
	"errors"
	"time"

	"github.com/taegis-go/taegis/core"
)

// Program returns the program of the plugin, with what it said of itself when it was started last; see
// [ports.ProgramReporter].
func (p *Plugin) Program() core.Program {
	said, _ := p.Known()
	program := core.Program{Name: p.config.Name, Path: p.config.Path, Version: said.Version, Vendor: said.Vendor}
	if c := p.current(); c != nil {
		program.Path, program.SHA256 = c.source.Path, c.source.SHA256
	}
	return program
}

// report notifies the observer of a login of what became of the program. Its failure is that of the
// login's own event, too, which follows.
func (p *Plugin) report(ctx context.Context, req core.LoginRequest, kind core.LoginEventKind, begin time.Time, err error) {
	_ = core.ObserveFrom(ctx)(ctx, &core.LoginEvent{
		Kind: kind, Time: begin, Duration: time.Since(begin), Authenticator: p.name, Account: p.account(req), Program: p.Program(), Err: err,
	})
}

// reportCrash notifies the observer if a plugin that was running is the reason of err.
func (p *Plugin) reportCrash(ctx context.Context, req core.LoginRequest, begin time.Time, err error) {
	if errors.Is(err, ErrCrashed) || errors.Is(err, ErrTimeout) {
		p.report(ctx, req, core.EventPluginCrash, begin, err)
	}
}

// failure is a sentinel with a code for audit logs; see [core.ReasonCode].
type failure struct{ text, code string }

// Error returns the text.
func (f *failure) Error() string { return f.text }

// ReasonCode returns the code.
func (f *failure) ReasonCode() string { return f.code }

// ReasonCode returns "checksum".
func (e *ChecksumError) ReasonCode() string { return "checksum" }
