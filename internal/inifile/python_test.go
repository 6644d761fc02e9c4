package inifile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/taegis-go/taegis/internal/inifile"
)

// values holds pieces of values; references only if asked for, because with them the change of
// one key shows in others.
func values(references bool) []string {
	list := []string{"", "v", "a=b", "x:y", "two words", "50%%", "# no comment", "ключ", "]", "[x]", "\u00a0nbsp"}
	if references {
		list = append(list, "%(k0)s", "-%(K1)s%%", "%(absent)s", "lone %", "%(")
	}
	return list
}

// texts generates files as users and programs write them: right for the most part.
func texts(references bool) *rapid.Generator[string] {
	indents := rapid.SampledFrom([]string{"", "", "", "", " ", "  ", "\t", "\u2003"})
	keys := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"k", "K", "Key ", "é"}).Draw(t, "stem") + fmt.Sprint(rapid.IntRange(0, 40).Draw(t, "number"))
	})
	value := rapid.SampledFrom(values(references))
	line := rapid.Custom(func(t *rapid.T) string {
		indent := indents.Draw(t, "indent")
		switch rapid.IntRange(0, 19).Draw(t, "kind") {
		case 0, 1, 2:
			name := rapid.SampledFrom([]string{"charlie", "us1", "a/b", " x ", "a]b", "backoff.retry"}).Draw(t, "name")
			return indent + "[" + name + fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "number")) + "]"
		case 3:
			return "[DEFAULT]"
		case 4, 5:
			return indent + rapid.SampledFrom([]string{"# c", "; c", "#"}).Draw(t, "comment")
		case 6, 7:
			return indent
		case 8, 9:
			return " " + indent + value.Draw(t, "continuation")
		case 10:
			return rapid.SampledFrom([]string{"", "", "", "", "rubbish", "= v", "[]", "[", "\x1c"}).Draw(t, "rubbish")
		default:
			delimiter := rapid.SampledFrom([]string{" = ", "=", ":", " : ", "= "}).Draw(t, "delimiter")
			return indent + keys.Draw(t, "key") + delimiter + value.Draw(t, "value")
		}
	})
	lines := rapid.Custom(func(t *rapid.T) string {
		ending := rapid.SampledFrom([]string{"\n", "\n", "\r\n", "\r"}).Draw(t, "ending")
		all := rapid.SliceOfN(line, 0, 14).Draw(t, "lines")
		return "[first]" + ending + strings.Join(all, ending) + rapid.SampledFrom([]string{"", ending}).Draw(t, "end")
	})
	return rapid.OneOf(lines, lines, lines, rapid.StringMatching(`[\[\]ab=:#; \t\n\r]{0,40}`))
}

func TestParseAsPython(t *testing.T) {
	python := newOracle(t)
	generator := texts(true)
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			text := []byte(generator.Draw(t, "text"))
			want, exception := python.read(t, text)
			f, err := inifile.Parse(text)
			if f != nil && string(f.Bytes()) != string(text) {
				t.Fatalf("reading %q changed it to %q", text, f.Bytes())
			}
			switch {
			case strings.HasPrefix(exception, "Interpolation"): // about a value; the file is right
				if err != nil {
					t.Fatalf("%q: %v, but Python reads it", text, err)
				}
			case exception != "":
				if err == nil {
					t.Fatalf("%q: no error, but Python returns %s", text, exception)
				}
			case err != nil:
				t.Fatalf("%q: %v, but Python reads it", text, err)
			default:
				accepted++
				if diff := cmp.Diff(want, content(f)); diff != "" {
					t.Fatalf("%q: %s", text, diff)
				}
			}
		}
	})
	t.Logf("Python accepted %d of the files", accepted)
	if accepted < 100 {
		t.Error("too few texts were compared")
	}
}

func TestEditForPython(t *testing.T) {
	python := newOracle(t)
	generator := texts(false)
	section := rapid.SampledFrom([]string{"first", "charlie1", "us12", "new", "DEFAULT", "a/b3"})
	key := rapid.SampledFrom([]string{"k1", "K2", "key 3", "é4", "access_token"})
	value := rapid.OneOf(rapid.SampledFrom([]string{"", "100%", "%(x)s", "a\nb", "\nb", "a\n\nb=c", "# x", "[y]"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			text := []byte(generator.Draw(t, "text"))
			f, _ := inifile.Parse(text)
			if f == nil {
				continue
			}
			f.Normalize()
			want := content(f)
			s, k := section.Draw(t, "section"), key.Draw(t, "key")
			_, existed := want[s]
			comments := commentLines(f)
			switch rapid.IntRange(0, 3).Draw(t, "edit") {
			case 0:
				f.Unset(s, k)
				if s == inifile.DefaultSection || existed {
					want = content(f) // a default may have come to light: below Python judges
				}
			case 1:
				f.Remove(s)
				if s != inifile.DefaultSection {
					delete(want, s)
				}
			default:
				v := value.Draw(t, "value")
				if err := f.Set(s, k, v); err != nil {
					continue
				}
				if got, ok := f.Get(s, k); !ok || got != v {
					t.Fatalf("%q: Set(%q, %q, %q), but Get = %q, %v", text, s, k, v, got, ok)
				}
				if s == inifile.DefaultSection {
					want = content(f)
				} else {
					if !existed {
						want[s] = map[string]string{}
						for _, d := range f.Keys(inifile.DefaultSection) {
							want[s][d], _ = f.Get(inifile.DefaultSection, d)
						}
					}
					want[s][strings.ToLower(k)] = v
				}
			}
			got, exception := python.read(t, f.Bytes())
			if exception != "" {
				t.Fatalf("%q became %q: Python returns %s", text, f.Bytes(), exception)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%q became %q: %s", text, f.Bytes(), diff)
			}
			if diff := cmp.Diff(comments, commentLines(f)); diff != "" {
				t.Fatalf("%q became %q: %s", text, f.Bytes(), diff)
			}
		}
	})
}

func commentLines(f *inifile.File) []string {
	var list []string
	for line := range strings.FieldsFuncSeq(string(f.Bytes()), func(r rune) bool { return r == '\r' || r == '\n' }) {
		if text := strings.TrimSpace(line); strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") {
			list = append(list, text)
		}
	}
	return list
}
