package profile

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/audit"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/ports"
)

// NameVariable is the environment variable that names the active profile.
const NameVariable = "TAEGIS_PROFILE"

// BackendVariable is the environment variable that names the token store, see [Backends].
const BackendVariable = "TAEGIS_TOKEN_STORE"

// Overrides are settings that take precedence over environment variables and the profile file. The
// zero value overrides nothing.
type Overrides struct {
	// Profile is the name of the profile. If it is empty, TAEGIS_PROFILE names the profile, else
	// the file's key profile.
	Profile string
	// Environment, Tenant and TokenStore override the variables and the profile if they are set.
	Environment, Tenant, TokenStore string
	// Prompt prompts the user for the passphrase of a token store.
	Prompt core.Prompt
	// NonInteractive forbids prompts, as the variable TAEGIS_NO_INPUT does.
	NonInteractive bool
	// Logger logs warnings, and the output of plugins at debug level; nil means [slog.Default].
	Logger *slog.Logger
	// LookupEnv looks up environment variables; nil means [os.LookupEnv].
	LookupEnv func(string) (string, bool)
}

// Settings are the result of [File.Resolve].
type Settings struct {
	File *File
	// Profile is the name of the active profile, "" for none.
	Profile string
	// Options are the options for [taegis.New]. Options after them take precedence.
	Options []taegis.Option
	// Authenticators are those of the profile's chain, nil without a profile. In the client's chain
	// the access token of TAEGIS_ACCESS_TOKEN comes before them.
	Authenticators []ports.Authenticator
	// Store is the token store; nil means the file that is shared with the Python SDK.
	Store ports.TokenStore
	// Values are the settings that were chosen, each with its source.
	Values []Value

	overrides Overrides
}

// Value is a setting and its source.
type Value struct {
	Name string `json:"name"`  // "profile", "environment", "tenant" or "token-store"
	Text string `json:"value"` // "" for the default
	// From is the path of the profile file, "flag", the name of a variable, "profile NAME", "profile
	// NAME in PATH" for the file of the system, or "default".
	From string `json:"from"`
}

// Options returns the options of a profile for [taegis.New]; an empty name means the active one.
// Environment variables take precedence over the profile. If the file or the profile is invalid or
// missing, Options returns a [*core.FileError]. For an unknown backend it returns an
// [*UnknownBackendError]. If the file is a pipe, Options reads it for at most ten seconds.
func Options(name string) ([]taegis.Option, error) {
	overrides := Overrides{Profile: name}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	file, err := LoadFor(ctx, overrides)
	if err != nil {
		return nil, err
	}
	settings, err := file.Resolve(overrides)
	if err != nil {
		return nil, err
	}
	return settings.Options, nil
}

