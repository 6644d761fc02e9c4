package audit

import (
	"log/slog"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
)

// Variable names the target of an audit log, and RequiredVariable makes it required if it is "1" or
// "true".
const (
	Variable         = "TAEGIS_AUDIT_LOG"
	RequiredVariable = "TAEGIS_AUDIT_REQUIRED"
)

// FromEnvironment returns the log that the variables name, nil if they name none. A target that is
// none is a [*core.SettingError].
func FromEnvironment(lookup func(string) (string, bool), logger *slog.Logger) (*Log, error) {
	variables := envvar.Variables{Lookup: lookup}
	target := variables.Text(Variable)
	if target == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	if target[0] == '~' {
		var err error
		if target, err = envvar.Home(Variable, target); err != nil {
			return nil, err
		}
	}
	if err := Check(target); err != nil {
		return nil, &core.SettingError{Setting: Variable, Reason: "it names no target of an audit log", HintText: core.Hint(err), Err: err}
	}
	required := variables.Text(RequiredVariable)
	return &Log{Target: target, Required: required == "1" || required == "true", Logger: logger}, nil
}
