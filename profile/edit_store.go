package profile

import (
	"cmp"
	"regexp"
	"strings"
	"sync"
)

// DefaultProfile is the name of the profile that [File.SetTokenStore] creates if none is active.
const DefaultProfile = "default"

// SetTokenStore sets the token store of a profile to one of [Backends]. An empty name means the
// active profile; if none is active, SetTokenStore creates and activates [DefaultProfile]. An
// unknown profile or store, or a file that cannot be edited or written, returns a
// [*core.FileError].
func (f *File) SetTokenStore(name, store string) error {
	return f.locked(func() error { return f.setTokenStore(name, store) })
}

func (f *File) setTokenStore(name, store string) error {
	use := name == "" && f.Current == ""
	name = cmp.Or(name, f.Current, DefaultProfile)
	_, known := f.Profiles[name]
	if !known && !use {
		return f.unknown(name)
	}
	known = known && f.isOwn("profiles."+name)
	return f.edit(func(text string) string {
		if !known {
			text = withTable(text, name)
		}
		if use {
			text = withCurrent(text, name)
		}
		return withStore(text, name, store)
	}, func(want *File) {
		if want.Profiles == nil {
			want.Profiles = map[string]Profile{}
		}
		p := want.Profiles[name]
		p.TokenStore = store
		want.Profiles[name] = p
		if use {
			want.Current = name
		}
	})
}

// withTable appends the empty table of a profile.
func withTable(text, name string) string {
	if text = strings.TrimRight(text, "\n"); text != "" {
		text += "\n\n"
	}
	if strings.Contains(name, ".") {
		name = quote(name)
	}
	return text + "[profiles." + name + "]\n"
}

// storeLine matches the line of the key token-store, up to a comment after the value.
var storeLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t]*token-store[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')`)
})

// withStore sets the line of the key token-store in a profile's table, or adds it as the first.
func withStore(text, name, store string) string {
	line := "token-store = " + quote(store)
	table := regexp.MustCompile(`^[ \t]*\[profiles\.("` + regexp.QuoteMeta(name) + `"|` + regexp.QuoteMeta(name) + `)\]`)
	var lines []string
	at := -1 // the index of the first line in the table
	done := false
	for l := range strings.Lines(text) {
		inside := at >= 0 && !done
		switch {
		case table.MatchString(l):
			at = len(lines) + 1
		case inside && tableLine().MatchString(l):
			done = true
		case inside && storeLine().MatchString(l):
			l, done = storeLine().ReplaceAllLiteralString(l, line), true
			at = -1
		}
		lines = append(lines, l)
	}
	if at >= 0 {
		lines = append(lines[:at], append([]string{line + "\n"}, lines[at:]...)...)
		lines[at-1] = strings.TrimRight(lines[at-1], "\n") + "\n"
	}
	return strings.Join(lines, "")
}
