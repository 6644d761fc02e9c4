package profile

import (
	"regexp"
	"strconv"
	"strings"
)

// DefaultProfile is the name of the profile that is made where a setting is to be remembered and
// there is none.
const DefaultProfile = "default"

// SetTokenStore makes a profile keep tokens in a place, see [Stores]. An empty name means the
// profile in use; where there is none, [DefaultProfile] is made and used.
func (f *File) SetTokenStore(name, store string) error {
	if name == "" {
		name = f.Current
	}
	if _, ok := f.Profiles[name]; !ok && name != "" {
		return f.fault("profiles", `there is no profile "`+name+`"`, f.instead(name))
	}
	if name == "" {
		if err := f.makeDefault(); err != nil {
			return err
		}
		name = DefaultProfile
	}
	return f.edit(func(text string) string { return withStore(text, name, store) }, func(want *File) {
		p := want.Profiles[name]
		p.TokenStore = store
		want.Profiles[name] = p
	})
}

// makeDefault makes the default profile the one in use, and a table for it where there is none.
func (f *File) makeDefault() error {
	if _, ok := f.Profiles[DefaultProfile]; ok {
		return f.Use(DefaultProfile)
	}
	return f.edit(func(text string) string {
		text = strings.TrimRight(text, "\n")
		if text != "" {
			text += "\n\n"
		}
		return "profile = " + strconv.Quote(DefaultProfile) + "\n" + text + "[profiles." + DefaultProfile + "]\n"
	}, func(want *File) {
		if want.Profiles == nil {
			want.Profiles = map[string]Profile{}
		}
		want.Profiles[DefaultProfile], want.Current = Profile{}, DefaultProfile
	})
}

// storeLine is the line that says where tokens rest, but for a comment behind it.
var storeLine = regexp.MustCompile(`^[ \t]*token-store[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')`)

// withStore sets the line in the table of a profile, or adds it as the table's first.
func withStore(text, name, store string) string {
	line := "token-store = " + strconv.Quote(store)
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
