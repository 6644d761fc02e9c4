package ports

import (
	"context"

	"github.com/taegis-go/taegis/core"
)

// LoginObserver is notified of logins, refreshes, logouts and what goes with them. It is safe for
// concurrent use. Package adapters/audit writes an audit log, adapters/telemetry/otel spans and
// metrics.
type LoginObserver interface {
	// ObserveLogin is called after each event, and what it belongs to waits for it. ctx has the
	// values of the call that needed the token, for example its span.
	//
	// If ObserveLogin returns an error for a login or a refresh that succeeded, the token is
	// dropped: neither stored nor returned, and the login fails with that error. Other events have
	// happened already, so an error is logged as a warning. An observer whose failure must not
	// prevent logins returns nil.
	ObserveLogin(ctx context.Context, event core.LoginEvent) error
}

// ProgramReporter is implemented by an authenticator that runs a program, so that events name it.
type ProgramReporter interface {
	// Program returns what ran for the latest login. It starts nothing.
	Program() core.Program
}
