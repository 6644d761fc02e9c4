package subprocess

import (
	"regexp"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/internal/redact"
)

// harmless matches variables with names like secrets that only contain paths.
var harmless = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(PASSWORD_STORE|XDG)_`) })

// WithoutSecrets returns the variables for a program that may outlive this one, for example a
// browser or an agent: it needs the user's environment without secrets. Secrets are recognised by
// name.
func WithoutSecrets(environ []string) []string {
	var kept []string
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if !redact.Sure(name) || harmless().MatchString(name) {
			kept = append(kept, variable)
		}
	}
	return kept
}
