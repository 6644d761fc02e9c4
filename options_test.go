package taegis_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest"
)

// in returns options for a program in an empty home, with these variables.
func in(t *testing.T, env map[string]string) []taegis.Option {
	t.Helper()
	return []taegis.Option{
		taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")),
		taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := env[name]; return value, ok }),
	}
}

func TestEnvironmentFromOptionsAndVariables(t *testing.T) {
	lab, err := core.NewEnvironment("lab", "https://lab.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env             map[string]string
		options         []taegis.Option
		section, api    string
		auth, canonical string
	}{
		"default":  {section: "charlie", api: "https://api.ctpx.secureworks.com"},
		"variable": {env: map[string]string{"TAEGIS_ENVIRONMENT": "US2"}, section: "US2", canonical: "delta", api: "https://api.delta.taegis.secureworks.com"},
		"option before variable": {
			env: map[string]string{"TAEGIS_ENVIRONMENT": "us2"}, options: []taegis.Option{taegis.WithEnvironment("echo")},
			section: "echo", api: "https://api.echo.taegis.secureworks.com",
		},
		"base URL": {
			env: map[string]string{"TAEGIS_API_URL": "http://127.0.0.1:1/"}, section: "charlie", api: "http://127.0.0.1:1", auth: "http://127.0.0.1:1",
		},
		"base URL makes an environment": {
			options: []taegis.Option{taegis.WithEnvironment("lab"), taegis.WithBaseURL("https://lab.example")}, section: "lab", api: "https://lab.example",
		},
		"of the user's own": {options: []taegis.Option{taegis.WithCustomEnvironment(lab)}, section: "lab", api: "https://lab.example"},
		"universal authentication": {
			options: []taegis.Option{taegis.WithUniversalAuth()}, section: "universal",
			api: "https://api.ctpx.secureworks.com", auth: "https://api.taegis.secureworks.com",
		},
		"universal authentication at a base URL": {
			options: []taegis.Option{taegis.WithUniversalAuth(), taegis.WithBaseURL("https://proxy.example")}, section: "universal",
			api: "https://proxy.example", auth: "https://proxy.example",
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := taegis.New(append(in(t, c.env), c.options...)...)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if c.auth == "" {
				c.auth = c.api
			}
			e := client.Environment()
			if e.Section() != c.section || e.APIURL != c.api || e.AuthURL != c.auth || c.canonical != "" && e.Canonical != c.canonical {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestNewRefusesWhatCannotBeUsed(t *testing.T) {
	directory := t.TempDir()
	rubbish := filepath.Join(directory, "rubbish")
	if err := os.WriteFile(rubbish, []byte("no section here\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		option taegis.Option
		want   string
	}{
		"unknown environment": {taegis.WithEnvironment("carlie"), `unknown environment "carlie"`},
		"plain http":          {taegis.WithBaseURL("http://taegis.example"), "loopback only"},
		"custom environment":  {taegis.WithCustomEnvironment(core.Environment{Name: "lab"}), `environment "lab"`},
		"rubbish as config":   {taegis.WithConfigFile(rubbish), rubbish + ":1"},
		"directory as config": {taegis.WithConfigFile(directory), directory},
		"no CA bundle":        {taegis.WithCABundle(filepath.Join(directory, "none.pem")), "none.pem"},
		"empty CA bundle":     {taegis.WithCABundle(rubbish), "holds no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := taegis.New(append(in(t, nil), c.option)...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestABadConfigFileDoesNotStopWhoNeedsNothingOfIt(t *testing.T) {
	client, err := taegis.New(append(in(t, nil), taegis.WithConfigFile(t.TempDir()),
		taegis.WithTokenStore(&tokenstore.Memory{}), taegis.WithAuthenticators(&authn.Static{Token: core.NewSecret("x")}))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if token, err := client.Token(t.Context()); err != nil || token.AccessToken.Reveal() != "x" {
		t.Errorf("%v, %v", token, err)
	}
}

func TestWithoutInput(t *testing.T) {
	for name, c := range map[string]struct {
		env    map[string]string
		option taegis.Option
		want   string
	}{
		"option":   {option: taegis.WithoutInput("because"), want: "because"},
		"no words": {option: taegis.WithoutInput(""), want: "the program does not allow it"},
		"variable": {env: map[string]string{"TAEGIS_NO_INPUT": "1"}, option: taegis.WithTenant(""), want: "TAEGIS_NO_INPUT"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := taegis.New(append(in(t, c.env), c.option)...)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if _, err := client.Token(t.Context()); !errors.Is(err, core.ErrNotApplicable) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

func TestRetryLimitsFromTheConfigFile(t *testing.T) {
	d := newDesk(t)
	if err := os.WriteFile(d.config, []byte("[backoff.retry]\nmax_tries = 2\nmax_time = 30\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.asClient()
	d.AddFault(tokenRoute, taegistest.Fault{Status: 503})
	if _, err := d.client(t).Token(t.Context()); err == nil {
		t.Fatal("a token from a failing server")
	}
	d.wantCount(t, tokenRoute, 2)
	if err := os.WriteFile(d.config, []byte("[backoff.retry]\nmax_tries = many\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := taegis.New(taegis.WithConfigFile(d.config))
	if fault, ok := errors.AsType[*core.FileError](err); !ok || !strings.Contains(fault.Error(), "max_tries") {
		t.Errorf("error: %v", err)
	}
}
