package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

// TestUsers runs the example as the users of one machine do, with a profile file and one token store:
// two users with one badge reader, and two profiles with different user names.
func TestUsers(t *testing.T) {
	logins := map[string]int{}
	broker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Badge, Code string }
		if json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Code != "code of "+asked.Badge {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		logins[asked.Badge]++
		fmt.Fprintf(w, `{"access_token": "token-of-%s", "expires_in": 3600}`, asked.Badge)
	}))
	defer broker.Close()
	program, dir := testutil.Build(t), t.TempDir()
	sum, err := plugins.Checksum(program)
	if err != nil {
		t.Fatal(err)
	}
	reader := filepath.Join(dir, "reader")
	path := filepath.Join(dir, "config.toml")
	table := func(name, settings string) string {
		return fmt.Sprintf("[plugins.%s]\npath = %q\nsha256 = %q\nprompts = true\nsettings = { broker_url = %q%s }\n", name, program, sum, broker.URL, settings)
	}
	text := "[profiles.desk]\nchain = [\"plugin:desk\"]\n" +
		"[profiles.ann]\nusername = \"4713\"\nchain = [\"plugin:named\"]\n" +
		"[profiles.bob]\nusername = \"4714\"\nchain = [\"plugin:named\"]\n" +
		table("desk", fmt.Sprintf(", reader = %q", reader)) + table("named", "")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(profile.PathVariable, path)
	store := &tokenstore.Memory{}
	token := func(name string, prompt core.Prompt) (string, error) {
		t.Helper()
		options, err := profile.Options(name)
		if err != nil {
			t.Fatal(err)
		}
		client, err := taegis.New(append(options, taegis.WithTokenStore(store), taegis.WithPrompt(prompt))...)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		got, err := client.Token(t.Context())
		return got.AccessToken.Reveal(), err
	}
	typing := core.Prompt{AskSecret: func(_ context.Context, label string) (core.Secret, error) {
		badge := strings.TrimSuffix(label[strings.LastIndex(label, "badge ")+len("badge "):], ": ")
		return core.NewSecret("code of " + badge), nil
	}}
	for _, step := range []struct{ profile, reader, badge string }{
		{"desk", "4711", "4711"},
		{"desk", "4712", "4712"},
		{"desk", "4711", "4711"},
		{"ann", "", "4713"},
		{"bob", "", "4714"},
		{"ann", "", "4713"},
		{"desk", "4712", "4712"},
	} {
		if err := os.WriteFile(reader, []byte(step.reader), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := token(step.profile, typing); err != nil || got != "token-of-"+step.badge {
			t.Errorf("%+v got %s, %v", step, got, err)
		}
		if got, err := token(step.profile, core.Prompt{}); err != nil || got != "token-of-"+step.badge {
			t.Errorf("%+v without a terminal got %s, %v", step, got, err)
		}
	}
	for badge, n := range logins {
		if n != 1 {
			t.Errorf("the badge %s logged in %d times", badge, n)
		}
	}
	if len(logins) != 4 {
		t.Errorf("the logins are %v", logins)
	}
}
