package output_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/taegis-go/taegis/internal/output"
)

var colors = regexp.MustCompile("\x1b\\[[0-9;]*m")

// checkTerminal fails if an output could steer a terminal, or if a line of a table is too long.
func checkTerminal(t *testing.T, o output.Options, out string) {
	t.Helper()
	if o.Color {
		out = colors.ReplaceAllString(out, "")
	}
	for _, r := range out {
		if r != '\n' && !unicode.IsPrint(r) && r != '\t' {
			t.Errorf("%q is in the output", r)
		}
	}
	if o.Format != output.Table && (o.Format != "" || len(o.Columns) == 0 || o.JQ != nil || o.Template != nil) {
		return
	}
	for line := range strings.Lines(out) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "(note)") && output.TextWidth(line) > o.Width {
			t.Errorf("%q is wider than %d", line, o.Width)
		}
	}
}

func printed(t *testing.T, o output.Options, values ...string) string {
	t.Helper()
	var out bytes.Buffer
	p, err := output.New(&out, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Records(context.Background(), records(values...)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// nasty are values that an encoder could change.
var nasty = []string{
	`9007199254740993`, `1e400`, `-0.0`, `1.10`, `-1E+2`, `123456789012345678901234567890`, `true`, `false`, `null`,
	`""`, `"\u0000\u001b\u202e\ufeff"`, `"\ud83d\ude00"`, `"\ud800"`, `"\/\\\""`, `"<>&"`, `"no"`, `"1e3"`, `"12:30"`, `"0x1"`, `"~"`,
	`"2026-01-01"`, `" a "`, `"a: b"`, `"#"`, `"- a"`, `"a #b"`, `"?"`, `"[x"`, `"\r\n"`, `"'"`, `"世界"`, `"é"`,
	`[]`, `{}`, `[[]]`, `[{}]`, `[[1,[2,[3]]],{"a":[{"b":[]}]}]`, `{"":""}`, `{"a b":1,"A":2,"no":3,"1":4,"-":5,"a:":6,"\n":7,"#":8}`,
	`{"z":1,"a":{"y":[{"x":null}],"b":""}}`, strings.Repeat("[", 200) + strings.Repeat("]", 200),
	strings.Repeat(`{"a":`, 100) + `"\ud83d\ude00"` + strings.Repeat("}", 100),
	`{"` + strings.Repeat("k", 2000) + `":{"a":1}}`,
}

// jsonl has the server's own text without white space between the tokens.
func TestJSONLKeepsTheText(t *testing.T) {
	for _, value := range nasty {
		if got := printed(t, output.Options{Format: output.JSONL}, value); got != value+"\n" {
			t.Errorf("%s became %s", value, got)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, []byte(value), " ", "\t"); err != nil {
			t.Fatal(err)
		}
		if got := printed(t, output.Options{}, indented.String()+" \r\n"); got != value+"\n" {
			t.Errorf("%q became %s", indented.String(), got)
		}
	}
}

// Indented JSON is that of encoding/json.
func TestIndentedJSON(t *testing.T) {
	for _, o := range []output.Options{{Format: output.JSON, Indent: true}, {Terminal: true}} {
		for _, value := range nasty {
			var out, want bytes.Buffer
			p, err := output.New(&out, o)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Record(context.Background(), json.RawMessage(value)); err != nil {
				t.Fatal(err)
			}
			if err := json.Indent(&want, []byte(value), "", "  "); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != want.String()+"\n" {
				t.Errorf("%s became %s, want %s", value, got, want.String())
			}
		}
	}
	got := printed(t, output.Options{Format: output.JSON, Indent: true}, `{"a":[1,{}]}`, `[]`)
	if want := "[\n  {\n    \"a\": [\n      1,\n      {}\n    ]\n  },\n  []\n]\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestJSONIsOneArray(t *testing.T) {
	for _, values := range [][]string{{}, {"null"}, nasty} {
		for _, o := range []output.Options{{}, {Indent: true}, {Terminal: true}} {
			o.Format = output.JSON
			var got []json.RawMessage
			if err := json.Unmarshal([]byte(printed(t, o, values...)), &got); err != nil || len(got) != len(values) || got == nil {
				t.Errorf("%d of %d: %v", len(got), len(values), err)
			}
		}
	}
}

func TestCSVReadsBack(t *testing.T) {
	var texts []string
	var objects []string
	for _, value := range nasty {
		raw, err := output.Encode(map[string]json.RawMessage{"v": json.RawMessage(value)})
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, string(raw))
		var s string
		switch {
		case value == "null":
			texts = append(texts, "")
		case json.Unmarshal([]byte(value), &s) == nil:
			if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
				s = "'" + s
			}
			texts = append(texts, strings.ReplaceAll(s, "\r\n", "\n")) // encoding/csv reads it so
		default:
			texts = append(texts, value)
		}
	}
	out := printed(t, output.Options{Format: output.CSV, Fields: fields(t, "v,w")}, objects...)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		if row[0] != texts[i] {
			t.Errorf("%s became %q, want %q", nasty[i], row[0], texts[i])
		}
	}
	if !slices.Equal(rows[0], []string{"v", "w"}) || len(rows) != len(nasty)+1 {
		t.Errorf("%d rows, header %q", len(rows), rows[0])
	}
}

