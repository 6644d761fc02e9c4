package process

import (
	"regexp"
	"strings"
)

// secretName matches the names of variables that hold secrets: those of this SDK, and what others
// call theirs.
var secretName = regexp.MustCompile(`(?i)SECRET|PASSW|PASSPHRASE|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY`)

// harmless matches those that sound like secrets and tell programs where to look.
var harmless = regexp.MustCompile(`^(PASSWORD_STORE|XDG)_`)

// WithoutSecrets returns those variables that a program is to inherit which may live long, such as
// a browser or an agent, and needs the user's surroundings but none of their secrets. What is one it
// can tell by the name alone.
func WithoutSecrets(environ []string) []string {
	var kept []string
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if !secretName.MatchString(name) || harmless.MatchString(name) {
			kept = append(kept, variable)
		}
	}
	return kept
}
