package profile

import (
	"os"
	"slices"

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
	return f.Resolve(c)
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
