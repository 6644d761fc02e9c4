package profile

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// namePattern is that of profiles, environments, plugins and programs: a name is typed in a shell and
// becomes part of a link.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// check returns the first thing that is wrong with the file, in the order of their names.
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
	for _, name := range slices.Sorted(maps.Keys(f.Programs)) {
		if err := f.checkName("programs", name); err != nil {
			return err
		}
		if len(f.Programs[name].Command) == 0 {
			return f.fault("programs."+name, "it has no command", `write command = ["/path/of/the/program"]`)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Profiles)) {
		if err := f.checkProfile(name); err != nil {
			return err
		}
	}
	if _, ok := f.Profiles[f.Current]; f.Current != "" && !ok {
		return f.fault("profile", `there is no profile "`+f.Current+`"`, f.instead(f.Current))
	}
	return nil
}

func (f *File) checkName(table, name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return f.fault(table, `"`+name+`" cannot be a name`, "use letters, digits, dots, underscores and hyphens")
}

func (f *File) checkEnvironment(name string) error {
	if err := f.checkName("environments", name); err != nil {
		return err
	}
	if known, err := core.FindEnvironment(name); err == nil {
		return f.fault("environments."+name, "that is "+known.Canonical+" of Taegis", "choose another name")
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
		if _, own := f.Environments[p.Environment]; !own {
			if _, err := core.FindEnvironment(p.Environment); err != nil {
				return f.fault(key+".environment", err.Error(), "or add a table [environments."+p.Environment+"]")
			}
		}
	}
	if reason := setting.TenantFault(p.Tenant); reason != "" {
		return f.fault(key+".tenant", reason, "correct it")
	}
	if p.Chain != nil && len(p.Chain) == 0 {
		return f.fault(key+".chain", "it has no links", "leave it out for the usual chain")
	}
	for _, method := range p.Chain {
		if reason, hint := method.check(f); reason != "" {
			return f.fault(key+".chain", reason, hint)
		}
	}
	if p.TokenStore != "" && !slices.Contains(Backends(), p.TokenStore) {
		return f.fault(key+".token-store", `there is no token store "`+p.TokenStore+`"`, "use one of "+strings.Join(Backends(), ", "))
	}
	return nil
}

// named returns the environment as the SDK knows it.
func (e EnvironmentConfig) named(name string) (core.Environment, error) {
	env, err := core.NewEnvironment(name, e.API)
	if err != nil {
		return env, err
	}
	if e.Auth != "" {
		env.AuthURL = strings.TrimRight(e.Auth, "/")
	}
	if e.Tenants != "" {
		env.TenantsURL = strings.TrimRight(e.Tenants, "/")
	}
	return env, env.Validate()
}

// ErrUnknown marks the name of a profile that there is not, given by a flag, a variable or an argument.
var ErrUnknown = errors.New("there is no such profile")

func (f *File) unknown(name string) error {
	return &core.FileError{Path: f.Path, Reason: fmt.Sprintf("there is no profile %q", name), HintText: f.instead(name), Err: ErrUnknown}
}

// instead says which profile may be meant.
func (f *File) instead(name string) string {
	names := slices.Sorted(maps.Keys(f.Profiles))
	switch near := nearest(name, names); {
	case near != "":
		return "did you mean " + near + "?"
	case len(names) == 0:
		return "make one with `taegis profile init`"
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

// nearest returns the name that is spelled most like the given one, "" where none is like it.
func nearest(given string, names []string) string {
	best, distance := "", 1+len(given)/3
	for _, name := range names {
		if d := levenshtein.ComputeDistance(strings.ToLower(given), strings.ToLower(name)); d <= distance {
			best, distance = name, d-1
		}
	}
	return best
}

// keysBeside returns the keys that the table of a key may have.
func keysBeside(key []string) []string {
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
