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
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/ports"
)

// NameVariable names the profile that is used.
const NameVariable = "TAEGIS_PROFILE"

// BackendVariable names the place for tokens.
const BackendVariable = "TAEGIS_TOKEN_STORE"

// Overrides says what a program wants of the file. Its zero value wants what the environment
// variables and the file say.
type Overrides struct {
	// Profile is its name. Empty means that of TAEGIS_PROFILE, else the one that the file says is
	// in use, else none.
	Profile string
	// Environment, Tenant and TokenStore come before variable and profile where they are set.
	Environment, Tenant, TokenStore string
	// Prompt asks a user; it is needed for a passphrase alone.
	Prompt core.Prompt
	// NonInteractive says that nobody may be asked; so does the variable TAEGIS_NO_INPUT.
	NonInteractive bool
	// Logger gets warnings, and at debug level what plugins print; nil means [slog.Default].
	Logger *slog.Logger
	// LookupEnv looks environment variables up; nil means [os.LookupEnv].
	LookupEnv func(string) (string, bool)
}

// Settings is what a profile comes to.
type Settings struct {
	File *File
	// Profile is the name of the profile in use, "" for none.
	Profile string
	// Options make the client. A later option wins over them.
	Options []taegis.Option
	// Authenticators are the profile's ways to log in, nil without a profile. In the client's chain a token
	// that is there already, from TAEGIS_ACCESS_TOKEN, comes before them.
	Authenticators []ports.Authenticator
	// Store is where tokens rest; nil is the file that is shared with the Python SDK.
	Store ports.TokenStore
	// Values say what was chosen and by whom.
	Values []Value

	overrides Overrides
}

// Value is one choice.
type Value struct {
	Name string `json:"name"`  // such as "environment"
	Text string `json:"value"` // empty where nothing was chosen
	// From is "flag", the name of a variable, "profile NAME", or "default".
	From string `json:"from"`
}

// Options returns the options of a profile; an empty name means the one in use. Environment
// variables come before it. A file or profile that cannot be used gives a [*core.FileError].
func Options(name string) ([]taegis.Option, error) {
	overrides := Overrides{Profile: name}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	file, err := OpenFor(ctx, overrides)
	if err != nil {
		return nil, err
	}
	resolved, err := file.Resolve(overrides)
	if err != nil {
		return nil, err
	}
	return resolved.Options, nil
}

// Resolve returns what a choice comes to with this file: the choice, then variables, then the
// profile. Its errors are those of [Options].
func (f *File) Resolve(c Overrides) (*Settings, error) {
	if c.LookupEnv == nil {
		c.LookupEnv = os.LookupEnv
	}
	c.Logger = cmp.Or(c.Logger, slog.Default())
	c.NonInteractive = c.NonInteractive || core.PromptForbidden(c.LookupEnv) != ""
	used, err := f.Active(c)
	if err != nil {
		return nil, err
	}
	for _, key := range f.quoted {
		setting.WarnOfQuotes(c.Logger, f.Path+": "+key)
	}
	p, from := f.Profiles[used.Text], "profile "+used.Text
	environment := c.choose("environment", c.Environment, "TAEGIS_ENVIRONMENT", p.Environment, from)
	tenant := c.choose("tenant", c.Tenant, "TAEGIS_TENANT_ID", p.Tenant, from)
	store := c.choose("token-store", c.TokenStore, BackendVariable, p.TokenStore, from)
	r := &Settings{File: f, Profile: used.Text, Values: []Value{used, environment, tenant, store}, overrides: c}
	for _, name := range slices.Sorted(maps.Keys(f.Environments)) {
		own, err := f.Environments[name].named(name)
		if err != nil {
			return nil, f.fault("environments."+name, err.Error(), "correct its base URLs")
		}
		r.Options = append(r.Options, taegis.WithEnvironments(own))
	}
	if environment.Text != "" {
		r.Options = append(r.Options, taegis.WithEnvironment(environment.Text))
	}
	r.Options = append(r.Options, taegis.WithTenant(tenant.Text), taegis.WithLookupEnv(c.settings), taegis.WithLogger(c.Logger))
	if p.UniversalAuth {
		r.Options = append(r.Options, taegis.WithUniversalAuth())
	}
	if r.Profile != "" {
		if r.Authenticators, err = f.authenticators(p, c.Logger); err != nil {
			return nil, err
		}
		chain := append([]ports.Authenticator{&authn.StaticToken{}}, r.Authenticators...)
		r.Options = append(r.Options, taegis.WithAuthenticators(chain...))
	}
	if r.Store, err = openStore(store.Text, c); err != nil {
		return nil, err
	}
	if r.Store != nil {
		r.Options = append(r.Options, taegis.WithTokenStore(r.Store))
	}
	return r, nil
}

// Active returns which profile a choice comes to; a value of "" for none. A name that the file does not
// have gives a [*core.FileError] that wraps [ErrUnknown], beside whose it is.
func (f *File) Active(c Overrides) (Value, error) {
	if c.LookupEnv == nil {
		c.LookupEnv = os.LookupEnv
	}
	used := c.choose("profile", c.Profile, NameVariable, f.Current, f.Path)
	if _, ok := f.Profiles[used.Text]; used.Text != "" && !ok {
		return used, f.unknown(used.Text)
	}
	return used, nil
}

// Value returns what was chosen, by its name.
func (r *Settings) Value(name string) Value {
	for _, s := range r.Values {
		if s.Name == name {
			return s
		}
	}
	return Value{Name: name, From: "default"}
}

// Authenticator returns one way to log in by its name, such as "sso" or "plugin:acme", as the profile has
// it. A name that there is not gives a [*core.FileError].
func (r *Settings) Authenticator(name string) (ports.Authenticator, error) {
	if reason, hint := (Method{Name: name}).check(r.File); reason != "" {
		return nil, r.File.fault("chain", reason, hint)
	}
	return r.File.authenticator(name, r.File.Profiles[r.Profile], r.overrides.Logger)
}

// choose returns the first value that is set, and whose it is.
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

// settings looks up variables for the client, except those that the options follow already: alone,
// taegis.New refuses them.
func (c Overrides) settings(name string) (string, bool) {
	if name == NameVariable || name == BackendVariable {
		return "", false
	}
	return c.LookupEnv(name)
}
