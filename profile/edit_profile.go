package profile

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// Keys returns the keys of a profile, sorted, for [File.SetKey].
func Keys() []string {
	var keys []string
	for field := range reflect.TypeFor[Profile]().Fields() {
		keys = append(keys, field.Tag.Get("toml"))
	}
	slices.Sort(keys)
	return keys
}

// SetKey sets a key of a profile in the file, and creates a missing profile. It keeps the rest of
// the file, comments included. The key chain takes the names of its methods, separated by commas.
// An unknown key or an invalid value returns a [*core.FileError] that wraps [ErrInvalid]; a file
// that cannot be edited or written returns a [*core.FileError].
func (f *File) SetKey(name, key, value string) error {
	toml, set, err := f.parseKey(name, key, value)
	if err != nil {
		return err
	}
	if err := f.checkName("profiles", name); err != nil {
		return invalid(err)
	}
	return f.locked(func() error {
		return f.edit(func(text string) string {
			if !tableOf(name).MatchString(text) {
				text = withTable(text, name)
			}
			return withKey(text, name, key, toml)
		}, func(want *File) {
			if want.Profiles == nil {
				want.Profiles = map[string]Profile{}
			}
			p := want.Profiles[name]
			set(&p)
			want.Profiles[name] = p
		})
	})
}

// UnsetKey removes a key of a profile from the file. Removing a missing key is not an error. An
// unknown key returns a [*core.FileError] that wraps [ErrInvalid], an unknown profile one that
// wraps [ErrUnknown]. A profile that only the file of the system has returns a [*core.FileError], and so
// does a file that cannot be edited or written.
func (f *File) UnsetKey(name, key string) error {
	if err := f.checkKey(name, key); err != nil {
		return err
	}
	return f.locked(func() error {
		if _, ok := f.Profiles[name]; !ok {
			return f.unknown(name)
		}
		if !f.isOwn("profiles." + name) {
			return f.foreign("profiles." + name)
		}
		return f.edit(func(text string) string { return withKey(text, name, key, "") }, func(want *File) {
			p := want.Profiles[name]
			field := keyField(&p, key)
			field.SetZero()
			want.Profiles[name] = p
		})
	})
}

// DeleteProfile removes a profile from the file. If it was the active one, no profile is active
// afterwards. An unknown profile returns a [*core.FileError] that wraps [ErrUnknown]; a file that
// cannot be edited or written returns a [*core.FileError].
func (f *File) DeleteProfile(name string) error {
	return f.locked(func() error { return f.deleteProfile(name) })
}

func (f *File) deleteProfile(name string) error {
	if _, ok := f.Profiles[name]; !ok {
		return f.unknown(name)
	}
	if !f.isOwn("profiles." + name) {
		return f.foreign("profiles." + name)
	}
	return f.edit(func(text string) string {
		text = withoutTables(text, tableOf(name))
		if f.Current == name {
			head, tables := cutTables(text)
			text = currentLineOnly().ReplaceAllString(head, "") + tables
		}
		return text
	}, func(want *File) {
		delete(want.Profiles, name)
		if len(want.Profiles) == 0 {
			want.Profiles = nil
		}
		if want.Current == name {
			want.Current = ""
		}
	})
}

// parseKey returns the TOML of a value, and a function that sets it.
func (f *File) parseKey(name, key, value string) (toml string, set func(*Profile), err error) {
	if err := f.checkKey(name, key); err != nil {
		return "", nil, err
	}
	var p Profile
	switch keyField(&p, key).Kind() {
	case reflect.Bool:
		on, err := strconv.ParseBool(value)
		if err != nil {
			return "", nil, invalid(f.fault("profiles."+name+"."+key, fmt.Sprintf("%q is neither true nor false", value), "use true or false"))
		}
		return strconv.FormatBool(on), func(p *Profile) { keyField(p, key).SetBool(on) }, nil
	case reflect.Slice:
		var chain Chain
		var names []string
		for method := range strings.SplitSeq(value, ",") {
			method = strings.TrimSpace(method)
			names, chain = append(names, method), append(chain, Method{Name: method})
		}
		return "[" + quoted(names) + "]", func(p *Profile) { p.Chain = chain }, nil
	default:
		return quote(value), func(p *Profile) { keyField(p, key).SetString(value) }, nil
	}
}

// checkKey returns an error that wraps [ErrInvalid] for an unknown key.
func (f *File) checkKey(name, key string) error {
	if slices.Contains(Keys(), key) {
		return nil
	}
	hint := "use one of " + strings.Join(Keys(), ", ")
	if near := nearest(key, Keys()); near != "" {
		hint = "did you mean " + near + "?"
	}
	return invalid(f.fault("profiles."+name, fmt.Sprintf("unknown key %q", key), hint))
}

// invalid marks the error about a key, a name or a value that a caller gave.
func invalid(err error) error {
	if fault, ok := err.(*core.FileError); ok { //nolint:errorlint // made by fault
		fault.Err = ErrInvalid
	}
	return err
}

// keyField returns the field of a key.
func keyField(p *Profile, key string) reflect.Value {
	for field, value := range reflect.ValueOf(p).Elem().Fields() {
		if field.Tag.Get("toml") == key {
			return value
		}
	}
	panic("profile: no key " + key) // checkKey comes first
}

// tableOf matches the first line of a profile's table.
func tableOf(name string) *regexp.Regexp {
	q := regexp.QuoteMeta(name)
	return regexp.MustCompile(`(?m)^[ \t]*\[profiles\.("` + q + `"|` + q + `)\]`)
}

// currentLineOnly matches the whole line of the key profile.
var currentLineOnly = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[ \t]*profile[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')[^\n]*\n?`)
})

// withKey sets the line of a key in a profile's table, or adds it as the first. An empty value
// removes the line. A comment after the value stays.
func withKey(text, name, key, toml string) string {
	own := regexp.MustCompile(`^([ \t]*` + regexp.QuoteMeta(key) + `[ \t]*=[ \t]*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\[[^\]\n]*\]|[^#\n]*?)([ \t]*(?:#[^\n]*)?\n?)$`)
	table := tableOf(name)
	var lines []string
	first := -1 // the index of the first line in the table
	inside, found := false, false
	for line := range strings.Lines(text) {
		switch {
		case tableLine().MatchString(line):
			if inside = table.MatchString(line); inside {
				first = len(lines) + 1
			}
		case inside && own.MatchString(line):
			found = true
			if toml == "" {
				continue
			}
			parts := own.FindStringSubmatch(line)
			line = parts[1] + toml + parts[3]
		}
		lines = append(lines, line)
	}
	if !found && first >= 0 && toml != "" {
		lines[first-1] = strings.TrimRight(lines[first-1], "\n") + "\n"
		lines = slices.Insert(lines, first, key+" = "+toml+"\n")
	}
	return strings.Join(lines, "")
}
