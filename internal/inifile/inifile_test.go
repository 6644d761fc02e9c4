package inifile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/internal/inifile"
)

const python = "[charlie]\naccess_token = abc\nclient_id = CHARLIE_CLIENT_ID\n\n[backoff.retry]\nmax_time = 10\n\n"

func parse(t testing.TB, text string) *inifile.File {
	t.Helper()
	f, err := inifile.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return f
}

func TestGet(t *testing.T) {
	for _, tt := range []struct {
		name, text, section, key, want string
		absent                         bool
	}{
		{name: "as Python writes", text: python, section: "charlie", key: "client_id", want: "CHARLIE_CLIENT_ID"},
		{name: "key without regard to case", text: python, section: "charlie", key: "CLIENT_ID", want: "CHARLIE_CLIENT_ID"},
		{name: "section with regard to case", text: python, section: "Charlie", key: "client_id", absent: true},
		{name: "cleared", text: "[a]\nk = \n", section: "a", key: "k", want: ""},
		{name: "colon", text: "[a]\nk:v=w\n", section: "a", key: "k", want: "v=w"},
		{name: "no inline comments", text: "[a]\nk = v # not a comment\n", section: "a", key: "k", want: "v # not a comment"},
		{name: "continuation", text: "[a]\nk = 1\n  2\n\n  # no\n\t3\n\nl = 4\n", section: "a", key: "k", want: "1\n2\n\n3"},
		{name: "default", text: "[DEFAULT]\nk = v\n[a]\n", section: "a", key: "k", want: "v"},
		{name: "default, overridden", text: "[DEFAULT]\nk = v\n[a]\nk=w\n", section: "a", key: "k", want: "w"},
		{name: "default of no section", text: "[DEFAULT]\nk = v\n", section: "a", key: "k", absent: true},
		{name: "default itself", text: "[DEFAULT]\nk = v\n", section: "DEFAULT", key: "k", want: "v"},
		{name: "percent", text: "[a]\nk = 50%%\n", section: "a", key: "k", want: "50%"},
		{name: "lone percent", text: "[a]\nk = 50% off\n", section: "a", key: "k", want: "50% off"},
		{name: "reference", text: "[DEFAULT]\nd=D\n[a]\nk = %(L)s-%(d)s\nl=x\n", section: "a", key: "k", want: "x-D"},
		{name: "reference to nothing", text: "[a]\nk = %(l)s\n", section: "a", key: "k", want: "%(l)s"},
		{name: "reference to itself", text: "[a]\nk = %(k)s\n", section: "a", key: "k", want: "%(k)s"},
		{name: "carriage returns", text: "[a]\r\nk = v\r\n", section: "a", key: "k", want: "v"},
		{name: "old Macintosh", text: "[a]\rk = v\r", section: "a", key: "k", want: "v"},
		{name: "no newline at the end", text: "[a]\nk = v", section: "a", key: "k", want: "v"},
		{name: "byte order mark", text: "\ufeff[a]\nk = v\n", section: "a", key: "k", want: "v"},
		{name: "bracket within brackets", text: "[a]b]\nk = v\n", section: "a]b", key: "k", want: "v"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parse(t, tt.text).Get(tt.section, tt.key)
			if got != tt.want || ok == tt.absent {
				t.Errorf("Get = %q, %v; want %q, %v", got, ok, tt.want, !tt.absent)
			}
		})
	}
}

// A value with references that multiply must not cost more than a bounded amount of work.
func TestGetBoundsExpansion(t *testing.T) {
	text := "[a]\n"
	for i := range 9 {
		text += fmt.Sprintf("k%d = %s\n", i, strings.Repeat(fmt.Sprintf("%%(k%d)s", i+1), 50))
	}
	v, _ := parse(t, text+"k9 =\n").Get("a", "k0")
	if len(v) > 64<<20 {
		t.Errorf("the value grew to %d bytes", len(v))
	}
}

func TestList(t *testing.T) {
	f := parse(t, "[DEFAULT]\nd = 1\n"+python)
	if diff := cmp.Diff([]string{"DEFAULT", "charlie", "backoff.retry"}, f.Sections()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"access_token", "client_id"}, f.Keys("charlie")); diff != "" {
		t.Error(diff)
	}
	if keys := f.Keys("delta"); keys != nil {
		t.Errorf("Keys of no section: %q", keys)
	}
}

