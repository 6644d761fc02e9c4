// Package envvar reads settings from environment variables and expands the paths in settings.
package envvar

import "github.com/taegis-go/taegis/internal/setting"

// Variables reads settings from environment variables. A variable that is empty once it is cleaned
// counts as unset.
type Variables struct {
	// Lookup returns a variable's value, and whether it is set.
	Lookup func(name string) (string, bool)
	// OnQuoted, if not nil, is called with the name of a variable if its value was in quotes.
	OnQuoted func(name string)
}

// Text returns a variable's value, cleaned.
func (v Variables) Text(name string) string {
	value, ok := v.Lookup(name)
	if !ok {
		return ""
	}
	cleaned, quoted := setting.Clean(value)
	if quoted && v.OnQuoted != nil {
		v.OnQuoted(name)
	}
	return cleaned
}

// Path returns the path in a variable; see [Path].
func (v Variables) Path(name string) (string, error) { return Path(name, v.Text(name)) }
