package profile

import (
	"maps"
	"slices"

	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/setting"
)

// clean removes white space and quotes around the values of the file, except the settings of
// plugins and the arguments of credential processes. File.edit compares files that are not cleaned.
func (f *File) clean() {
	f.text("profile", &f.Current)
	for _, name := range slices.Sorted(maps.Keys(f.Profiles)) {
		p, key := f.Profiles[name], "profiles."+name+"."
		f.text(key+"environment", &p.Environment)
		f.text(key+"tenant", &p.Tenant)
		f.text(key+"username", &p.Username)
		f.text(key+"client-id", &p.ClientID)
		f.text(key+"client-secret-variable", &p.ClientSecretVariable)
		f.text(key+"token-store", &p.TokenStore)
		for i := range p.Chain {
			f.text(key+"chain", &p.Chain[i].Name)
		}
		f.Profiles[name] = p
	}
	for _, name := range slices.Sorted(maps.Keys(f.Environments)) {
		e, key := f.Environments[name], "environments."+name+"."
		f.text(key+"platform", &e.Platform)
		f.text(key+"api", &e.API)
		f.text(key+"auth", &e.Auth)
		f.text(key+"tenants", &e.Tenants)
		f.Environments[name] = e
	}
	for _, name := range slices.Sorted(maps.Keys(f.Plugins)) {
		p, key := f.Plugins[name], "plugins."+name+"."
		f.path(key+"path", &p.Path)
		f.texts(key+"sha256", p.SHA256)
		f.texts(key+"key", p.Keys)
		f.texts(key+"deny", p.Deny)
		f.text(key+"entry", &p.Entry)
		f.text(key+"signed-since", &p.SignedSince)
		f.texts(key+"env", p.Env)
		f.Plugins[name] = p
	}
	for _, name := range slices.Sorted(maps.Keys(f.Processes)) {
		p, key := f.Processes[name], "exec."+name+"."
		if len(p.Command) > 0 {
			f.path(key+"command", &p.Command[0])
		}
		f.texts(key+"env", p.Env)
	}
	for _, id := range slices.Sorted(maps.Keys(f.Accounts)) {
		name := f.Accounts[id]
		f.text("accounts."+id, &name)
		f.Accounts[id] = name
	}
	for _, name := range slices.Sorted(maps.Keys(f.Tenants)) {
		selection := f.Tenants[name]
		lists := selection.values()
		for _, key := range slices.Sorted(maps.Keys(lists)) {
			f.texts("tenants."+name+"."+key, lists[key])
		}
	}
}

// text cleans a value, and notes its key if quotes were removed.
func (f *File) text(key string, field *string) {
	cleaned, quoted := setting.Clean(*field)
	if *field = cleaned; quoted {
		f.quoted = append(f.quoted, key)
	}
}

func (f *File) texts(key string, list []string) {
	for i := range list {
		f.text(key, &list[i])
	}
}

// path also expands a leading "~/". A path that cannot be expanded stays relative, and is rejected
// later.
func (f *File) path(key string, field *string) {
	f.text(key, field)
	if expanded, err := envvar.Home(key, *field); err == nil {
		*field = expanded
	}
}
