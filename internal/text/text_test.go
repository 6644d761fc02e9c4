package text_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/taegis-go/taegis/internal/text"
)

// hostile has one of each kind of what a terminal must not be sent.
var hostile = map[string]string{
	"\x00": `\x00`, "\x07": `\x07`, "\b": `\x08`, "\x1b[2J": `\x1b[2J`, "\x7f": `\x7f`, // C0
	"\u0080": `\u0080`, "\u009b2J": `\u009b2J`, "\u009d": `\u009d`, "\x9b": `\x9b`, "\xff\xfe": `\xff\xfe`, "\xe2\x82": `\xe2\x82`, // C1, no UTF-8
	"\x1b]8;;https://evil\x1b\\link\x1b]8;;\x1b\\": `\x1b]8;;https://evil\x1b\link\x1b]8;;\x1b\`, // a hyperlink
	"\u202e": `\u202e`, "\u202a": `\u202a`, "\u2066": `\u2066`, "\u2069": `\u2069`, "\u200e": `\u200e`, "\u061c": `\u061c`, // bidi
	"\u200b": `\u200b`, "\u200d": `\u200d`, "\u2060": `\u2060`, "\ufeff": `\ufeff`, "\u00ad": `\u00ad`, "\u034f": `\u034f`, // no width
	"\u115f": `\u115f`, "\u3164": `\u3164`, "\uffa0": `\uffa0`, "\u180e": `\u180e`, "\ufe00": `\ufe00`, // fillers, variation
	"\U000e0041": `\U000e0041`, "\U000e0001": `\U000e0001`, "\U000e0100": `\U000e0100`, // tags
	"\ue000": `\ue000`, "\ufff9": `\ufff9`, "\uffff": `\uffff`, "\U0010ffff": `\U0010ffff`,
}

func TestEscape(t *testing.T) {
	for given, want := range hostile {
		if got := text.Escape("a" + given + "z"); got != "a"+want+"z" {
			t.Errorf("%q became %q", given, got)
		}
	}
	for given, want := range map[string]string{
		"a\nb": `a\nb`, "a\r\nb": `a\r\nb`, "a\tb": `a\tb`, "a\u2028b": `a\u2028b`, "a\u0085b": `a\u0085b`,
		`C:\temp`: `C:\temp`, "Grüße, 世界 👍": "Grüße, 世界 👍", "a\u00a0b": "a\u00a0b", "\ufffd": "\ufffd",
	} {
		if got := text.Escape(given); got != want {
			t.Errorf("%q became %q", given, got)
		}
	}
}

func TestOneLine(t *testing.T) {
	for given, want := range map[string]string{
		"a\nb": "a b", "a \r\n \t b": "a b", "\na\n": "a", "a  b ": "a  b ", "a\u2028b\u2029c\u0085d\ve\ff": "a b c d e f",
		"a\n\x1b[2Jb": `a \x1b[2Jb`, "": "", "\n": "",
	} {
		if got := text.OneLine(given); got != want {
			t.Errorf("%q became %q", given, got)
		}
	}
}

func TestTruncate(t *testing.T) {
	for limit, want := range map[int]string{10: "äbc", 4: "äbc", 3: "äb…", 2: "ä…", 1: "…", 0: "…"} {
		if got := text.Truncate("äbc", limit); got != want {
			t.Errorf("%d: %q", limit, got)
		}
	}
}

func TestShort(t *testing.T) {
	for limit, want := range map[int]string{9: `a\x1b é`, 7: `a\x1b é`, 6: `a\x1b …`, 0: "…"} {
		if got := text.Short("a\x1b\né", limit); got != want {
			t.Errorf("%d: %q", limit, got)
		}
	}
}

func TestMessagesAreShort(t *testing.T) {
	long := strings.Repeat("x\n\u202e", 1<<20)
	for name, f := range map[string]func(string) string{"Message": text.Message, "Block": text.Block} {
		if got := f(long); len(got) > text.MessageBytes+512+len("…") || !strings.HasSuffix(got, "…") || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes, ends in %q", name, len(got), got[len(got)-10:])
		}
	}
}

// No line but the first can pass for one of its own.
func TestBlocksAreIndented(t *testing.T) {
	for given, want := range map[string]string{
		"a\ntaegis: warning: b": "a\n  taegis: warning: b", "a\n    b\n\n\tc\n": "a\n    b\n  c", "a\rtaegis: b": "a taegis: b",
		"a\u2028taegis: b": "a taegis: b", "\n\na": "a",
	} {
		if got := text.Block(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestJSONSaysTheSame(t *testing.T) {
	for given := range hostile {
		if !utf8.ValidString(given) {
			continue
		}
		var encoded bytes.Buffer
		e := json.NewEncoder(&encoded)
		e.SetEscapeHTML(false)
		e.SetIndent("", "\t")
		value := map[string]any{"k\\" + given: "\"v\\" + given}
		if err := e.Encode(value); err != nil {
			t.Fatal(err)
		}
		shown := text.JSON(encoded.Bytes())
		var back map[string]any
		if err := json.Unmarshal(shown, &back); err != nil || !reflect.DeepEqual(back, value) {
			t.Errorf("%q became %s: %v", given, shown, err)
		}
		if bad := strings.IndexFunc(string(shown), func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }); bad >= 0 {
			t.Errorf("%q stands in %q", given, shown)
		}
	}
	for given, want := range map[string]string{
		"\"a\u009bb\"": `"a\u009bb"`, "{\r\n\t\"a\": 1}": "{ \n\t\"a\": 1}", "\"\U000e0041\"": `"\udb40\udc41"`, "\"\x1b\n\r\"": `"\u001b\u000a\u000d"`,
		`"a\\"` + "\r": `"a\\" `, "\"\xff\"": `"\ufffd"`, `{"a":"b"}`: `{"a":"b"}`,
	} {
		if got := string(text.JSON([]byte(given))); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestWriter(t *testing.T) {
	var out bytes.Buffer
	w := text.NewWriter(&out)
	for _, part := range []string{"a\tb\n", "\x1b[2J\u009b", "\xc3", "\xbc\xe2\x80", "\xae", "\xff", "z", "\xe2\x82"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if want := "a\tb\n" + `\x1b[2J\u009bü\u202e\xffz\xe2\x82`; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func FuzzNothingReachesTheTerminal(f *testing.F) {
	for given := range hostile {
		f.Add(given + "\n" + given)
	}
	f.Fuzz(func(t *testing.T, given string) {
		for name, shown := range map[string]string{
			"Escape": text.Escape(given), "OneLine": text.OneLine(given), "Message": text.Message(given), "Lines": text.Lines(given),
			"Block": text.Block(given), "JSON": string(text.JSON([]byte(given))),
		} {
			kept := map[string]string{"Lines": "\n\t", "Block": "\n", "JSON": "\n\t"}[name]
			for _, r := range shown {
				if !strings.ContainsRune(kept, r) && !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) {
					t.Errorf("%s left %q in %q", name, r, shown)
				}
			}
			if again := text.Escape(shown); kept == "" && again != shown {
				t.Errorf("%s: %q becomes %q when escaped again", name, shown, again)
			}
		}
	})
}