func TestEdit(t *testing.T) {
	set := func(section, key, value string) func(*inifile.File) error {
		return func(f *inifile.File) error { return f.Set(section, key, value) }
	}
	unset := func(section, key string) func(*inifile.File) error {
		return func(f *inifile.File) error { f.Unset(section, key); return nil }
	}
	remove := func(section string) func(*inifile.File) error {
		return func(f *inifile.File) error { f.Remove(section); return nil }
	}
	for _, tt := range []struct {
		name, text string
		edit       func(*inifile.File) error
		want       string
	}{
		{"first of all", "", set("a", "K", "v"), "[a]\nk = v\n\n"},
		{"new section", "[a]\nk = v\n\n", set("b", "l", "w"), "[a]\nk = v\n\n[b]\nl = w\n\n"},
		{"new section after no newline", "[a]\nk = v", set("b", "l", "w"), "[a]\nk = v\n\n[b]\nl = w\n\n"},
		{"new key", "[a]\nk = v\n\n# of b\n[b]\n", set("a", "l", "w"), "[a]\nk = v\nl = w\n\n# of b\n[b]\n"},
		{"new key, no newline", "[a]\nk = v", set("a", "l", "w"), "[a]\nk = v\nl = w\n"},
		{"new key in an empty section", "[a]\n\n[b]\nk=v\n", set("a", "l", "w"), "[a]\nl = w\n\n[b]\nk=v\n"},
		{"new key, indented", "[a]\n  k = v\n  [b]\n", set("a", "l", "w"), "[a]\n  k = v\n  l = w\n  [b]\n"},
		{"new key before a deeper header", "[a]\n  [b]\n", set("a", "l", "w"), "[a]\n  l = w\n  [b]\n"},
		{"new value", "[a]\n# c\nK: v\nl=w\n", set("a", "k", "x"), "[a]\n# c\nk = x\nl=w\n"},
		{"same value", "[a]\nK:  v\n", set("a", "k", "v"), "[a]\nK:  v\n"},
		{"empty value", "[a]\nk = v\n", set("a", "k", ""), "[a]\nk = \n"},
		{"percent", "[a]\nk = v\n", set("a", "k", "50%(k)s"), "[a]\nk = 50%%(k)s\n"},
		{"lines", "[a]\nk = v\n", set("a", "k", "1\n\n2"), "[a]\nk = 1\n\t\n\t2\n"},
		{"lines with a comment", "[a]\nk = 1\n  # c\n  2\nl=w\n", set("a", "k", "3"), "[a]\nk = 3\n  # c\nl=w\n"},
		{"carriage returns", "[a]\r\nk = v\r\n", set("a", "l", "w"), "[a]\r\nk = v\r\nl = w\r\n"},
		{"in default", "[DEFAULT]\nk = v\n[a]\n", set("DEFAULT", "l", "w"), "[DEFAULT]\nk = v\nl = w\n[a]\n"},
		{"unset", "[a]\nk = 1\n  # c\n  2\n\nl=w\n", unset("a", "K"), "[a]\n  # c\n\nl=w\n"},
		{"unset what is not there", "[a]\nk = 1\n", unset("a", "l"), "[a]\nk = 1\n"},
		{"unset a missing key", "[a]\nk = 1\n", unset("b", "l"), "[a]\nk = 1\n"},
		{"remove", "[a]\nk = 1\n\n[b]\nl = 2\n# c\nm = 3\n\n[c]\n", remove("b"), "[a]\nk = 1\n\n# c\n[c]\n"},
		{"remove before a deeper header", "[a]\nk = 1\n[b]\n  l = 2\n  [c]\n", remove("b"), "[a]\nk = 1\n[c]\n"},
		{"remove what is not there", "[a]\nk = 1\n", remove("b"), "[a]\nk = 1\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, tt.text)
			if err := tt.edit(f); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(f.Bytes())); diff != "" {
				t.Error(diff)
			}
			parse(t, string(f.Bytes()))
		})
	}
}

