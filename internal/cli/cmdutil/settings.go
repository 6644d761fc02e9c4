package cmdutil

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/profile"
)

// RedactSettings returns the settings without secrets, which a URL can contain.
func RedactSettings(settings []profile.Value) []profile.Value {
	shown := slices.Clone(settings)
	for i := range shown {
		shown[i].Text = redact.Text(shown[i].Text)
	}
	return shown
}

// DescribeSetting returns the value of a setting and its source.
func DescribeSetting(s profile.Value) string {
	if s.Text == "" {
		return "- (default)"
	}
	return fmt.Sprintf("%s (%s)", s.Text, s.From)
}

// OfSystem returns a note that a key of the profile file comes from the file of the system, "" if it
// does not.
func OfSystem(file *profile.File, key string) string {
	if path := file.Origin(key); path != file.Path {
		return " (" + path + ")"
	}
	return ""
}

// WarnIfOverridden warns if an environment variable overrides the value that was written to the
// profile file.
func (a *App) WarnIfOverridden(name, value string) {
	if set := Env.Text(name); set != "" && set != value {
		a.Warnf("%s is set to %s, which overrides the profile file; unset it", name, set)
	}
}

// RedactValue returns the value of a key of the configuration file. If the value must not be shown, it
// returns a text in its place.
func RedactValue(key, value string) string {
	switch {
	case value == "":
		return ""
	case key == accessTokenOwnerKey:
		return value
	case NamesVariable(key):
		if IsVariableName(value) {
			return value
		}
		return "(set, but not the name of a variable; not shown)"
	case redact.Sure(key):
		return "(set, not shown)"
	}
	return redact.Text(value)
}

// NamesVariable reports whether the value of a key of the configuration file is the name of an
// environment variable.
func NamesVariable(key string) bool {
	key = strings.ToLower(key)
	return key == "client_id" || key == "client_secret"
}

var variableName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`) })

// IsVariableName reports whether a text looks like the name of an environment variable: it has no
// lower-case letters, which most secrets have.
func IsVariableName(text string) bool { return variableName().MatchString(text) }

// ExportLine returns the shell command that sets an environment variable.
func ExportLine(name, value string) string {
	if runtime.GOOS == "windows" {
		return "$env:" + name + ` = "` + value + `"`
	}
	return "export " + name + "=" + shellquote.Word(value)
}

// UnsetLine returns the shell command that unsets environment variables.
func UnsetLine(names ...string) string {
	if runtime.GOOS == "windows" {
		return "Remove-Item Env:" + strings.Join(names, ", Env:")
	}
	return "unset " + strings.Join(names, " ")
}

// accessTokenKey is the key of a section's access token. accessTokenOwnerKey is the key of the token's
// account, which is not a secret.
const (
	accessTokenKey      = "access_token"
	accessTokenOwnerKey = "access_token_owner"
)
