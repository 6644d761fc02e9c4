package profile

import (
	"cmp"
	"regexp"
	"strings"
)

// DefaultProfile is the name of the profile that is made where a setting is to be remembered and
// there is none.
const DefaultProfile = "default"

// SetTokenStore makes a profile keep tokens in a place, see [Backends]. An empty name means the
// profile in use; where there is none, [DefaultProfile] is made and used.
func (f *File) SetTokenStore(name, store string) error {
	use := name == "" && f.Current == ""
	name = cmp.Or(name, f.Current, DefaultProfile)
	_, known := f.Profiles[name]
	if !known && !use {
		return f.unknown(name)
	}
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

// withTable adds the table of a profile.
func withTable(text, name string) string {
	if text = strings.TrimRight(text, "\n"); text != "" {
		text += "\n\n"
	}
	return text + "[profiles." + name + "]\n"
}

// storeLine is the line that says where tokens rest, but for a comment behind it.
var storeLine = regexp.MustCompile(`^[ \t]*token-store[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')`)

// withStore sets the line in the table of a profile, or adds it as the table's first.
func withStore(text, name, store string) string {
	line := "token-store = " + quote(store)
	table := regexp.MustCompile(`^[ \t]*\[profiles\.("` + regexp.QuoteMeta(name) + `"|` + regexp.QuoteMeta(name) + `)\]`)
	var lines []string
	at := -1 // the line behind the table's own
	done := false
	for l := range strings.Lines(text) {
		inside := at >= 0 && !done
		switch {
		case table.MatchString(l):
			at = len(lines) + 1
		case inside && tableLine.MatchString(l):
			done = true
		case inside && storeLine.MatchString(l):
			l, done = storeLine.ReplaceAllLiteralString(l, line), true
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
