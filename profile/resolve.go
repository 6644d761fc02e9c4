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

// StoreVariable names the place for tokens.
const StoreVariable = "TAEGIS_TOKEN_STORE"

// Choice says what a program wants of the file. Its zero value wants what the environment
// variables and the file say.
type Choice struct {
	// Profile is its name. Empty means that of TAEGIS_PROFILE, else the one that the file says is
	// in use, else none.
	Profile string
	// Environment, Tenant and TokenStore come before variable and profile where they are set.
	Environment, Tenant, TokenStore string
	// Prompt asks a person; it is needed for a passphrase alone.
	Prompt core.Prompt
	// NoInput says that nobody may be asked; so does the variable TAEGIS_NO_INPUT.
	NoInput bool
	// Logger gets warnings, and at debug level what plugins print; nil means [slog.Default].
	Logger *slog.Logger
	// LookupEnv looks environment variables up; nil means [os.LookupEnv].
	LookupEnv func(string) (string, bool)
}

// Resolved is what a profile comes to.
type Resolved struct {
	File *File
	// Profile is the name of the profile in use, "" for none.
	Profile string
	// Options make the client. A later option wins over them.
	Options []taegis.Option
	// Links are the profile's ways to sign in, nil without a profile. In the client's chain a token
	// that is there already, from TAEGIS_ACCESS_TOKEN, comes before them.
	Links []ports.Authenticator
	// Store is where tokens rest; nil is the file that is shared with the Python SDK.
	Store ports.TokenStore
	// Settings say what was chosen and by whom.
	Settings []Setting

	choice Choice
}

// Setting is one choice.
type Setting struct {
	Name  string `json:"name"`  // such as "environment"
	Value string `json:"value"` // empty where nothing was chosen
	// From is "flag", the name of a variable, "profile NAME", or "default".
	From string `json:"from"`
}

// Options returns the options of a profile; an empty name means the one in use. Environment
// variables come before it. A file or profile that cannot be used gives a [*core.FileError].
func Options(name string) ([]taegis.Option, error) {
	choice := Choice{Profile: name}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	file, err := OpenFor(ctx, choice)
	if err != nil {
		return nil, err
	}
	resolved, err := file.Resolve(choice)
	if err != nil {
		return nil, err
	}
	return resolved.Options, nil
}

// Resolve returns what a choice comes to with this file: the choice, then variables, then the
// profile. Its errors are those of [Options].
func (f *File) Resolve(c Choice) (*Resolved, error) {
	if c.LookupEnv == nil {
		c.LookupEnv = os.LookupEnv
	}
	c.Logger = cmp.Or(c.Logger, slog.Default())
	c.NoInput = c.NoInput || core.InputForbidden(c.LookupEnv) != ""
	used, err := f.InUse(c)
	if err != nil {
		return nil, err
	}
	for _, key := range f.quoted {
		setting.WarnOfQuotes(c.Logger, f.Path+": "+key)
	}
	p, from := f.Profiles[used.Value], "profile "+used.Value
	environment := c.choose("environment", c.Environment, "TAEGIS_ENVIRONMENT", p.Environment, from)
	tenant := c.choose("tenant", c.Tenant, "TAEGIS_TENANT_ID", p.Tenant, from)
	store := c.choose("token-store", c.TokenStore, StoreVariable, p.TokenStore, from)
	r := &Resolved{File: f, Profile: used.Value, Settings: []Setting{used, environment, tenant, store}, choice: c}
	for _, name := range slices.Sorted(maps.Keys(f.Environments)) {
		own, err := f.Environments[name].named(name)
		if err != nil {
			return nil, f.fault("environments."+name, err.Error(), "correct its base URLs")
		}
		r.Options = append(r.Options, taegis.WithOwnEnvironment(own))
	}
	if environment.Value != "" {
		r.Options = append(r.Options, taegis.WithEnvironment(environment.Value))
	}
	r.Options = append(r.Options, taegis.WithTenant(tenant.Value), taegis.WithLookupEnv(c.resolved), taegis.WithLogger(c.Logger))
	if p.UniversalAuth {
		r.Options = append(r.Options, taegis.WithUniversalAuth())
	}
	if r.Profile != "" {
		if r.Links, err = f.links(p, c.Logger); err != nil {
			return nil, err
		}
		chain := append([]ports.Authenticator{&authn.Static{}}, r.Links...)
		r.Options = append(r.Options, taegis.WithAuthenticators(chain...))
	}
	if r.Store, err = openStore(store.Value, c); err != nil {
		return nil, err
	}
	if r.Store != nil {
		r.Options = append(r.Options, taegis.WithTokenStore(r.Store))
	}
	return r, nil
}

// InUse returns which profile a choice comes to; a value of "" for none. A name that the file does not
// have gives a [*core.FileError] that wraps [ErrUnknown], beside whose it is.
func (f *File) InUse(c Choice) (Setting, error) {
	if c.LookupEnv == nil {
		c.LookupEnv = os.LookupEnv
	}
	used := c.choose("profile", c.Profile, NameVariable, f.Current, f.Path)
	if _, ok := f.Profiles[used.Value]; used.Value != "" && !ok {
		return used, f.unknown(used.Value)
	}
	return used, nil
}

// Setting returns what was chosen, by its name.
func (r *Resolved) Setting(name string) Setting {
	for _, s := range r.Settings {
		if s.Name == name {
			return s
		}
	}
	return Setting{Name: name, From: "default"}
}

// Link returns one way to sign in by its name, such as "sso" or "plugin:acme", as the profile has
// it. A name that there is not gives a [*core.FileError].
func (r *Resolved) Link(name string) (ports.Authenticator, error) {
	if reason, remedy := (Link{Name: name}).check(r.File); reason != "" {
		return nil, r.File.fault("chain", reason, remedy)
	}
	return r.File.link(name, r.File.Profiles[r.Profile], r.choice.Logger)
}

// choose returns the first value that is set, and whose it is.
func (c Choice) choose(name, flag, variable, file, from string) Setting {
	variables := envvar.Variables{Lookup: c.LookupEnv, OnQuoted: c.warnOfQuotes}
	given, quoted := setting.Clean(flag)
	if quoted {
		c.warnOfQuotes(name)
	}
	if given != "" {
		return Setting{name, given, "flag"}
	}
	switch set := variables.Text(variable); {
	case set != "":
		return Setting{name, set, variable}
	case file != "":
		return Setting{name, file, from}
	}
	return Setting{Name: name, From: "default"}
}

func (c Choice) warnOfQuotes(name string) {
	if c.Logger != nil {
		setting.WarnOfQuotes(c.Logger, name)
	}
}

// resolved looks up variables for the client, except those that the options follow already: alone,
// taegis.New refuses them.
func (c Choice) resolved(name string) (string, bool) {
	if name == NameVariable || name == StoreVariable {
		return "", false
	}
	return c.LookupEnv(name)
}