func TestSetRejects(t *testing.T) {
	for _, tt := range []struct{ what, section, key, value string }{
		{"section", "", "k", "v"},
		{"section", "a]", "k", "v"},
		{"section", "a\nb", "k", "v"},
		{"section", "\xff", "k", "v"},
		{"key", "a", "", "v"},
		{"key", "a", " k", "v"},
		{"key", "a", "k=l", "v"},
		{"key", "a", "k:l", "v"},
		{"key", "a", "k\nl", "v"},
		{"key", "a", "#k", "v"},
		{"key", "a", "[k", "v"},
		{"value", "a", "k", " v"},
		{"value", "a", "k", "v\u00a0"},
		{"value", "a", "k", "v\r"},
		{"value", "a", "k", "v\rw"},
		{"value", "a", "k", "v\n"},
		{"value", "a", "k", "v\n# w"},
		{"value", "a", "k", "\xff"},
	} {
		f := parse(t, python)
		err := f.Set(tt.section, tt.key, tt.value)
		invalid, ok := errors.AsType[*inifile.InvalidError](err)
		if !ok || invalid.What != tt.what || !strings.HasPrefix(err.Error(), "the "+tt.what+" ") {
			t.Errorf("Set(%q, %q, %q) = %v, want an error about the %s", tt.section, tt.key, tt.value, err, tt.what)
		}
		if string(f.Bytes()) != python {
			t.Errorf("Set(%q, %q, %q) changed the file", tt.section, tt.key, tt.value)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		line       int
		normalized string // "" if it is not an INI file
	}{
		{"no section", "# c\nk = v\n[a]\n", 2, ""},
		{"no INI file", "{\"a\": 1}", 1, ""},
		{"neither", "[a]\nk = v\nrubbish\n", 3, "[a]\nk = v\n# rubbish\n"},
		{"no key", "[a]\n= v\n", 2, "[a]\n# = v\n"},
		{"key twice", "[a]\nk = v\nK = w\n  x\nl = y\n", 3, "[a]\nk = v\n# K = w\n#   x\nl = y\n"},
		{
			"section twice", "[a]\nk = v\n[b]\nm = n\n[a]\nk = w\n\nl = x\n[c]\n", 5,
			"[a]\nk = v\n[b]\nm = n\n# [a]\n# k = w\n\n# l = x\n[c]\n",
		},
		{"key twice in default", "[DEFAULT]\nk = v\n[DEFAULT]\nk = w\n", 4, "[DEFAULT]\nk = v\n[DEFAULT]\n# k = w\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := inifile.Parse([]byte(tt.text))
			syntax, ok := errors.AsType[*inifile.SyntaxError](err)
			if !ok || syntax.Line != tt.line || !strings.HasPrefix(err.Error(), fmt.Sprintf("line %d: ", tt.line)) {
				t.Fatalf("error %v, want one for line %d", err, tt.line)
			}
			if tt.normalized == "" {
				if f != nil {
					t.Error("a File for what is no INI file")
				}
				return
			}
			if string(f.Bytes()) != tt.text {
				t.Error("reading changed the file")
			}
			before := content(f)
			if n := f.Normalize(); n != strings.Count(tt.normalized, "# ") {
				t.Errorf("Repair = %d", n)
			}
			if diff := cmp.Diff(tt.normalized, string(f.Bytes())); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, content(parse(t, string(f.Bytes())))); diff != "" {
				t.Error("repairing changed what is read:", diff)
			}
		})
	}
}

// content is what configparser's items would give for each section but DEFAULT.
func content(f *inifile.File) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, s := range f.Sections() {
		if s == inifile.DefaultSection {
			continue
		}
		all[s] = map[string]string{}
		for _, k := range slices.Concat(f.Keys(inifile.DefaultSection), f.Keys(s)) {
			all[s][k], _ = f.Get(s, k)
		}
	}
	return all
}

// A text in UTF-16 is named for what it is. Its first line would be blamed for no fault of its own.
func TestUTF16(t *testing.T) {
	for name, text := range map[string]string{
		"little endian":                  "\xff\xfe[\x00a\x00]\x00\n\x00",
		"big endian":                     "\xfe\xff\x00[\x00a\x00]\x00\n",
		"big endian without a mark":      "\x00[\x00a\x00]\x00\n",
		"a mark and nothing behind it":   "\xff\xfe",
		"a comment, then what is no INI": "\xff\xfe#\x00\n\x00k\x00",
	} {
		file, err := inifile.Parse([]byte(text))
		if file != nil || !errors.Is(err, inifile.ErrEncoding) {
			t.Errorf("%s: %v, %v", name, file, err)
		}
	}
	for name, text := range map[string]string{"UTF-8 with a mark": "\ufeff[a]\n", "empty": "", "one byte": "[", "NULs": "\x00\x00[a]", "binary": "\x7fELF"} {
		if _, err := inifile.Parse([]byte(text)); errors.Is(err, inifile.ErrEncoding) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
