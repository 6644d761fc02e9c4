package policy

import (
	"reflect"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// Texts of every form that a policy can have, and of forms that it cannot.
var texts = []string{
	"", "# a comment", "version = 1", "version=1\r\n", "\ufeffversion = 1\n",
	`a = "b" # c`, `a = 'b\c'`, `a = "b\\c\"d"`, `a = ""`, `a = ''`, "a = []", `a = ["b", 'c',]`,
	"a = [ # first\n\t\"b\", # second\r\n\n 'c' ]\nd = true\n", "a = false", "a = -7", `a = "é"`,
	"a", "a =", "= 1", "a = 1 2", "a = 01", "a = +1", "a = 1_0", "a = 0x1", "a = 1.5", "a = True", "a = b",
	"[a]\nb = 1", "[[a]]", "a.b = 1", `"a" = 1`, "a = {}", "a = [1]", "a = [[]]", `a = ["b" "c"]`, `a = [,]`, `a = ["b",,]`,
	`a = "b`, `a = 'b`, `a = ["b"`, "a = \"b\nc\"", `a = """b"""`, `a = '''b'''`, `a = """"""`, `a = "\n"`, `a = "\u0041"`,
	"a = 1\na = 2", "a = 1\r", "# c\r", "# c\x00", "a = \"\x7f\"", "a = \"\xff\"", "a = 2020-01-01", "\u00a0a = 1", "a = 'b'c",
}

// FuzzParse checks that what the reader accepts has the same meaning in TOML.
func FuzzParse(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		entries, fault := parse(text)
		if fault != nil {
			if fault.reason == "" || fault.line < 1 {
				t.Errorf("%q: %+v", text, fault)
			}
			return
		}
		var want map[string]any
		if err := toml.Unmarshal([]byte(text), &want); err != nil && len(text) > 0 && text[0] != 0xef {
			t.Fatalf("%q is accepted, but not TOML: %v", text, err)
		} else if err != nil {
			return // only go-toml rejects the byte order mark of Windows
		}
		if len(entries) != len(want) {
			t.Errorf("%q: %d entries, want %d", text, len(entries), len(want))
		}
		for _, e := range entries {
			if got := normal(e.value); !reflect.DeepEqual(got, want[e.key]) {
				t.Errorf("%q: %s is %#v, want %#v", text, e.key, got, want[e.key])
			}
		}
	})
}

// normal returns a value in the types of go-toml.
func normal(value any) any {
	switch value := value.(type) {
	case int:
		return int64(value)
	case []string:
		list := []any{}
		for _, text := range value {
			list = append(list, text)
		}
		return list
	}
	return value
}

// TestWhatIsRejected counts the forms that the reader accepts, so that it does not reject them all.
func TestWhatIsRejected(t *testing.T) {
	accepted := 0
	for _, text := range texts {
		if _, fault := parse(text); fault == nil {
			accepted++
		}
	}
	if accepted != 16 {
		t.Errorf("%d forms are accepted, want 16", accepted)
	}
}
