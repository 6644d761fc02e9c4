package taegis

import (
	"context"
	"errors"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/session"
)

// auditVariable names an audit log. Its package is not linked into every program, so package profile
// supports it, and New only checks that it is not ignored.
const auditVariable = "TAEGIS_AUDIT_LOG"

// checkAuditLog returns an error if TAEGIS_AUDIT_LOG names a log that no observer writes: what has to
// be recorded must not go unrecorded.
func (c *config) checkAuditLog(variables envvar.Variables) error {
	target := variables.Text(auditVariable)
	if target == "" || c.records != nil && c.records(c, target) {
		return nil
	}
	return unsupported(auditVariable, "New writes no audit log", byProfile+", or use WithLoginObserver")
}

// writes reports whether an observer writes the audit log with that target.
func (c *config) writes(target string) bool {
	for _, observer := range c.observers {
		if log, ok := observer.(interface{ AuditTarget() string }); ok && log.AuditTarget() == target {
			return true
		}
	}
	return false
}

// watcherOrNil returns the watcher if an option has set observers.
func (c *config) watcherOrNil() *session.Watcher {
	if c.watch == nil {
		return nil
	}
	return c.watch(c)
}

// watcher returns what notifies all observers. One that fails does not keep the others from being
// notified.
func (c *config) watcher() *session.Watcher {
	return session.Watch(func(ctx context.Context, event *core.LoginEvent) error {
		var failures []error
		for _, observer := range c.observers {
			failures = append(failures, observer.ObserveLogin(ctx, *event))
		}
		return errors.Join(failures...)
	}, c.tenant)
}
