package profile_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

// Only the default file may be missing. A variable that names a missing file is a mistake that
// would otherwise select another environment and tenant.
func TestANamedFileMustExist(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, home)
	}
	t.Setenv(profile.NameVariable, "")
	for _, unset := range []string{"", " \n", `""`} {
		t.Setenv(profile.PathVariable, unset)
		if f, err := profile.Load(t.Context()); err != nil || f == nil {
			t.Errorf("the default one, with %q: %v", unset, err)
		}
	}
	for _, path := range []string{filepath.Join(home, "none.toml"), filepath.Join(home, "none", "config.toml"), "none.toml", "~/none.toml"} {
		t.Setenv(profile.PathVariable, path)
		_, err := profile.Options("")
		fault, ok := errors.AsType[*core.FileError](err)
		if !ok || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), profile.PathVariable) || fault.HintText == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
	path, err := profile.DefaultPath()
	if err != nil || path != filepath.Join(home, "none.toml") {
		t.Fatalf("%q, %v", path, err)
	}
	if _, err := profile.Init(path); err != nil { // as the hint suggests
		t.Fatal(err)
	}
	if _, err := profile.Load(t.Context()); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"~ann/config.toml", "$HOME/config.toml", "file:///config.toml"} {
		t.Setenv(profile.PathVariable, path)
		f, err := profile.Load(t.Context())
		if fault, ok := errors.AsType[*core.SettingError](err); !ok || fault.Setting != profile.PathVariable || f != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestTheNamedFileIsFoundUnderItsCleanedName(t *testing.T) {
	path := write(t, "profile = \"work\"\n[profiles.work]\ntenant = \"815\"\n")
	for _, value := range []string{path + "\r\n", `"` + path + `"`, "\ufeff " + path + "\u00a0"} {
		t.Setenv(profile.PathVariable, value)
		if f, err := profile.Load(t.Context()); err != nil || f.Current != "work" {
			t.Errorf("%q: %v", value, err)
		}
	}
}

// Overrides, variables and the file are cleaned in the same way.
func TestSettingsAreCleaned(t *testing.T) {
	f := load(t, `
profile = " work\u00a0"
[profiles.work]
environment = "\ufefflab "
tenant = '"4711"'
username = " ann@example.com\n"
token-store = "memory\u200b"
chain = [" client-credentials ", { method = "plugin:acme\n" }, "exec:vault"]
[environments.lab]
api = "'https://lab.example/'"
[plugins.acme]
path = "~/acme\n"
sha256 = " 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
env = [" BADGE "]
[exec.vault]
command = ["~/vault ", " as it is "]
`)
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	p := f.Profiles["work"]
	if f.Current != "work" || p.Environment != "lab" || p.Tenant != "4711" || p.Username != "ann@example.com" || p.TokenStore != "memory" {
		t.Errorf("%+v", f)
	}
	if f.Plugins["acme"].Path != filepath.Join(home, "acme") || f.Plugins["acme"].Env[0] != "BADGE" {
		t.Errorf("%+v", f.Plugins)
	}
	if command := f.Processes["vault"].Command; command[0] != filepath.Join(home, "vault") || command[1] != " as it is " {
		t.Errorf("%q", command)
	}
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	resolved, err := f.Resolve(profile.Overrides{Logger: logger, LookupEnv: variables(map[string]string{"TAEGIS_TENANT_ID": "'815'\n"})})
	if err != nil {
		t.Fatal(err)
	}
	if tenant := resolved.Value("tenant"); tenant.Text != "815" || tenant.From != "TAEGIS_TENANT_ID" {
		t.Errorf("%+v", tenant)
	}
	for _, name := range []string{"profiles.work.tenant", "environments.lab.api", "setting=TAEGIS_TENANT_ID"} {
		if strings.Count(log.String(), name) != 1 {
			t.Errorf("no warning of the quotes of %s:\n%s", name, &log)
		}
	}
	resolved, err = f.Resolve(profile.Overrides{Profile: " work\n", Environment: "\"us2\"", Logger: logger, LookupEnv: variables(nil)})
	if err != nil || resolved.Value("environment").Text != "us2" || resolved.Profile != "work" {
		t.Errorf("%+v, %v", resolved, err)
	}
}

func TestATenantThatCannotBeSent(t *testing.T) {
	path := write(t, "[profiles.work]\ntenant = \"1\\r\\n2\"\n")
	_, err := profile.LoadFile(t.Context(), path)
	if fault, ok := errors.AsType[*core.FileError](err); !ok || !strings.Contains(err.Error(), "profiles.work.tenant: no header can carry") || fault.Path != path {
		t.Errorf("error %v", err)
	}
}

// Resolve applies the variables that New rejects without the options of a profile.
func TestOptionsReplaceTheVariablesThatNewRejects(t *testing.T) {
	f := load(t, "[profiles.work]\nenvironment = \"us2\"\n[profiles.home]\nenvironment = \"us3\"\n")
	for _, store := range []string{"memory", " file\n", "keyring", "auto", "encrypted-file"} {
		env := variables(map[string]string{profile.NameVariable: `"work"`, profile.BackendVariable: store, "TAEGIS_CONFIG_FILE": filepath.Join(t.TempDir(), "config")})
		resolved, err := f.Resolve(profile.Overrides{LookupEnv: env, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		client, err := taegis.New(resolved.Options...)
		if err != nil {
			t.Errorf("%q: %v", store, err)
			continue
		}
		if client.Environment().Name != "us2" || resolved.Value("token-store").Text != strings.TrimSpace(store) {
			t.Errorf("%q: %+v", store, resolved.Values)
		}
		if _, isMemory := resolved.Store.(*tokenstore.Memory); isMemory != (store == "memory") {
			t.Errorf("%q: %T", store, resolved.Store)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err := f.Resolve(profile.Overrides{LookupEnv: variables(map[string]string{profile.BackendVariable: "keyrnig"})})
	if _, ok := errors.AsType[*profile.UnknownBackendError](err); !ok {
		t.Errorf("error %v", err)
	}
}
