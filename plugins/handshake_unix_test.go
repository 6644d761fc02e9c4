//go:build unix

package plugins_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testkit"
	"github.com/taegis-go/taegis/plugins"
)

// FuzzPluginHandshake starts a program that prints anything where a plugin says how to reach it, and
// then ends or stays. It is never taken for a plugin; the error says what it did, fits on a line and
// holds no secret. Each try starts a process, which bounds how many there are in a second.
func FuzzPluginHandshake(f *testing.F) {
	dir := f.TempDir()
	program, said := filepath.Join(dir, "taegis-plugin-fuzz"), filepath.Join(dir, "said")
	script := "#!" + testkit.Program(f, "sh") + "\n" + testkit.Program(f, "cat") + " \"$SAID\"\ntest -z \"$STAYS\" || exec " + testkit.Program(f, "sleep") + " 60\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		f.Fatal(err)
	}
	sum, err := plugins.Pin(program)
	if err != nil {
		f.Fatal(err)
	}
	const secret = "c4nary of the host's"
	for i, text := range []string{
		"1|1|unix|/nonexistent/socket|grpc|\n", "1|2|unix|/nonexistent/socket|grpc|\n", "2|1|unix|/x|grpc\n", "1|1|unix|/x|netrpc\n", "1|1|unix|/x|grpc|bm8=\n",
		"", "\n", "|||||||\n", "1|\n", "1|1|\n", "1|99999999999999999999|unix|/x|grpc\n", "1|-1|unix\n", "hello\n" + secret + "\n", "\x1b[2J\x00|\xff\n",
		"1|1|udp|/x|grpc\n", "1|1|unix||grpc|" + strings.Repeat("A", 1500) + "|true\n", strings.Repeat("x", 20_000), "panic: " + secret + "\ngoroutine 1\n", "1|1|unix|/x|grpc|\nmore\n",
		"1|" + secret + "|unix|/x|grpc\n",
	} {
		f.Add([]byte(text), i == 0)
	}
	f.Fuzz(func(t *testing.T, text []byte, stays bool) {
		if strings.Contains(string(text), "tcp") {
			return // the host would dial whatever address stands there
		}
		if err := os.WriteFile(said, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s := &stage{
			Config:    plugins.Config{Path: program, SHA256: sum, Env: []string{"SAID", "STAYS", "SECRET"}, WorkTime: 10 * time.Second},
			variables: map[string]string{"SAID": said, "SECRET": secret},
		}
		if stays {
			s.variables["STAYS"], s.WorkTime = "yes", 50*time.Millisecond
		}
		p, err := plugins.Open(s.Config)
		if err != nil {
			t.Fatal(err)
		}
		token, err := p.Authenticate(t.Context(), s.request())
		_ = p.Close() // it always is nil
		login, ok := errors.AsType[*core.LoginError](err)
		if !token.IsZero() || !ok || login.Remedy == "" || !isFault(err) {
			t.Fatalf("token of %q, error %v (%T)", token.Origin, err, err)
		}
		words := err.Error()
		if strings.ContainsFunc(words, func(r rune) bool { return !unicode.IsPrint(r) }) || len([]rune(words)) > 1000 || strings.Contains(words, secret) {
			t.Fatalf("the error is not fit to be shown: %q", words)
		}
	})
}

// isFault reports whether err says what a plugin did wrong.
func isFault(err error) bool {
	for _, kind := range []error{plugins.ErrStart, plugins.ErrVersion, plugins.ErrCrashed, plugins.ErrHung, plugins.ErrMalformed} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
