package profile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
	"github.com/taegis-go/taegis/services/subjects"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

const twoProfiles = `profile = "work"
[environments.lab]
api = "https://lab.example"
[profiles.work]
environment = "lab"
tenant = "145831"
[profiles.home]
environment = "delta"
tenant = "815"
`

func TestOptions(t *testing.T) {
	for name, test := range map[string]struct {
		profile             string
		variables           map[string]string
		environment, tenant string
	}{
		"the active profile":        {"", nil, "lab", "145831"},
		"a named profile":           {"home", nil, "delta", "815"},
		"the profile of a variable": {"", map[string]string{profile.NameVariable: "home"}, "delta", "815"},
		"the argument wins":         {"work", map[string]string{profile.NameVariable: "home"}, "lab", "145831"},
		"a variable wins over the profile": {
			"work", map[string]string{"TAEGIS_ENVIRONMENT": "echo", "TAEGIS_TENANT_ID": "1"}, "echo", "1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			isolate(t)
			t.Setenv(profile.PathVariable, write(t, twoProfiles))
			for variable, value := range test.variables {
				t.Setenv(variable, value)
			}
			options, err := profile.Options(test.profile)
			if err != nil {
				t.Fatal(err)
			}
			fake := taegistest.NewTransport(t)
			fake.Reply("currentSubject", map[string]any{"id": "1"})
			client, err := taegis.New(append(options, taegis.WithTransport(fake),
				taegis.WithTokenStore(&tokenstore.Memory{}),
				taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("a-token")}))...)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			if _, err := subjects.New(client).CurrentSubject(t.Context(), subjects.CurrentSubjectArgs{}); err != nil {
				t.Fatal(err)
			}
			if sent := fake.Requests()[0]; sent.Environment.Canonical != test.environment || sent.Tenant != test.tenant {
				t.Errorf("environment %q, tenant %q", sent.Environment.Canonical, sent.Tenant)
			}
		})
	}
}

func TestOptionsThatCannotBeUsed(t *testing.T) {
	for name, test := range map[string]struct{ text, profile, want string }{
		"an unknown profile": {twoProfiles, "wrok", "did you mean work?"},
		"an invalid file":    {"profile = [", "", "config.toml:1"},
		"no such profile":    {"", "work", "create a profile"},
		"an unknown backend": {"[profiles.work]\ntoken-store = \"vault\"\n", "work", "vault"},
	} {
		t.Run(name, func(t *testing.T) {
			isolate(t)
			t.Setenv(profile.PathVariable, write(t, test.text))
			options, err := profile.Options(test.profile)
			if options != nil || err == nil || !strings.Contains(err.Error(), test.want) || core.Hint(err) == "" {
				t.Errorf("%d options, %v", len(options), err)
			}
			if strings.Contains(test.want, "profile") && !errors.Is(err, profile.ErrUnknown) {
				t.Errorf("%v is not ErrUnknown", err)
			}
		})
	}
}

// isolate unsets the variables that a profile's settings come from, and moves the home.
func isolate(t *testing.T) {
	for _, name := range []string{profile.NameVariable, profile.BackendVariable, "TAEGIS_ENVIRONMENT", "TAEGIS_TENANT_ID", "TAEGIS_API_URL"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
}

// A profile selects the environment, the tenant and the chain; the program stays as it is.
func ExampleOptions() {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	folder, _ := os.MkdirTemp("", "")
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, "config.toml")
	_ = os.WriteFile(file, []byte(`
[environments.lab]
api = "`+server.URL+`"
[profiles.work]
environment = "lab"
tenant = "145831"
chain = ["client-credentials"]
`), 0o600)
	for name, value := range map[string]string{
		profile.PathVariable: file, "TAEGIS_CONFIG_FILE": filepath.Join(folder, "tokens"),
		"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret,
	} {
		_ = os.Setenv(name, value)
		defer func() { _ = os.Unsetenv(name) }()
	}

	options, err := profile.Options("work")
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := taegis.New(options...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = client.Close() }()
	token, err := client.Token(context.Background())
	fmt.Println(client.Environment().Name, token.Origin, err)
	// Output: lab client-credentials <nil>
}
