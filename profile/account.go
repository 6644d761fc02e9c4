package profile

import (
	"context"
	"os"
	"slices"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
)

// ResolveAccount is [File.Resolve] for a profile that calls for a tenant with credentials of its
// own, as the key accounts of the file says. Only the profile says which account that is:
// Environment and Tenant of the overrides and the variables of [File.ForeignVariables] do not
// apply.
func (f *File) ResolveAccount(name string, c Overrides) (*Settings, error) {
	lookup := c.LookupEnv
	if lookup == nil {
		lookup = os.LookupEnv
	}
	hidden := f.ForeignVariables(name)
	c.LookupEnv = func(variable string) (string, bool) {
		if slices.Contains(hidden, variable) {
			return "", false
		}
		return lookup(variable)
	}
	c.Profile, c.Environment, c.Tenant = name, "", ""
	settings, err := f.Resolve(c)
	if err != nil {
		return nil, err
	}
	chain := append(slices.Clone(settings.Authenticators), ownAccount(name))
	settings.Options = append(settings.Options, taegis.WithAuthenticators(chain...))
	return settings, nil
}

// ownAccount is the last authenticator of an account's profile, by the name of the profile. It is
// never available. A client uses any stored token of the environment if no authenticator names an
// account, and this one names one that no token has.
type ownAccount string

// Name returns "own-account".
func (o ownAccount) Name() string { return "own-account" }

// Account returns an account that no token has, and a [*core.UnavailableError].
func (o ownAccount) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return core.Account("profile/" + string(o)), &core.UnavailableError{
		Reason:   "the profile " + string(o) + " is the account of a tenant, which tokens of other accounts are not used for",
		HintText: "set what a method of its chain needs, for example client-id and client-secret-variable",
	}
}

// Authenticate returns the error of Account.
func (o ownAccount) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	_, err := o.Account(ctx, req)
	return core.Token{}, err
}

// ForeignVariables returns the environment variables that do not apply to a profile of an account,
// because they belong to another one: TAEGIS_PROFILE, TAEGIS_ENVIRONMENT, TAEGIS_TENANT_ID,
// TAEGIS_ACCESS_TOKEN, and those of client credentials but for the one that the profile names as
// its client-secret-variable.
func (f *File) ForeignVariables(name string) []string {
	foreign := []string{NameVariable, "TAEGIS_ENVIRONMENT", "TAEGIS_TENANT_ID", core.SettingAccessToken}
	for _, platform := range platforms {
		id, secret := platform.ClientSettings()
		foreign = append(foreign, id, secret)
	}
	named := f.Profiles[name].ClientSecretVariable
	return slices.DeleteFunc(foreign, func(variable string) bool { return variable == named })
}