// Resolve combines the overrides, the environment variables and the active profile, in this order
// of precedence. Its errors are those of [Options].
func (f *File) Resolve(c Overrides) (*Settings, error) {
	if c.LookupEnv == nil {
		c.LookupEnv = os.LookupEnv
	}
	c.Logger = cmp.Or(c.Logger, slog.Default())
	c.NonInteractive = c.NonInteractive || envvar.NoInput(c.LookupEnv) != ""
	used, err := f.Active(c)
	if err != nil {
		return nil, err
	}
	for _, key := range f.quoted {
		setting.WarnOfQuotes(c.Logger, f.Origin(key)+": "+key)
	}
	if f.ignored != "" {
		c.Logger.Warn("the profile file is not used: the policy allows only that of the system", "file", f.ignored, "system", SystemPath())
	}
	p := f.Profiles[used.Text]
	from := func(key string) string { return f.source(used.Text, key) }
	environment := c.choose("environment", c.Environment, "TAEGIS_ENVIRONMENT", p.Environment, from("environment"))
	tenant := c.choose("tenant", c.Tenant, "TAEGIS_TENANT_ID", p.Tenant, from("tenant"))
	store := c.choose("token-store", c.TokenStore, BackendVariable, p.TokenStore, from("token-store"))
	r := &Settings{File: f, Profile: used.Text, Values: []Value{used, environment, tenant, store}, overrides: c}
	for _, name := range slices.Sorted(maps.Keys(f.Environments)) {
		custom, err := f.Environments[name].named(name)
		if err != nil {
			return nil, f.fault("environments."+name, err.Error(), "correct its base URLs")
		}
		r.Options = append(r.Options, taegis.WithEnvironments(custom))
	}
	if environment.Text != "" {
		r.Options = append(r.Options, taegis.WithEnvironment(environment.Text))
	}
	r.Options = append(r.Options, taegis.WithTenant(tenant.Text), taegis.WithLookupEnv(c.clientEnv), taegis.WithLogger(c.Logger))
	if p.UniversalAuth {
		r.Options = append(r.Options, taegis.WithUniversalAuth())
	}
	if r.Profile != "" {
		if r.Authenticators, err = f.authenticators(r.Profile, c); err != nil {
			return nil, err
		}
		chain := append([]ports.Authenticator{&authn.StaticToken{}}, r.Authenticators...)
		r.Options = append(r.Options, taegis.WithAuthenticators(chain...))
	}
	audited, err := f.observers(c)
	if err != nil {
		return nil, err
	}
	r.Options = append(r.Options, audited...)
	if r.Store, err = newStore(store.Text, c); err != nil {
		return nil, err
	}
	if r.Store != nil {
		r.Options = append(r.Options, taegis.WithTokenStore(r.Store))
	}
	return r, nil
}

// Active returns the name of the active profile, "" for none. If the file lacks that profile,
// Active returns the name together with a [*core.FileError] that wraps [ErrUnknown].
func (f *File) Active(c Overrides) (Value, error) {
	if c.LookupEnv == nil {
		c.LookupEnv = os.LookupEnv
	}
	used := c.choose("profile", c.Profile, NameVariable, f.Current, f.Origin("profile"))
	if _, ok := f.Profiles[used.Text]; used.Text != "" && !ok {
		return used, f.unknown(used.Text)
	}
	return used, nil
}

// source returns where a key of a profile comes from: "profile NAME", with the path of the system's
// file if it is there.
func (f *File) source(name, key string) string {
	if path := f.Origin("profiles." + name + "." + key); path != f.Path {
		return "profile " + name + " in " + path
	}
	return "profile " + name
}

// Value returns the setting of a name, for example "tenant".
func (r *Settings) Value(name string) Value {
	for _, s := range r.Values {
		if s.Name == name {
			return s
		}
	}
	return Value{Name: name, From: "default"}
}

// Authenticator returns the authenticator of a method, for example "sso" or "plugin:acme",
// configured by the active profile. An unknown method returns a [*core.FileError].
func (r *Settings) Authenticator(name string) (ports.Authenticator, error) {
	if reason, hint := (Method{Name: name}).check(r.File); reason != "" {
		return nil, r.File.fault("chain", reason, hint)
	}
	return r.File.authenticator(name, r.Profile, r.overrides)
}

// choose returns the first value that is set, and its source.
func (c Overrides) choose(name, flag, variable, file, from string) Value {
	variables := envvar.Variables{Lookup: c.LookupEnv, OnQuoted: c.warnOfQuotes}
	given, quoted := setting.Clean(flag)
	if quoted {
		c.warnOfQuotes(name)
	}
	if given != "" {
		return Value{name, given, "flag"}
	}
	switch set := variables.Text(variable); {
	case set != "":
		return Value{name, set, variable}
	case file != "":
		return Value{name, file, from}
	}
	return Value{Name: name, From: "default"}
}

func (c Overrides) warnOfQuotes(name string) {
	if c.Logger != nil {
		setting.WarnOfQuotes(c.Logger, name)
	}
}

// clientEnv looks variables up for the client, except those that the options replace: [taegis.New]
// rejects them without such options.
func (c Overrides) clientEnv(name string) (string, bool) {
	if name == NameVariable || name == BackendVariable || name == audit.Variable {
		return "", false
	}
	return c.LookupEnv(name)
}
