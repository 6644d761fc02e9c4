package setting

import "log/slog"

// Variables reads settings from environment variables. A variable that is empty once it is cleaned
// counts as unset.
type Variables struct {
	// Lookup returns a variable's value, and whether it is set.
	Lookup func(name string) (string, bool)
	// OnQuoted, if not nil, is called with the name of a variable whose value was in quotes.
	OnQuoted func(name string)
}

// Text returns a variable's value, cleaned.
func (v Variables) Text(name string) string {
	value, ok := v.Lookup(name)
	if !ok {
		return ""
	}
	cleaned, quoted := Clean(value)
	if quoted && v.OnQuoted != nil {
		v.OnQuoted(name)
	}
	return cleaned
}

// Path returns the path in a variable; see [Path].
func (v Variables) Path(name string) (string, error) { return Path(name, v.Text(name)) }

// WarnOfQuotes logs that a setting was in quotes, which its users rarely see.
func WarnOfQuotes(logger *slog.Logger, name string) {
	logger.Warn("a setting is in quotes, which are ignored; remove them where it is set", "setting", name)
}
