package profile

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/setting"
)

// reference matches ${NAME} in a setting, and $${, which stands for ${.
var reference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\$\{|\$\{[^}]*\}?`) })

// variableName matches the name of a variable in a reference.
var variableName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })

// expanded returns the settings of a plugin with the values of the variables that they name as
// ${NAME}, and the home folder in place of a "~/" at the beginning. The values count for the
// account. A variable that is not set, or that has the name of a secret, returns a
// [*core.FileError]: settings are logged.
func (f *File) expanded(plugin string, lookup func(string) (string, bool)) (map[string]string, error) {
	settings := maps.Clone(f.Plugins[plugin].Settings)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		value, reason, hint := expand(settings[key], lookup)
		if reason != "" {
			return nil, f.fault("plugins."+plugin+".settings."+key, reason, hint)
		}
		settings[key] = value
	}
	return settings, nil
}

// expand expands one setting. It returns why it cannot, and a hint.
func expand(text string, lookup func(string) (string, bool)) (value, reason, hint string) {
	home := ""
	if strings.HasPrefix(text, "~/") {
		var err error
		if home, err = envvar.Home("a setting", "~/"); err != nil {
			return "", "~ cannot be expanded: the home folder is not known", "set HOME, or write the whole path"
		}
		text = text[1:]
	}
	value = reference().ReplaceAllStringFunc(text, func(found string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(found, "${"), "}")
		switch {
		case found == "$${":
			return "${"
		case reason != "":
			return ""
		case !strings.HasSuffix(found, "}") || !variableName().MatchString(name):
			reason, hint = "a reference to a variable is written as ${NAME}", "correct it, or write $${ for the characters ${"
			return ""
		case redact.Sure(name):
			reason = "the variable " + name + " has the name of a secret, and settings are logged"
			hint = "grant the plugin the variable with the key env, and let it read it"
			return ""
		}
		set, _ := lookup(name)
		if set = setting.Text(set); set == "" {
			reason, hint = "the variable "+name+" is not set", "set it, or write $${ for the characters ${"
		}
		return set
	})
	return home + value, reason, hint
}

// unexpandable is the error for a setting that cannot be expanded.
type unexpandable struct{ err error }

// Error returns the message of the cause.
func (e *unexpandable) Error() string { return e.err.Error() }

// faulty takes the place of a plugin with a setting that cannot be expanded: a variable that is
// missing for one method does not disturb a chain that does not reach it.
type faulty struct {
	name string
	err  error
}

// Name returns the name of the plugin's method.
func (p *faulty) Name() string { return p.name }

// Account returns the error.
func (p *faulty) Account(context.Context, core.LoginRequest) (core.Account, error) { return "", p.err }

// Authenticate returns the error.
func (p *faulty) Authenticate(context.Context, core.LoginRequest) (core.Token, error) {
	return core.Token{}, p.err
}
