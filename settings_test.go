package taegis_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// dirt is what copying, shells and files leave around a value.
var dirt = map[string]func(string) string{
	"white space":   func(v string) string { return " \t" + v + "  " },
	"line ends":     func(v string) string { return v + "\r\n" },
	"no-break":      func(v string) string { return "\u00a0" + v + "\u202f" },
	"mark":          func(v string) string { return "\ufeff" + v },
	"zero width":    func(v string) string { return "\u200b" + v + "\u200d\u2060" },
	"quotes":        func(v string) string { return `"` + v + `"` },
	"single quotes": func(v string) string { return "'" + v + "'\n" },
}

// Every variable is cleaned, and quotes are logged once for each.
func TestVariablesAreCleaned(t *testing.T) {
	for name, soil := range dirt {
		t.Run(name, func(t *testing.T) {
			d := newLoginServer(t)
			d.env = map[string]string{}
			for variable, value := range map[string]string{
				"TAEGIS_API_URL": d.URL, "TAEGIS_ENVIRONMENT": "us2", "TAEGIS_TENANT_ID": "4711", "TAEGIS_TOKEN_STORE": "memory",
				"TAEGIS_NO_INPUT": "0", "TAEGIS_CA_BUNDLE": "", "TAEGIS_PROFILE": "", "HTTPS_PROXY": "http://proxy.example:3128",
				"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret, "TAEGIS_CONFIG_FILE": d.config,
			} {
				d.env[variable] = soil(value)
			}
			c := d.fromVariables(t)
			call(t, c)
			call(t, c)
			if e := c.Environment(); e.Name != "us2" || e.APIURL != d.URL {
				t.Errorf("%+v", e)
			}
			for _, r := range d.Requests() {
				if r.Path == "/graphql" && r.Header.Get("X-Tenant-Context") != "4711" {
					t.Errorf("tenant %q", r.Header.Get("X-Tenant-Context"))
				}
			}
			if _, err := os.Stat(d.config); err == nil {
				t.Error("a token for the memory went into a file")
			}
			for _, variable := range []string{"TAEGIS_API_URL", "TAEGIS_TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "TAEGIS_CONFIG_FILE"} {
				want := 0
				if strings.Contains(name, "quotes") {
					want = 1
				}
				if n := strings.Count(d.log.String(), "setting="+variable+"\n"); n != want {
					t.Errorf("%d warnings of %s, want %d:\n%s", n, variable, want, &d.log)
				}
			}
			if strings.Contains(d.log.String(), emulator.DemoClientSecret) {
				t.Error("a secret is in the log")
			}
		})
	}
}

