package profile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/policy"
)

// systemFile is the name of the system's profile file in the folder of the administrator.
const systemFile = "config.toml"

// SystemPath returns the path of the profile file that the administrator writes for all users:
// /etc/taegis/config.toml, on macOS /Library/Application Support/taegis/config.toml, on Windows
// config.toml in the folder taegis of ProgramData.
func SystemPath() string { return filepath.Join(fileperm.SystemFolder(), systemFile) }

// loadSystem returns the profile file of the system, nil if there is none. It is used only if root
// alone can change it: it names programs to run.
func loadSystem() (*File, error) {
	text, err := fileperm.ReadAdministered(systemFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no file is no error
	}
	var f *File
	if err == nil {
		f, err = parse(SystemPath(), text)
	}
	if err == nil {
		return f, nil
	}
	if fault, ok := errors.AsType[*core.FileError](err); ok {
		return nil, fault
	}
	return nil, &core.FileError{
		Path: SystemPath(), Reason: "cannot be read: " + err.Error(), HintText: "ask the administrator of this machine", Err: err,
	}
}

// layered returns the user's file, with that text, over the file of the system. If the policy of the
// machine allows only that one, the user's has no effect.
func (f *File) layered(text []byte) (*File, error) {
	if f.Path == SystemPath() {
		return f, nil // the administrator edits it
	}
	system, err := loadSystem()
	if err != nil {
		return nil, err
	}
	if allowed, err := policy.Load(); err == nil && allowed.UserProfiles() != nil { // New returns the other errors
		ignored := f
		if f = (&File{Path: f.Path, Version: Version}); len(text) > 0 {
			f.ignored = ignored.Path
		}
		text = nil
	}
	if system == nil {
		return f, nil
	}
	return f.over(system, keysOf(text)), nil
}

// keysOf returns the keys that a text sets in each profile.
func keysOf(text []byte) map[string]map[string]any {
	var raw struct {
		Profiles map[string]map[string]any `toml:"profiles"`
	}
	_ = toml.Unmarshal(text, &raw) // decode has read it
	return raw.Profiles
}

// over returns f over a file of the system. A profile has the keys of both, those of f first. Plugins
// and the other tables are replaced as a whole: a path and a checksum belong together. set has the
// keys that f sets in each profile.
func (f *File) over(system *File, set map[string]map[string]any) *File {
	m := &File{
		Path: f.Path, System: system.Path, Version: Version, ignored: f.ignored, own: f,
		Current: cmp.Or(f.Current, system.Current), origins: map[string]string{"profile": f.Path},
	}
	if f.Current == "" {
		m.origins["profile"] = system.Path
	}
	m.Profiles = maps.Clone(system.Profiles)
	for name, p := range f.Profiles {
		if m.Profiles == nil {
			m.Profiles = map[string]Profile{}
		}
		m.Profiles[name] = merged(m.Profiles[name], p, set[name])
	}
	for name := range m.Profiles {
		m.originate("profiles."+name, hasKey(f.Profiles, name))
		for _, key := range Keys() {
			_, isSet := set[name][key]
			m.originate("profiles."+name+"."+key, isSet || !hasKey(system.Profiles, name))
		}
	}
	m.Environments = layer(m, "environments", f.Environments, system.Environments)
	m.Plugins = layer(m, "plugins", f.Plugins, system.Plugins)
	m.Processes = layer(m, "exec", f.Processes, system.Processes)
	m.Accounts = layer(m, "accounts", f.Accounts, system.Accounts)
	m.Tenants = layer(m, "tenants", f.Tenants, system.Tenants)
	m.Audit, m.administered = cmp.Or(f.Audit, system.Audit), system.Audit
	m.originate("audit", f.Audit != (AuditConfig{}))
	m.quoted = f.quoted
	for _, key := range system.quoted {
		if m.Origin(key) == system.Path {
			m.quoted = append(m.quoted, key)
		}
	}
	return m
}

// merged returns a profile with the keys that another one sets.
func merged(p, other Profile, set map[string]any) Profile {
	for _, key := range Keys() {
		if _, ok := set[key]; ok {
			field := keyField(&p, key)
			field.Set(keyField(&other, key))
		}
	}
	return p
}

// layer returns the entries of a table of both files, and notes where each comes from.
func layer[T any](m *File, table string, own, system map[string]T) map[string]T {
	all := maps.Clone(system)
	for name, value := range own {
		if all == nil {
			all = map[string]T{}
		}
		all[name] = value
	}
	for name := range all {
		m.originate(table+"."+name, hasKey(own, name))
	}
	return all
}

func hasKey[T any](table map[string]T, name string) bool { _, ok := table[name]; return ok }

// originate notes which file a key comes from.
func (f *File) originate(key string, isOwn bool) {
	f.origins[key] = f.System
	if isOwn {
		f.origins[key] = f.Path
	}
}

// Origin returns the path of the file that a key comes from, for example "plugins.acme" or
// "profiles.work.tenant": that of the user, or that of the system.
func (f *File) Origin(key string) string {
	for at := len(key); at >= 0; at = strings.LastIndexByte(key, '.') {
		key = key[:at]
		if path, ok := f.origins[key]; ok {
			return path
		}
	}
	return f.Path
}

// isOwn reports whether the user's file has an entry of a table, for example "plugins.acme".
func (f *File) isOwn(key string) bool { return f.origins == nil || f.Origin(key) == f.Path }

// foreign returns the error for a change of something that only the file of the system defines.
func (f *File) foreign(key string) error {
	return &core.FileError{
		Path: f.System, Reason: fmt.Sprintf("%s is defined in this file, which is the administrator's", key),
		HintText: "ask the administrator of this machine",
	}
}

// editable returns an error if the policy of the machine allows only the profile file of the system,
// and path is another one.
func editable(path string) error {
	if path == SystemPath() {
		return nil
	}
	allowed, err := policy.Load()
	if err != nil {
		return err
	}
	return allowed.UserProfiles()
}
