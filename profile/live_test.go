package profile_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

// TestAPluginFollowsItsFile changes the file between the calls of an authenticator that is in use.
func TestAPluginFollowsItsFile(t *testing.T) {
	const chain = "[profiles.work]\nchain = [\"plugin:acme\"]\n"
	table := func(setting string) string {
		return "[plugins.acme]\npath = \"/nowhere\"\nsha256 = [\"" + hash + "\"]\nsettings = { a = \"" + setting + "\" }\n"
	}
	path := write(t, chain+table("1"))
	var log bytes.Buffer
	file, err := profile.LoadFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := file.Resolve(profile.Overrides{Profile: "work", Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	plugin := settings.Authenticators[0]
	account := func() core.Account {
		t.Helper()
		account, err := plugin.Account(t.Context(), core.LoginRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return account
	}
	replace := func(text string) { // as atomic writers do
		t.Helper()
		next := filepath.Join(t.TempDir(), "next")
		if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, path); err != nil {
			t.Fatal(err)
		}
	}
	first := account()
	replace(chain + table("2"))
	second := account()
	if first == second {
		t.Errorf("the account stays %s with another setting", first)
	}
	for _, unusable := range []string{"[plugins.acme", chain, chain + "[plugins.acme]\npath = \"relative\"\n", "version = 99\n"} {
		log.Reset()
		replace(unusable)
		for range 2 {
			if got := account(); got != second {
				t.Errorf("%q: the account is %s, want %s", unusable, got, second)
			}
		}
		if strings.Count(log.String(), "level=WARN") != 1 {
			t.Errorf("%q: the log is %s", unusable, &log)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := account(); got != second {
		t.Errorf("without the file the account is %s, want %s", got, second)
	}
	replace("[profiles.work]\n")
	if _, err := plugin.Account(t.Context(), core.LoginRequest{}); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("a plugin that was removed gives %v", err)
	}
	replace(chain + table("1"))
	if got := account(); got != first {
		t.Errorf("the account is %s, want %s", got, first)
	}
	if err := plugin.(io.Closer).Close(); err != nil {
		t.Error(err)
	}
	if _, err := plugin.Account(t.Context(), core.LoginRequest{}); !errors.Is(err, core.ErrClosed) {
		t.Errorf("a closed plugin gives %v", err)
	}
}

// TestEditsAtTheSameTime changes one file by many Files at once, each of which was read before the
// others wrote.
func TestEditsAtTheSameTime(t *testing.T) {
	path := write(t, commented)
	var edits sync.WaitGroup
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	for _, name := range names {
		file, err := profile.LoadFile(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		edits.Go(func() {
			if err := file.SetPlugin(name, profile.PluginConfig{Path: "/" + name, SHA256: profile.Strings{hash}}); err != nil {
				t.Error(err)
			}
			if err := file.SetKey(name, "tenant", "1"); err != nil {
				t.Error(err)
			}
			err := file.UpdatePlugin("a", func(p profile.PluginConfig) (profile.PluginConfig, error) {
				p.Path, p.Env = "/a", append(p.Env, name)
				return p, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	edits.Wait()
	file, err := profile.LoadFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, ok := file.Plugins[name]; !ok {
			t.Errorf("the plugin %s was lost", name)
		}
		if file.Profiles[name].Tenant != "1" {
			t.Errorf("the profile %s was lost", name)
		}
	}
}
