package subprocess

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Granted returns the variables of these names as NAME=VALUE, for a program that gets no others. It
// omits a variable that is not set. The result is never nil, because exec.Cmd would then use this
// process's environment.
func Granted(names []string, lookup func(name string) (value string, ok bool)) []string {
	env := []string{}
	for _, name := range names {
		if value, ok := lookup(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// ambient matches the names of variables that describe a session and its machine, and not the
// account that a program logs in with. They differ between a desktop, a terminal and cron.
var ambient = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:PATH|PATHEXT|PWD|OLDPWD|SHLVL|SHELL|COMSPEC|SYSTEMROOT|WINDIR|TMP|TEMP|TMPDIR|TZ|LANG|LANGUAGE|LC_[A-Z]+|` +
		`TERM|COLORTERM|NO_COLOR|COLUMNS|LINES|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS|GPG_TTY|SSH_TTY|` +
		`GORACE|GODEBUG|GOTRACEBACK|HTTPS_PROXY|HTTP_PROXY|ALL_PROXY|NO_PROXY|SSL_CERT_FILE|SSL_CERT_DIR)$`)
})

// Identifying returns, sorted, the variables of a program that may affect the account it logs in
// with: all but those that describe a session and its machine.
func Identifying(env []string) []string {
	var kept []string
	for _, variable := range env {
		if name, _, _ := strings.Cut(variable, "="); !ambient().MatchString(name) {
			kept = append(kept, variable)
		}
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}