func FuzzCSVHasNoFormulas(f *testing.F) {
	for _, s := range []string{"=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "a", "'=", "\"=1\"", ",=1", "\n=1", "\x00=1", "\xff"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		raw, err := output.Encode(map[string]any{name: value, name + "x": []string{value}})
		if err != nil {
			t.Fatal(err)
		}
		out := printed(t, output.Options{Format: output.CSV}, string(raw))
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[0]) != 2 {
			t.Fatalf("%q: %q, %v", out, rows, err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					t.Errorf("%q is a formula", cell)
				}
			}
		}
	})
}

// Any text is read without a panic and without an endless loop.
func FuzzAnyText(f *testing.F) {
	for _, value := range nasty {
		f.Add(value)
	}
	for _, value := range []string{`{`, `{"`, `{"a`, `{"a"`, `{"a":`, `[`, `"`, `"\`, `]`, `}`, `,`, `{"a":}`, `[,]`, `{]}`, ``, ` `} {
		f.Add(value)
	}
	all := options(&testing.T{})
	f.Fuzz(func(t *testing.T, value string) {
		for name, o := range all {
			if o.JQ != nil || o.Template != nil {
				continue // they decode the text
			}
			p, err := output.New(io.Discard, o)
			if err != nil {
				t.Fatal(name, err)
			}
			if err := p.Records(context.Background(), records(value)); err != nil {
				t.Fatal(name, err)
			}
		}
	})
}

func TestFieldLists(t *testing.T) {
	for list, want := range map[string]string{
		"a": "a", "a,b.c": "a,b.c", " a , b . c ": "a,b.c", `a\.b,c\,d,e\\f`: `a\.b,c\,d,e\\f`, "a,a.b": "a,a.b",
		"": "", ",": "", "a,": "", ".a": "", "a.": "", "a..b": "", "a,a": "", `a\`: "",
	} {
		got, err := output.ParseFields(list)
		switch {
		case (err == nil) != (want != ""):
			t.Errorf("%q: %v", list, err)
		case err == nil && got.String() != want:
			t.Errorf("%q became %q", list, got)
		}
	}
}

func TestFields(t *testing.T) {
	for _, c := range []struct{ list, record, want, cells string }{
		{"b,a", `{"a":1,"x":2,"b":3}`, `{"b":3,"a":1}`, "3,1"},
		{"a.b", `{"a":{"b":{"c":1},"d":2}}`, `{"a":{"b":{"c":1}}}`, `"{""c"":1}"`},
		{"a.b,a.c", `{"a":[{"b":1,"c":2,"d":3},{"c":4},null,5]}`, `{"a":[{"b":1,"c":2},{"c":4},null,5]}`, `[1],"[2,4]"`},
		{"a,a.b", `{"a":{"b":1,"c":2}}`, `{"a":{"b":1,"c":2}}`, `"{""b"":1,""c"":2}",1`},
		{"a", `{"a":null}`, `{"a":null}`, ""},
		{"a.b", `{"a":1}`, `{"a":1}`, ""},
		{"a", `[{"a":1,"b":2}]`, `[{"a":1}]`, ""},
		{"a", `7`, `7`, ""},
		{`a\.b`, `{"a.b":1,"a":{"b":2}}`, `{"a.b":1}`, "1"},
		{"é", `{"\u00e9":1}`, `{"é":1}`, "1"},
		{"a.b", `{"a":[[{"b":1}],[{"b":2},{"b":3}]]}`, `{"a":[[{"b":1}],[{"b":2},{"b":3}]]}`, `"[[1],[2,3]]"`},
		{"a.b", `{"a":[{"b":1}],"a":[{"b":2}]}`, `{"a":[{"b":2}]}`, "[2]"},
	} {
		if got := printed(t, output.Options{Fields: fields(t, c.list)}, c.record); got != c.want+"\n" {
			t.Errorf("%s of %s: %s", c.list, c.record, got)
		}
		if got := printed(t, output.Options{Fields: fields(t, c.list), Format: output.CSV, NoHeaders: true}, c.record); got != c.cells+"\n" {
			t.Errorf("%s of %s as cells: %s", c.list, c.record, got)
		}
	}
}

func TestOptionsThatExcludeEachOther(t *testing.T) {
	for name, o := range map[string]output.Options{
		"--template does not go with --output csv":                          {Template: form(t, "x"), Format: output.CSV},
		"--output template needs --template":                                {Format: output.Template},
		"--no-headers does not go with --output json, which has no headers": {NoHeaders: true, Format: output.JSON},
	} {
		if _, err := output.New(io.Discard, o); err == nil || err.Error() != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
	if _, err := output.ParseFormat("xml"); err == nil {
		t.Error("xml is a format")
	}
}

// A filter may make several records of one.
func TestFiltersOfOneRecord(t *testing.T) {
	for format, want := range map[output.Format]string{
		output.Table: "N\n1\n2\n", output.CSV: "n\n1\n2\n", output.YAML: "\"n\": 1\n---\n\"n\": 2\n",
		output.JSON: "{\"n\":1}\n{\"n\":2}\n",
	} {
		var out bytes.Buffer
		p, err := output.New(&out, output.Options{Format: format, JQ: filter(t, ".[]")})
		if err != nil {
			t.Fatal(err)
		}
		err = p.Record(t.Context(), json.RawMessage(`[{"n":1},{"n":2}]`))
		if err != nil || out.String() != want {
			t.Errorf("%s: %q, %v", format, out.String(), err)
		}
	}
}

// Headers are those of a table, so without them the default is a table, in a pipe too.
func TestNoHeadersMeansATable(t *testing.T) {
	for _, o := range []output.Options{{}, {Terminal: true, Width: 80}} {
		o.NoHeaders = true
		if got := printed(t, o, `{"a":1,"b":"x"}`); got != "1  x\n" {
			t.Errorf("got %q", got)
		}
	}
}

func TestFilters(t *testing.T) {
	for filterText, want := range map[string]string{
		".a": "9007199254740993\n", ".b": "x\ny\n", ".": `{"a":9007199254740993,"b":"x\ny"}` + "\n", "empty": "",
		".a, .b | select(type == \"number\")": "9007199254740993\n", "halt": "", "env": "{}\n", "[.a]": "[9007199254740993]\n",
	} {
		if got := printed(t, output.Options{JQ: filter(t, filterText)}, `{"b":"x\ny","a":9007199254740993}`); got != want {
			t.Errorf("%s gives %q", filterText, got)
		}
	}
	for _, bad := range []string{".a[", "nosuch", "|", ""} {
		if _, err := output.ParseJQ(bad); err == nil && bad != "" {
			t.Errorf("%q is a filter", bad)
		}
	}
	p, err := output.New(io.Discard, output.Options{JQ: filter(t, ".a.b")})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Record(context.Background(), json.RawMessage(`{"a":1}`)); err == nil || !strings.Contains(err.Error(), "--jq") {
		t.Errorf("a number has a member: %v", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("interrupted")
	cancel(cause)
	p, _ = output.New(io.Discard, output.Options{JQ: filter(t, "[range(infinite)]")})
	if err := p.Record(ctx, json.RawMessage("1")); !errors.Is(err, cause) {
		t.Errorf("the filter ended with %v", err)
	}
}

// failing is a disk without space.
type failing struct{}

var errFull = errors.New("no space left on device")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestFullDisk(t *testing.T) {
	for name, o := range options(t) {
		p, err := output.New(failing{}, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Records(context.Background(), records(alerts...)); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A slow list is seen as it comes, a table once it has waited for more rows.
func TestSlowLists(t *testing.T) {
	for name, o := range map[string]output.Options{"jsonl": {}, "csv": {Format: output.CSV}, "table": {Format: output.Table}} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			p, err := output.New(&out, o)
			if err != nil {
				t.Fatal(err)
			}
			err = p.Records(context.Background(), func(yield func(json.RawMessage, error) bool) {
				for i := range 3 {
					if !yield(json.RawMessage(`{"a":1}`), nil) {
						return
					}
					time.Sleep(2 * time.Second)
					synctest.Wait()
					if got := strings.Count(out.String(), "1"); got != i+1 {
						t.Errorf("%s: %d records are printed after %d", name, got, i+1)
					}
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// The widths of a table are those of the first rows; later rows follow as they come.
func TestLongTables(t *testing.T) {
	values := slices.Repeat([]string{`{"a":"x","b":"y"}`}, 150)
	values = append(values, `{"a":"`+strings.Repeat("z", 100)+`","b":"y"}`)
	out := printed(t, output.Options{Format: output.Table, Terminal: true, Width: 20}, values...)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if last := lines[len(lines)-1]; len(lines) != 152 || last != "…  y" {
		t.Errorf("%d lines, the last is %q", len(lines), last)
	}
	out = printed(t, output.Options{Format: output.Table}, values...)
	if !strings.HasSuffix(out, strings.Repeat("z", 100)+"  y\n") {
		t.Error("a cell is cut without a terminal")
	}
}

func TestWidths(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "世界": 4, "👍": 2, "é": 1, "e\u0301": 1, "한": 2, "ｱ": 1, "Ａ": 2, "…": 1} {
		if got := output.TextWidth(s); got != want {
			t.Errorf("%q takes %d columns, want %d", s, got, want)
		}
	}
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abc", 2, "a…"}, {"abc", 1, "…"}, {"abc", 0, ""}, {"世界", 4, "世界"}, {"世界", 3, "世…"}, {"世界", 2, "…"}, {"e\u0301a", 1, "…"}, {"ae\u0301", 2, "ae\u0301"}} {
		if got := output.Fit(c.s, c.n); got != c.want {
			t.Errorf("%q in %d columns is %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

func FuzzNoLineIsTooWide(f *testing.F) {
	f.Add("世界 a\u0301 b", uint8(7))
	f.Fuzz(func(t *testing.T, s string, n uint8) {
		limit := max(2, int(n)) // the widest character
		raw, err := output.Encode([]any{map[string]string{"a": s, s: "a", "b": s + s, "c": "1"}}[0])
		if err != nil {
			t.Fatal(err)
		}
		o := output.Options{Format: output.Table, Terminal: true, Width: limit}
		checkTerminal(t, o, printed(t, o, string(raw)))
		var out bytes.Buffer
		p, _ := output.New(&out, o)
		if err := p.Record(context.Background(), raw); err != nil {
			t.Fatal(err)
		}
		checkTerminal(t, o, out.String())
	})
}
