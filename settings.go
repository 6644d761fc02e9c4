package taegis

import (
	"regexp"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// settings finds what is configured for one environment: the environment's variables, under
// the names that the configuration file gives them.
type settings struct {
	lookupEnv func(string) (string, bool)
	// renamed returns the variable's name that the configuration file has for a key, and where
	// it stands.
	renamed func(key string) (variable, where string, ok bool)
}

// lookup finds a setting by name; see [core.LoginRequest].
func (s *settings) lookup(name string) (core.Setting, bool) {
	variable, setting := name, core.Setting{Variable: name}
	if name == core.SettingClientID || name == core.SettingClientSecret {
		if renamed, where, ok := s.renamed(strings.ToLower(name)); ok {
			variable, setting = renamed, core.Setting{Variable: presentable(renamed, where), NamedBy: where}
		}
	}
	value, ok := s.lookupEnv(variable)
	setting.Value = core.NewSecret(value)
	return setting, ok
}

var conventional = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// presentable returns a variable's name for people to read. One that does not look like a name
// may be a secret that somebody has put into the file in its place, and is not shown.
func presentable(variable, where string) string {
	if conventional.MatchString(variable) {
		return variable
	}
	return "the variable that " + where + " names"
}