// A token is found in whatever form it was copied.
func TestTokensAreCleaned(t *testing.T) {
	d := newLoginServer(t)
	token := d.Token(emulator.DemoUser)
	forms := map[string]string{"bearer": "Bearer " + token, "header": "authorization: bearer\t" + token + "\r\n", "quoted": `Bearer "` + token + `"`}
	for name, soil := range dirt {
		forms[name] = soil(token)
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			d.env["TAEGIS_ACCESS_TOKEN"] = form
			call(t, d.client(t))
			delete(d.env, "TAEGIS_ACCESS_TOKEN")
			call(t, d.client(t, taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret(form)})))
			ctx := taegis.ContextWithAccessToken(t.Context(), core.NewSecret(form))
			if _, err := clients.New(d.client(t)).ClientsSearch(ctx, clients.ClientsSearchArgs{}); err != nil {
				t.Error(err)
			}
			if name == "line ends" || strings.HasPrefix(name, "header") {
				return // which the file cannot hold
			}
			if err := os.WriteFile(d.config, []byte("[charlie]\naccess_token = "+strings.TrimRight(form, "\n")+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			call(t, d.client(t))
			if err := os.Remove(d.config); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestOptionsAreCleaned(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	c := d.client(t, taegis.WithEnvironment(" us2\n"), taegis.WithBaseURL("\ufeff"+d.URL+" "), taegis.WithTenant("'4711'"), taegis.WithConfigFile("~/x/config "))
	call(t, c)
	if c.Environment().Name != "us2" || !strings.Contains(d.log.String(), "setting=WithTenant\n") {
		t.Errorf("%+v, log %s", c.Environment(), &d.log)
	}
	if _, err := os.Stat(filepath.Join(home, "x", "config")); err != nil {
		t.Error(err)
	}
	fake, transport := faked(t)
	ctx := taegis.ContextWithEnvironment(taegis.ContextWithTenant(t.Context(), "\u00a0815 \n"), " us3 ")
	ctx = taegis.ContextWithAccessToken(ctx, core.NewSecret("x"))
	if err := search(ctx, fake); err != nil {
		t.Fatal(err)
	}
	if r := transport.Requests()[0]; r.Tenant != "815" || r.Environment.Name != "us3" {
		t.Errorf("%q, %q", r.Tenant, r.Environment.Name)
	}
}

func TestTheNamesOfVariablesInTheSharedFileAreCleaned(t *testing.T) {
	d := newLoginServer(t)
	d.env["MY_ID"], d.env["MY_SECRET"] = emulator.DemoClientID, emulator.DemoClientSecret
	text := "[charlie]\nclient_id = \"MY_ID\"\nclient_secret =\u00a0'MY_SECRET' \n[backoff.retry]\nmax_tries = \"2\"\nmax_time = '30'\n"
	if err := os.WriteFile(d.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	call(t, d.client(t))
}

func TestPathsInVariables(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	for _, variable := range []string{"TAEGIS_CONFIG_FILE", "TAEGIS_CA_BUNDLE"} {
		for _, value := range []string{"~ann/x", "~", "$HOME/x", "${HOME}/x", "/srv/~/x", "file:///x", "/a\n/b"} {
			_, err := taegis.New(taegis.WithLookupEnv(func(name string) (string, bool) { return value, name == variable }))
			if fault, ok := errors.AsType[*core.SettingError](err); !ok || fault.Setting != variable || core.Hint(err) == "" {
				t.Errorf("%s=%q: %v", variable, value, err)
			}
		}
	}
	d := newLoginServer(t)
	d.asClient()
	d.env["TAEGIS_CONFIG_FILE"] = "~/there/config\n"
	call(t, d.fromVariables(t))
	if _, err := os.Stat(filepath.Join(home, "there", "config")); err != nil {
		t.Error(err)
	}
}

// What a program sets in code can hold any character: it may come from the system.
func TestAPathFromCodeMayHoldAnyCharacter(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	path := filepath.Join(t.TempDir(), "a$b~c", "config")
	call(t, d.client(t, taegis.WithConfigFile(path)))
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestTenantsThatNoHeaderCanCarryAreRefusedAtOnce(t *testing.T) {
	isArgument := func(t *testing.T, err error) {
		t.Helper()
		if _, ok := errors.AsType[*core.ArgumentError](err); !ok || strings.HasPrefix(err.Error(), ":") {
			t.Errorf("error %v", err)
		}
	}
	for _, tenant := range []string{"1\r\nX-Evil: 1", "1\n2", "a,b", "é", "a\u200bb", "1\x002"} {
		_, err := taegis.New(append(in(t, nil), taegis.WithTenant(tenant))...)
		isArgument(t, err)
		_, err = taegis.New(in(t, map[string]string{"TAEGIS_TENANT_ID": tenant})...)
		isArgument(t, err)
		client, transport := faked(t)
		isArgument(t, search(taegis.ContextWithTenant(t.Context(), tenant), client))
		_, err = client.Token(taegis.ContextWithTenant(t.Context(), tenant))
		isArgument(t, err)
		isArgument(t, client.Execute(t.Context(), &core.Request{Operation: &core.Operation{Name: "x"}, Tenant: tenant}, nil))
		for _, err := range client.Subscribe(t.Context(), &core.Request{Operation: &core.Operation{Name: "x"}, Tenant: tenant}) {
			isArgument(t, err)
		}
		if n := len(transport.Requests()); n != 0 {
			t.Errorf("%q: %d requests", tenant, n)
		}
	}
}

// New uses the token store that the user names, or returns an error that names its package.
func TestTheTokenStoreOfTheVariable(t *testing.T) {
	for name, test := range map[string]struct {
		value, advice string
		onDisk        bool
	}{
		"unset":           {"", "", true},
		"file":            {"file", "", true},
		"memory":          {" memory\n", "", false},
		"keyring":         {"keyring", "profile.Options", false},
		"auto":            {"auto", "profile.Options", false},
		"encrypted file":  {`"encrypted-file"`, "profile.Options", false},
		"unknown":         {"keyrnig", "use one of auto", false},
		"other case":      {"Keyring", "use one of auto", false},
		"a token instead": {"eyJ.eyJ.x", "use one of auto", false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newLoginServer(t)
			d.asClient()
			d.env["TAEGIS_TOKEN_STORE"] = test.value
			lookup := taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := d.env[name]; return value, ok })
			_, err := taegis.New(lookup, taegis.WithConfigFile(d.config))
			if test.advice != "" {
				fault, ok := errors.AsType[*core.SettingError](err)
				if !ok || fault.Setting != "TAEGIS_TOKEN_STORE" || !strings.Contains(fault.Hint(), test.advice) || strings.Contains(err.Error(), "eyJ") {
					t.Errorf("error %v", err)
				}
				// An option comes before the variable.
				call(t, d.client(t, taegis.WithTokenStore(&tokenstore.Memory{})))
			} else {
				call(t, d.client(t))
			}
			if _, err := os.Stat(d.config); (err == nil) != test.onDisk {
				t.Errorf("on disk: %v, want %v", err, test.onDisk)
			}
		})
	}
}

func TestTheProfileOfTheVariable(t *testing.T) {
	env := map[string]string{"TAEGIS_PROFILE": "work"}
	_, err := taegis.New(in(t, env)...)
	if fault, ok := errors.AsType[*core.SettingError](err); !ok || fault.Setting != "TAEGIS_PROFILE" || !strings.Contains(fault.Hint(), "profile.Options") {
		t.Errorf("error %v", err)
	}
	all := []taegis.Option{
		taegis.WithEnvironment("us1"), taegis.WithTenant("1"), taegis.WithTokenStore(&tokenstore.Memory{}), taegis.WithAuthenticators(&authn.StaticToken{}),
	}
	if _, err := taegis.New(append(in(t, env), all...)...); err != nil {
		t.Errorf("code chooses all that a profile chooses: %v", err)
	}
	for i := range all {
		rest := append(append(in(t, env), all[:i]...), all[i+1:]...)
		if _, err := taegis.New(rest...); err == nil {
			t.Errorf("without option %d the profile is ignored", i)
		}
	}
	if _, err := taegis.New(in(t, map[string]string{"TAEGIS_PROFILE": " "})...); err != nil {
		t.Errorf("an empty variable: %v", err)
	}
}

// A proxy that is no URL ends a call before anything is sent.
func TestAProxyVariableThatHoldsNoURL(t *testing.T) {
	for _, variable := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"} {
		d := newLoginServer(t)
		d.asClient()
		d.env[variable] = "http://ann:Sesame#@proxy:3128"
		c := d.client(t)
		_, err := clients.New(c).ClientsSearch(t.Context(), clients.ClientsSearchArgs{})
		if wrong, ok := errors.AsType[*core.ProxyError](err); !ok || wrong.Variable != variable || strings.Contains(err.Error(), "Sesame") {
			t.Errorf("%s: %v", variable, err)
		}
		if n := len(d.Requests()); n != 0 {
			t.Errorf("%s: %d requests were sent", variable, n)
		}
		if err := c.ClearTokens(t.Context()); err != nil { // which needs no proxy
			t.Errorf("%s: %v", variable, err)
		}
	}
}

