package profile_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

// TestNothingOfTheSystemsFileIsLost reads a file of the system that has each table, below one of the
// user's that has none.
func TestNothingOfTheSystemsFileIsLost(t *testing.T) {
	system(t, systemText+`[environments.next]
api = "https://api.example"
[accounts]
"145848" = "work"
[audit]
log = "/var/log/taegis.jsonl"
`, "", "# nothing\n")
	f, err := profile.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	value := reflect.ValueOf(*f)
	for i := range value.NumField() {
		if key := value.Type().Field(i).Tag.Get("toml"); key != "" && key != "-" && value.Field(i).IsZero() {
			t.Errorf("%s is lost", key)
		}
	}
}

// granted is an authenticator that always returns a token.
type granted struct{}

func (granted) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "test/granted", nil
}

func (granted) Authenticate(_ context.Context, req core.LoginRequest) (core.Token, error) {
	return core.NewToken("opaque", req.Time(), req.Time().Add(time.Hour)), nil
}

// logIn logs in as a program does that takes its options from the profile files.
func logIn(t *testing.T) error {
	t.Helper()
	options, err := profile.Options("")
	must(t, err)
	client, err := taegis.New(append(options, taegis.WithAuthenticators(granted{}), taegis.WithTokenStore(&tokenstore.Memory{}))...)
	must(t, err)
	defer func() { must(t, client.Close()) }()
	_, err = client.Login(t.Context())
	return err
}

// TestNoAuditLogIsTakenAway logs in with logs in the file of the system, the user's, and a variable.
func TestNoAuditLogIsTakenAway(t *testing.T) {
	for name, c := range map[string]struct {
		system, user, variable string
		want                   string
	}{
		"the system's":          {"a", "", "", "a"},
		"the user's":            {"", "b", "", "b"},
		"both":                  {"a", "b", "", "a b"},
		"all three":             {"a", "b", "c", "a b c"},
		"one named three times": {"a", "a", "a", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			logs := t.TempDir()
			table := func(log string) string {
				if log == "" {
					return ""
				}
				return fmt.Sprintf("[audit]\nlog = %q\n", filepath.Join(logs, log))
			}
			system(t, table(c.system), "", table(c.user))
			if c.variable != "" {
				t.Setenv("TAEGIS_AUDIT_LOG", filepath.Join(logs, c.variable))
			}
			must(t, logIn(t))
			var got []string
			entries, err := os.ReadDir(logs)
			must(t, err)
			for _, entry := range entries {
				text, err := os.ReadFile(filepath.Join(logs, entry.Name()))
				if err != nil || strings.Count(string(text), `"event":"login"`) != 1 {
					t.Errorf("%s: %q, %v", entry.Name(), text, err)
				}
				got = append(got, entry.Name())
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q were written, want %q", got, c.want)
			}
		})
	}
}

// TestARequiredLogStaysRequired names the log of the system in the user's file, without required.
func TestARequiredLogStaysRequired(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent", "log")
	system(t, fmt.Sprintf("[audit]\nlog = %q\nrequired = true\n", absent), "", fmt.Sprintf("[audit]\nlog = %q\n", absent))
	if logIn(t) == nil {
		t.Error("a login that cannot be recorded went on")
	}
}
