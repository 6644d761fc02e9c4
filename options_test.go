package taegis_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
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
		"custom": {options: []taegis.Option{taegis.WithEnvironments(lab), taegis.WithEnvironment(lab.Name)}, section: "lab", api: "https://lab.example"},
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
		"custom environment":  {taegis.WithEnvironments(core.Environment{Name: "lab"}), `environment "lab"`},
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

// If the configuration file cannot be used, only calls that need a token from it fail, with its
// error.
func TestABadConfigFileFailsOnlyCallsThatNeedIt(t *testing.T) {
	directory := t.TempDir()
	rubbish := filepath.Join(directory, "rubbish")
	if err := os.WriteFile(rubbish, []byte("no section here\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	given := map[string]string{"TAEGIS_ACCESS_TOKEN": "x"}
	client := map[string]string{"CLIENT_ID": "id", "CLIENT_SECRET": "secret"}
	for path, fault := range map[string]string{directory: directory + ": it is a directory", rubbish: rubbish + ":1: "} {
		for name, c := range map[string]struct {
			env      map[string]string
			options  []taegis.Option
			fails    bool
			warnings int
		}{
			"a token of a variable":        {given, nil, false, 0},
			"the same, tokens in memory":   {given, []taegis.Option{taegis.WithTokenStore(&tokenstore.Memory{})}, false, 1},
			"credentials, tokens there":    {client, nil, true, 0},
			"nothing, tokens there":        {nil, nil, true, 0},
			"own authenticator, in memory": {nil, []taegis.Option{taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("x")}), taegis.WithTokenStore(&tokenstore.Memory{})}, false, 1},
		} {
			var log strings.Builder
			options := append(in(t, c.env), taegis.WithConfigFile(path), taegis.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			client, err := taegis.New(append(options, c.options...)...)
			if err != nil {
				t.Fatal(err)
			}
			token, err := client.Token(t.Context())
			if err := client.Close(); err != nil {
				t.Error(err)
			}
			switch file, ok := errors.AsType[*core.FileError](err); {
			case c.fails && (!ok || file.Error() != err.Error() || !strings.HasPrefix(err.Error(), fault)):
				t.Errorf("%s: error %v, want the file's alone", name, err)
			case !c.fails && (err != nil || token.AccessToken.Reveal() != "x"):
				t.Errorf("%s: %v", name, err)
			}
			if n := strings.Count(log.String(), "level=WARN"); n != c.warnings {
				t.Errorf("%s: %d warnings: %s", name, n, log.String())
			}
		}
	}
}

func TestWithoutInput(t *testing.T) {
	for name, c := range map[string]struct {
		env    map[string]string
		option taegis.Option
		want   string
	}{
		"option":   {option: taegis.WithNonInteractive("because"), want: "because"},
		"no words": {option: taegis.WithNonInteractive(""), want: "the program does not allow it"},
		"variable": {env: map[string]string{"TAEGIS_NO_INPUT": "1"}, option: taegis.WithTenant(""), want: "TAEGIS_NO_INPUT"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := taegis.New(append(in(t, c.env), c.option)...)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if _, err := client.Token(t.Context()); !errors.Is(err, core.ErrUnavailable) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

func TestRetryLimitsFromTheConfigFile(t *testing.T) {
	d := newLoginServer(t)
	if err := os.WriteFile(d.config, []byte("[backoff.retry]\nmax_tries = 2\nmax_time = 30\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.asClient()
	d.AddFault(tokenRoute, emulator.Fault{Status: 503})
	if _, err := d.client(t).Token(t.Context()); err == nil {
		t.Fatal("a token from a failing server")
	}
	d.wantCount(t, tokenRoute, 2)
}

// A value of another program's key that is not understood is one warning, and the default holds: 0
// means "no limit" to the vendor's notebook tool, which writes it.
func TestSettingsOfTheNotebookToolStopNothing(t *testing.T) {
	for text, want := range map[string]struct {
		requests, warnings int
	}{
		"[backoff.retry]\nmax_tries = 0\nmax_time = 10\n":                               {4, 1},
		"[backoff.retry]\nmax_tries = 0\nmax_time = 0\n":                                {4, 1},
		"[backoff.retry]\nmax_tries = -1\n":                                             {4, 1},
		"[backoff.retry]\nmax_tries = many\nmax_time = long\n":                          {4, 1},
		"[backoff.retry]\nmax_tries =\n":                                                {4, 1},
		"[backoff.retry]\nmax_tries = 9999999999999999999999\nmax_time = 1e300\n":       {4, 1},
		"[backoff.retry]\nmax_time = nan\n":                                             {4, 1},
		"[backoff.retry]\nmax_tries = 1\nmax_time = 0\n":                                {1, 1},
		"[backoff.retry]\nmax_tries = 2\n":                                              {2, 0},
		"[DEFAULT]\nmax_tries = 0\n[backoff.retry]\n[magics.auth]\n":                    {4, 1},
		"[backoff.retry]\nmax_tries = 0\n[magics.auth]\n" + universalKey + " = maybe\n": {4, 1},
		"[magics.auth]\n" + universalKey + " = off\n":                                   {4, 0},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			d := newLoginServer(t)
			d.asClient()
			if err := os.WriteFile(d.config, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			client := d.client(t)
			d.AddFault(tokenRoute, emulator.Fault{Status: 503})
			if _, err := client.Token(t.Context()); err == nil {
				t.Error("a token from a failing server")
			}
			d.wantCount(t, tokenRoute, want.requests)
			if err := client.ClearTokens(t.Context()); err != nil {
				t.Errorf("logout: %v", err)
			}
			if n := strings.Count(d.log.String(), "level=WARN"); n != want.warnings {
				t.Errorf("%d warnings, want %d: %s", n, want.warnings, d.log.String())
			}
		})
	}
}

const universalKey = "use_universal_authentication"

// Universal authentication of the notebook tool's is named if there is no login, and a region
// of its own is known by its name.
func TestTheNotebookToolsSettings(t *testing.T) {
	d := newLoginServer(t)
	text := "[magics.auth]\n" + universalKey + " = true\n\n[magics.regions]\nlab = " + d.URL + "/\nbad = http://taegis.example\ncharlie = https://evil.example\nempty =\n"
	if err := os.WriteFile(d.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	delete(d.env, "TAEGIS_API_URL")
	_, err := d.client(t, taegis.WithNonInteractive("a test")).Token(t.Context())
	for _, part := range []string{"taegis-magic", "[magics.auth] " + universalKey + " in " + d.config, "enable universal authentication"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in: %v", part, err)
		}
	}
	if _, err := d.client(t, taegis.WithNonInteractive("a test"), taegis.WithUniversalAuth()).Token(t.Context()); err == nil || strings.Contains(err.Error(), "taegis-magic") {
		t.Errorf("with universal authentication: %v", err)
	}
	d.asClient()
	for _, name := range []string{"lab", "LAB"} {
		client := d.client(t, taegis.WithEnvironment(name))
		if e := client.Environment(); e.APIURL != d.URL || e.Section() != name {
			t.Errorf("%+v", e)
		}
		call(t, client)
		call(t, d.client(t, taegis.WithBaseURL(d.URL)))
	}
	if e := d.client(t).Environment(); e.APIURL != "https://api.ctpx.secureworks.com" {
		t.Errorf("the file moves charlie to %s", e.APIURL)
	}
	for name, want := range map[string]string{"bad": "[magics.regions]", "empty": "unknown environment", "other": "unknown environment"} {
		_, err := taegis.New(taegis.WithConfigFile(d.config), taegis.WithEnvironment(name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