func TestA407AtTheLoginIsNotRepeated(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	d.AddFault(tokenRoute, emulator.Fault{Status: 407})
	_, err := d.client(t).Token(t.Context())
	if refused, ok := errors.AsType[*core.ProxyError](err); !ok || refused.Status != 407 || !strings.Contains(err.Error(), "not those of Taegis") {
		t.Errorf("error %v", err)
	}
	d.wantCount(t, tokenRoute, 1)
}

func TestWhatSwitchesInputOff(t *testing.T) {
	for value, off := range map[string]bool{
		"": false, "0": false, "false": false, "False": false, "no": false, "NO": false, "off": false, " n\n": false, `"0"`: false,
		"1": true, "true": true, "yes": true, " 1\r\n": true,
	} {
		d := newLoginServer(t)
		d.answers(t)
		maps.Copy(d.env, map[string]string{"TAEGIS_NO_INPUT": value})
		steps, err := d.client(t).Explain(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		forbidden := false
		for _, step := range steps {
			forbidden = forbidden || step.Err != nil && strings.Contains(step.Err.Error(), "TAEGIS_NO_INPUT")
		}
		if forbidden != off {
			t.Errorf("%q: input forbidden %v, want %v", value, forbidden, off)
		}
	}
}

// A secret of two lines is not sent: the server would only count it as a wrong one.
func TestCredentialsOfTwoLinesAreNotSent(t *testing.T) {
	for _, variable := range []string{"CLIENT_ID", "CLIENT_SECRET"} {
		d := newLoginServer(t)
		d.asClient()
		d.env[variable] += "\nSesame"
		_, err := d.client(t).Token(t.Context())
		if err == nil || !strings.Contains(err.Error(), variable+" contains a line break") || strings.Contains(err.Error(), "Sesame") {
			t.Errorf("%s: %v", variable, err)
		}
		d.wantCount(t, tokenRoute, 0)
	}
}

// A variable that is not the SDK's own, for example a plugin's, reaches its authenticator
// unchanged.
func TestVariablesOfOthersAreNotCleaned(t *testing.T) {
	d := newLoginServer(t)
	d.env["ACME_BADGE"] = ` "badge" `
	var log bytes.Buffer
	reads := &reading{name: "ACME_BADGE"}
	c := d.client(t, taegis.WithAuthenticators(reads), taegis.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	_, _ = c.Token(t.Context())
	if reads.value != ` "badge" ` || log.Len() != 0 {
		t.Errorf("%q, log %s", reads.value, &log)
	}
}

// reading is an authenticator that only reads a setting.
type reading struct{ name, value string }

func (r *reading) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	s, _ := req.Setting(r.name)
	r.value = s.Value.Reveal()
	return "", core.ErrUnavailable
}

func (r *reading) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	_, err := r.Account(ctx, req)
	return core.Token{}, err
}

// fromVariables starts a program that has only its variables.
func (d *loginServer) fromVariables(t *testing.T) *taegis.Client {
	t.Helper()
	c, err := taegis.New(taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := d.env[name]; return value, ok }),
		taegis.WithLogger(slog.New(slog.NewTextHandler(&d.log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
