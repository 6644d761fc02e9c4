package subprocess

import (
	"regexp"
	"strings"

	"github.com/taegis-go/taegis/internal/redact"
)

// harmless matches those that sound like secrets and tell programs where to look.
var harmless = regexp.MustCompile(`^(PASSWORD_STORE|XDG)_`)

// WithoutSecrets returns those variables that a program is to inherit which may live long, such as
// a browser or an agent, and needs the user's surroundings but none of their secrets. What is one it
// can tell by the name alone.
func WithoutSecrets(environ []string) []string {
	var kept []string
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if !redact.Sure(name) || harmless.MatchString(name) {
			kept = append(kept, variable)
		}
	}
	return kept
}
