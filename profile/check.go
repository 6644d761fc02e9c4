package profile

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/agnivade/levenshtein"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// namePattern matches the names of profiles, environments, plugins and credential processes. Such a
// name needs no quotes in a shell and can be part of a method.
var namePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`) })

// checkAll returns the first fault of the file with that text.
func (f *File) checkAll(text []byte) error {
	if err := f.check(); err != nil {
		return err
	}
	return f.placed(f.checkTenants(), text)
}

// check returns the first fault of the file but for its tenants, in the order of names.
func (f *File) check() error {
	for _, name := range slices.Sorted(maps.Keys(f.Environments)) {
		if err := f.checkEnvironment(name); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Plugins)) {
		if err := f.checkName("plugins", name); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Processes)) {
		if err := f.checkName("exec", name); err != nil {
			return err
		}
		if len(f.Processes[name].Command) == 0 {
			return f.fault("exec."+name, "no command", `write command = ["/path/of/the/program"]`)
		}
	}
	if err := f.checkAudit(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(f.Profiles)) {
		if err := f.checkProfile(name); err != nil {
			return err
		}
	}
	if _, ok := f.Profiles[f.Current]; f.Current != "" && !ok {
		return f.fault("profile", `unknown profile "`+f.Current+`"`, f.suggestProfile(f.Current))
	}
	return nil
}

// checkName returns an error if a name does not match namePattern.
func (f *File) checkName(table, name string) error {
	if namePattern().MatchString(name) {
		return nil
	}
	return f.fault(table, `"`+name+`" cannot be a name`, "use letters, digits, dots, underscores and hyphens")
}

func (f *File) checkEnvironment(name string) error {
	if err := f.checkName("environments", name); err != nil {
		return err
	}
	if known, err := core.FindEnvironment(name); err == nil {
		return f.fault("environments."+name, "the name is taken by the "+kindOf(known)+" "+known.Canonical, "choose another name")
	}
	if platform := f.Environments[name].Platform; platform != "" && !slices.ContainsFunc(platforms, func(p core.Platform) bool { return p.String() == platform }) {
		return f.fault("environments."+name+".platform", `unknown platform "`+platform+`"`, "use taegis or fusion")
	}
	if _, err := f.Environments[name].named(name); err != nil {
		return f.fault("environments."+name, err.Error(), "correct its base URLs")
	}
	return nil
}

func (f *File) checkProfile(name string) error {
	key := "profiles." + name
	if err := f.checkName("profiles", name); err != nil {
		return err
	}
	p := f.Profiles[name]
	if p.Environment != "" {
		if _, isCustom := f.Environments[p.Environment]; !isCustom {
			if _, err := core.FindEnvironment(p.Environment); err != nil {
				return f.fault(key+".environment", err.Error(), "or add a table [environments."+p.Environment+"]")
			}
		}
	}
	if reason := setting.TenantFault(p.Tenant); reason != "" {
		return f.fault(key+".tenant", reason, "correct it")
	}
	if p.Chain != nil && len(p.Chain) == 0 {
		return f.fault(key+".chain", "no methods", "remove the key to use the default chain")
	}
	for _, method := range p.Chain {
		if reason, hint := method.check(f); reason != "" {
			return f.fault(key+".chain", reason, hint)
		}
	}
	if p.TokenStore != "" && !slices.Contains(Backends(), p.TokenStore) {
		return f.fault(key+".token-store", `unknown token store "`+p.TokenStore+`"`, "use one of "+strings.Join(Backends(), ", "))
	}
	return nil
}

var platforms = []core.Platform{core.PlatformTaegis, core.PlatformFusion}

// kindOf returns what a built-in environment is.
func kindOf(e core.Environment) string {
	if e.Platform == core.PlatformFusion {
		return "environment"
	}
	return "Taegis environment"
}

// named returns the environment under its name.
func (e EnvironmentConfig) named(name string) (core.Environment, error) {
	env, err := core.NewEnvironment(name, e.API)
	if err != nil {
		return env, err
	}
	if e.Platform == core.PlatformFusion.String() {
		env.Platform = core.PlatformFusion
	}
	if e.Auth != "" {
		env.AuthURL = strings.TrimRight(e.Auth, "/")
	}
	if e.Tenants != "" {
		env.TenantsURL = strings.TrimRight(e.Tenants, "/")
	}
	return env, env.Validate()
}

// ErrUnknown marks errors about an unknown profile that a flag, a variable or an argument names.
var ErrUnknown = errors.New("unknown profile")

// ErrInvalid marks errors about a key or value that a caller gave to [File.SetKey] or
// [File.UnsetKey].
var ErrInvalid = errors.New("invalid key or value")

func (f *File) unknown(name string) error {
	return &core.FileError{Path: f.Path, Reason: fmt.Sprintf("unknown profile %q", name), HintText: f.suggestProfile(name), Err: ErrUnknown}
}

// suggestProfile returns a hint that names the profile of a similar name, else all profiles.
func (f *File) suggestProfile(name string) string {
	names := slices.Sorted(maps.Keys(f.Profiles))
	switch near := nearest(name, names); {
	case near != "":
		return "did you mean " + near + "?"
	case len(names) == 0:
		return "create a profile"
	}
	return "use one of " + strings.Join(names, ", ")
}

func prefixed[T any](prefix string, table map[string]T) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(table)) {
		names = append(names, prefix+name)
	}
	return names
}

// nearest returns the name that is spelled most like the given one, "" if none is similar.
func nearest(given string, names []string) string {
	best, distance := "", 1+len(given)/3
	for _, name := range names {
		if d := levenshtein.ComputeDistance(strings.ToLower(given), strings.ToLower(name)); d <= distance {
			best, distance = name, d-1
		}
	}
	return best
}

// siblingKeys returns the valid keys of the table that holds a key.
func siblingKeys(key []string) []string {
	table := reflect.TypeFor[File]()
	for _, step := range key[:len(key)-1] {
		switch table.Kind() {
		case reflect.Map:
			table = table.Elem()
		case reflect.Struct:
			for field := range table.Fields() {
				if field.Tag.Get("toml") == step {
					table = field.Type
					break
				}
			}
		default:
		}
	}
	var keys []string
	if table.Kind() == reflect.Struct {
		for field := range table.Fields() {
			if name := field.Tag.Get("toml"); name != "" && name != "-" {
				keys = append(keys, name)
			}
		}
	}
	return keys
}
