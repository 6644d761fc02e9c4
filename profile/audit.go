package profile

import (
	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/audit"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/ports"
)

// AuditConfig is the audit log of the file; see [audit.Log] for the meaning of the fields.
type AuditConfig struct {
	// Log is the target: the path of a file, which may begin with "~/", "syslog" or "journal".
	// Empty means that the file names no audit log.
	Log string `toml:"log"`
	// Required makes logins fail that cannot be recorded.
	Required bool `toml:"required"`
}

// checkAudit returns the fault of the table audit.
func (f *File) checkAudit() error {
	if f.Audit.Log == "" {
		if f.Audit.Required {
			return f.fault("audit.required", "there is no audit log", "name it in audit.log, or remove the key")
		}
		return nil
	}
	target, err := f.Audit.target()
	if err == nil {
		err = audit.Check(target)
	}
	if err != nil {
		return f.fault("audit.log", err.Error(), core.Hint(err))
	}
	return nil
}

func (c AuditConfig) target() (string, error) {
	if c.Log[0] == '~' {
		return envvar.Home("audit.log", c.Log)
	}
	return c.Log, nil
}

// observers returns the option for the audit logs: that of the file of the system, that of the user's,
// and that of TAEGIS_AUDIT_LOG. Each adds one, because none may take away what an administrator has
// chosen.
func (f *File) observers(c Overrides) ([]taegis.Option, error) {
	var logs []*audit.Log
	for _, config := range []AuditConfig{f.administered, f.Audit} {
		if config.Log == "" {
			continue
		}
		target, err := config.target()
		if err != nil {
			return nil, err
		}
		logs = add(logs, &audit.Log{Target: target, Required: config.Required, Logger: c.Logger})
	}
	log, err := audit.FromEnvironment(c.LookupEnv, c.Logger)
	if err != nil {
		return nil, err
	}
	if log != nil {
		logs = add(logs, log)
	}
	if len(logs) == 0 {
		return nil, nil
	}
	var observers []ports.LoginObserver
	for _, log := range logs {
		observers = append(observers, log)
	}
	return []taegis.Option{taegis.WithLoginObserver(observers...)}, nil
}

// add adds a log to those that write elsewhere. Of two with one target, one is enough.
func add(logs []*audit.Log, log *audit.Log) []*audit.Log {
	for _, other := range logs {
		if other.Target == log.Target {
			other.Required = other.Required || log.Required
			return logs
		}
	}
	return append(logs, log)
}
