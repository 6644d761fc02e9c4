package inifile_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/taegis-go/taegis/internal/inifile"
)

// A file that users, programs of Windows and Python have all had in hand: odd white space, every
// line ending, references, repeated and broken lines.
var (
	oddIndents = []string{"", "", "", " ", "\t", "  ", "    ", "\u00a0", "\x0c", "\u3000 "}
	oddEndings = []string{"\n", "\n", "\n", "\r\n", "\r"}
	oddNames   = []string{"a", "charlie", "DEFAULT", "b c", " x ", "é", "a/user/12", "default", "#s", "s;"}
	oddKeys    = []string{"k", "K", "client_id", "é", "É", "two words", "access_token", "x%", "k.k", "rem", "-"}
	oddValues  = []string{
		"1", "", "a=b:c", "%%", "%(k)s", "50%", "x ; y", "# z", "\"q\"", "[v]", "%(two words)s", "é",
		"a\u00a0b", "\x0bq", "a\x1cb", "a\u2028b", "a\x85b", "ſK",
	}
	oddLines = []string{"noval", "=x", ":", "k", "[", "[]", "[]]", "]"}
)

// oddText generates such a file.
func oddText(t *rapid.T) string {
	pick := func(name string, list ...string) string { return rapid.SampledFrom(list).Draw(t, name) }
	var b strings.Builder
	if rapid.IntRange(0, 14).Draw(t, "mark") == 0 {
		b.WriteString("\ufeff")
	}
	for range rapid.IntRange(1, 14).Draw(t, "lines") {
		indent, ending := pick("indent", oddIndents...), pick("ending", oddEndings...)
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0, 1:
			b.WriteString(indent + "[" + pick("name", oddNames...) + "]" + pick("behind", "", "", " ", " trailing", "]") + ending)
		case 2, 3, 4:
			delimiter := pick("delimiter", "=", " = ", ":", " : ", "\u00a0=")
			b.WriteString(indent + pick("key", oddKeys...) + delimiter + pick("value", oddValues...) + pick("blank", "", " ") + ending)
		case 5:
			b.WriteString(indent + pick("comment", "# c", "; d", "#", ";=") + ending)
		case 6:
			b.WriteString(indent + ending)
		case 7:
			b.WriteString(pick("deeper", " ", "\t", "   ") + pick("continuation", oddValues...) + ending)
		default:
			b.WriteString(pick("odd", oddLines...) + ending)
		}
	}
	if rapid.Bool().Draw(t, "unended") {
		return strings.TrimRight(b.String(), "\r\n")
	}
	return b.String()
}

// However often a file is edited, Python reads what was edited as it was meant, and all else as it
// was.
func TestEditsInARowAsPython(t *testing.T) {
	python := newOracle(t)
	withoutMark := func(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) } // Python gets a flag for it
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		file, _ := inifile.Parse([]byte(oddText(t)))
		if file == nil {
			return
		}
		file.Normalize()
		start := bytes.Clone(file.Bytes())
		before := python.ask(t, withoutMark(start))
		if !isComparable(start, before) {
			return
		}
		if before.Error != "" {
			t.Fatalf("%q was corrected, but Python returns %s", start, before.Error)
		}
		want := before.own()
		for range rapid.IntRange(1, 5).Draw(t, "edits") {
			edit := uint8(rapid.IntRange(0, 3).Draw(t, "edit"))
			section, key := rapid.SampledFrom(oddNames).Draw(t, "section"), rapid.SampledFrom(oddKeys).Draw(t, "key")
			value := strings.Join(rapid.SliceOfN(rapid.SampledFrom(oddValues), 1, 2).Draw(t, "value"), "\n")
			switch edit {
			case 0, 1:
				if file.Set(section, key, value) != nil {
					continue
				}
			case 2:
				file.Unset(section, key)
			default:
				file.Remove(section)
			}
			change(want, edit, section, strings.ToLower(key), value)
		}
		after := python.ask(t, withoutMark(file.Bytes()))
		if !isComparable(file.Bytes(), after) {
			return
		}
		if after.Error != "" {
			t.Fatalf("%q became %q, but Python returns %s", start, file.Bytes(), after.Error)
		}
		if diff := cmp.Diff(want, after.own()); diff != "" {
			t.Fatalf("%q became %q: %s", start, file.Bytes(), diff)
		}
		compared++
	})
	if compared == 0 {
		t.Error("nothing was compared")
	}
	t.Logf("%d files compared", compared)
}
