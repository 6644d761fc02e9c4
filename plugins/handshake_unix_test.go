//go:build unix

package plugins_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
)

// TestProgramsThatAreNoPlugins starts real processes that print what the seeds of
// FuzzPluginHandshake hold. None counts as a plugin. The error says what the program did, fits on a
// line and holds no secret.
func TestProgramsThatAreNoPlugins(t *testing.T) {
	dir := t.TempDir()
	program, said := filepath.Join(dir, "taegis-plugin-fuzz"), filepath.Join(dir, "said")
	script := "#!" + testutil.Program(t, "sh") + "\n" + testutil.Program(t, "cat") + " \"$SAID\"\ntest -z \"$STAYS\" || exec " + testutil.Program(t, "sleep") + " 60\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	sum, err := plugins.Checksum(program)
	if err != nil {
		t.Fatal(err)
	}
	const secret = "c4nary of the host's"
	for i, output := range plugins.NotHandshakes {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			if err := os.WriteFile(said, []byte(output), 0o600); err != nil {
				t.Fatal(err)
			}
			s := &fixture{
				Config:    plugins.Config{Path: program, SHA256: []string{sum}, Env: []string{"SAID", "STAYS", "SECRET"}},
				variables: map[string]string{"SAID": said, "SECRET": secret},
			}
			if strings.HasSuffix(output, "\n") { // else the host waits for the rest of the line
				s.variables["STAYS"] = "yes"
			}
			start := time.Now()
			token, err := s.open(t).Authenticate(t.Context(), s.request())
			within(t, "an error", time.Since(start), 2*time.Second)
			login, ok := errors.AsType[*core.LoginError](err)
			if !token.IsZero() || !ok || login.HintText == "" || !isFault(err) {
				t.Fatalf("token of %q, error %v (%T)", token.Origin, err, err)
			}
			words := err.Error()
			if strings.ContainsFunc(words, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) }) || len([]rune(words)) > 1000 || strings.Contains(words, secret) {
				t.Fatalf("the error is not fit to be shown: %q", words)
			}
		})
	}
}

// isFault reports whether err says what a plugin did wrong.
func isFault(err error) bool {
	for _, kind := range []error{plugins.ErrStart, plugins.ErrVersion, plugins.ErrCrashed, plugins.ErrTimeout, plugins.ErrMalformed} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
