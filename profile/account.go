package profile

import (
	"os"
	"slices"

	"github.com/taegis-go/taegis/core"
)

// ResolveAccount is [File.Resolve] for a profile that calls for a tenant with credentials of its
// own, as the key accounts of the file says. Only the profile says which account that is:
// Environment and Tenant of the overrides, and the variables TAEGIS_PROFILE, TAEGIS_ENVIRONMENT,
// TAEGIS_TENANT_ID, TAEGIS_ACCESS_TOKEN and those of client credentials, do not apply. A variable
// that the profile names as its client-secret-variable does.
func (f *File) ResolveAccount(name string, c Overrides) (*Settings, error) {
	lookup := c.LookupEnv
	if lookup == nil {
		lookup = os.LookupEnv
	}
	hidden := []string{NameVariable, "TAEGIS_ENVIRONMENT", "TAEGIS_TENANT_ID", core.SettingAccessToken}
	for _, platform := range platforms {
		id, secret := platform.ClientSettings()
		hidden = append(hidden, id, secret)
	}
	named := f.Profiles[name].ClientSecretVariable
	c.LookupEnv = func(variable string) (string, bool) {
		if variable != named && slices.Contains(hidden, variable) {
			return "", false
		}
		return lookup(variable)
	}
	c.Profile, c.Environment, c.Tenant = name, "", ""
	return f.Resolve(c)
}
