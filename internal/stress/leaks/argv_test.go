//go:build unix

package leaks

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/stress"
)

// flagWithValue is a flag in a help text that takes a value.
var flagWithValue = regexp.MustCompile(`(?m)^\s+(?:-\w, )?--([a-z-]+) [a-zA-Z]+ `)

// harmless are flags with the name of a secret that take something else.
var harmless = map[string]string{
	"plugin install --key": "a public key",
	"plugin verify --key":  "a public key",
	"plugin sign --key":    "the path of a secret key",
}

// No flag takes a secret. What takes values of any name warns of those that are secrets.
func TestSecretsAsArguments(t *testing.T) {
	s := newFixture(t).asClient()
	s.must("auth", "login")
	commands, flags := s.tree(), 0
	for _, command := range commands {
		help, _ := s.run(append(slices.Clone(command), "--help")...)
		for _, match := range flagWithValue.FindAllStringSubmatch(help, -1) {
			flags++
			name := match[1]
			if harmless[strings.Join(command, " ")+" --"+name] != "" {
				continue
			}
			if name != "token-store" && !strings.HasSuffix(name, "-lifetime") && regexp.MustCompile(`secret|passw|passphrase|token|key|otp|code|credential`).MatchString(name) {
				t.Errorf("%v has the flag --%s", command, name)
			}
		}
	}
	given := [][]string{
		{"call", "clients", "rotateClientSecret", "--arg", "id=1", "--arg", "secret=" + sideSecret},
		{"call", "clients", "rotateClientSecret", "--arg", "id=1", "--arg", `secret:="swordfish"`},
		{"api", `mutation { rotateClientSecret(id: "1", secret: "swordfish") { clientSecret } }`},
		{"api", "query ($token: String) { client(id: $token) { id } }", "--var", "token=swordfish"},
		{"api", "query ($token: String) { client(id: $token) { id } }", "--variables", `{"token": "swordfish"}`},
		{"plugin", "install", "/nowhere", "--var", "BADGE=swordfish"},
		{"config", "set", "charlie", "client_secret", "swordfish"},
		{"auth", "login", "--with-token", "swordfish"},
		{"auth", "login", "--with-token=swordfish"},
	}
	warned := 0
	for _, args := range given {
		_, said := s.quietly(args...)
		if strings.Contains(said, "holds a secret") || strings.Contains(said, "stdin") || strings.Contains(said, "variable") {
			warned++
		} else {
			t.Errorf("%v: %s", args, said)
		}
		if strings.Contains(said, "swordfish") {
			t.Errorf("%v repeats it: %s", args, said)
		}
	}
	stress.Report(t, stress.Leaks, "secrets as arguments of the command line", "0 flags take one; where one can be given, a refusal or a warning that does not repeat it",
		"%d flags of %d commands; %d of %d ways refused or warned of", flags, len(commands), warned, len(given))
	if flags < 100 {
		t.Errorf("only %d flags were looked at", flags)
	}
}
