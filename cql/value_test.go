package cql_test

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"text/template"
	"time"
	"unicode/utf8"

	"github.com/taegis-go/taegis/cql"
)

func TestString(t *testing.T) {
	for value, want := range map[string]string{
		"":                           `''`,
		"OPEN":                       `'OPEN'`,
		`C:\new\tools`:               `'C:\new\tools'`,
		`ends with \`:                `'ends with \'`,
		"it's":                       `e'it\'s'`,
		`\'`:                         `e'\\\''`,
		"a\nb\tc\rd\be\f":            `e'a\nb\tc\rd\be\f'`,
		"\x00\x1b\x7f":               "e'\x00\x1b\x7f'",
		`"double" %_*?`:              `'"double" %_*?'`,
		"ümläut 漢字 \u2028\U0010FFFF": "'ümläut 漢字 \u2028\U0010FFFF'",
	} {
		if got, err := cql.String(value); err != nil || got != want {
			t.Errorf("String(%q) = %s, %v; want %s", value, got, err, want)
		}
	}
	for _, value := range []string{"\xff", "a\xc3", "\xed\xa0\x80"} {
		if got, err := cql.String(value); err == nil || got != "" {
			t.Errorf("String(%q) = %s", value, got)
		}
	}
}

// checkLiteral holds that v is rendered as one literal with exactly that value.
func checkLiteral(t *testing.T, v string) {
	t.Helper()
	literal, err := cql.String(v)
	if !utf8.ValidString(v) {
		if err == nil {
			t.Fatalf("%q: no error", v)
		}
		return
	}
	if err != nil {
		t.Fatalf("%q: %v", v, err)
	}
	q := mustParse(t,
		"FROM alert WHERE a = "+literal+" AND b IN ("+literal+","+literal+")EARLIEST=-1d")
	operands := q.Where.(*cql.AndExpr).Operands
	values := append(operands[0].(*cql.Comparison).Values, operands[1].(*cql.Comparison).Values...)
	if len(operands) != 2 || len(values) != 3 {
		t.Fatalf("%q: %s", v, q)
	}
	for _, value := range values {
		if value.Kind != cql.StringValue || value.Text != v {
			t.Fatalf("%q is read as %q", v, value.Text)
		}
	}
}

func FuzzString(f *testing.F) {
	for _, v := range []string{
		"", "'", `\`, `\'`, `'\`, `\\'`, "e'", "a\nb", "\b\f\x00\x7f", "\xff",
		"ü'ü", "') OR a = ('", `\n'`,
	} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		if len(v) > cql.MaxBytes/8 {
			return
		}
		checkLiteral(t, v)
		s, err := cql.From("alert").Where(cql.Or(cql.Eq("a", v), cql.Contains("b", v)),
			cql.In("c", v, 1)).Text()
		if (err == nil) != utf8.ValidString(v) {
			t.Fatalf("%q: %v", v, err)
		}
		if err == nil {
			mustParse(t, s)
		}
		quoted, err := regexp.Compile("^(?s:" + cql.QuoteRegex(v) + ")$")
		if utf8.ValidString(v) && (err != nil || !quoted.MatchString(v)) {
			t.Fatalf("QuoteRegex(%q) = %q, %v", v, cql.QuoteRegex(v), err)
		}
	})
}

func TestShortStringsAreExact(t *testing.T) {
	const alphabet = "'\\ne\n\t,()=ü\x00"
	for _, a := range alphabet {
		for _, b := range alphabet {
			for _, c := range alphabet {
				checkLiteral(t, string([]rune{a, b, c}))
			}
		}
	}
}

func TestQuoteGlob(t *testing.T) {
	if s, err := cql.QuoteGlob(`a?\'`); err != nil || s != `a?\'` {
		t.Error(s, err)
	}
	if s, err := cql.QuoteGlob("a*"); err == nil || s != "" {
		t.Error(s, err)
	}
}

func TestQuoteRegex(t *testing.T) {
	const special = `.^$*+-?()[]{}\|/`
	got := cql.QuoteRegex(special + "aZ9_ ü'")
	want := ""
	for _, r := range special {
		want += `\` + string(r)
	}
	if got != want+"aZ9_ ü'" {
		t.Error(got)
	}
}

func TestTemplate(t *testing.T) {
	data := map[string]any{
		"User": "O'Neill", "Statuses": []string{"OPEN", "it's"}, "Severity": 0.6,
		"Field":   "metadata.title",
		"Logical": "@ip", "Since": 36 * time.Hour, "Until": time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		"Host":    "a.b",
		"Address": netip.MustParseAddr("192.0.2.7"), "Empty": []string{}, "Nil": nil,
		"Bytes": []byte("x"), "Star": "*",
		"Bad": "\xff", "Injected": "a = 1 OR b", "Negative": -time.Hour,
		"Snapped":  &cql.Bound{Amount: 1, Unit: cql.Day, Snap: cql.Day},
		"NilBound": (*cql.Bound)(nil), "Year": time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC),
		"BadBound": cql.Ago(1, "x"),
	}
	run := func(text string) (string, error) {
		var b strings.Builder
		err := template.Must(template.New("").Funcs(cql.Funcs()).Parse(text)).Execute(&b, data)
		return b.String(), err
	}
	for text, want := range map[string]string{
		"user = {{.User | cql}}":                                                 `user = e'O\'Neill'`,
		"status IN {{.Statuses | cql}}":                                          `status IN ('OPEN',e'it\'s')`,
		"severity >= {{cql .Severity}}":                                          "severity >= 0.6",
		"{{.Field | cqlField}} = 1 OR {{cqlField .Logical}} = 1":                 "metadata.title = 1 OR @ip = 1",
		"EARLIEST={{.Since | cqlTime}} LATEST={{.Until | cqlTime}}":              "EARLIEST=-36h LATEST='2026-03-01T00:00:00Z'",
		"EARLIEST={{.Snapped | cqlTime}}":                                        "EARLIEST=-1d@d",
		`h MATCHES_REGEX {{printf "^%s$" (.Host | quoteRegex) | cql}}`:           `h MATCHES_REGEX '^a\.b$'`,
		`h MATCHES {{printf "*.%s" (.Host | quoteGlob) | cql}}`:                  `h MATCHES '*.a.b'`,
		"@ip = {{.Address | cql}} AND a > {{.Until | cql}}":                      "@ip = '192.0.2.7' AND a > '2026-03-01T00:00:00Z'",
		"{{range $i, $s := .Statuses}}{{if $i}} OR {{end}}a = {{cql $s}}{{end}}": `a = 'OPEN' OR a = e'it\'s'`,
	} {
		got, err := run(text)
		if err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", text, got, err, want)
		}
		mustParse(t, got)
	}
	for _, text := range []string{
		"{{.Empty | cql}}", "{{.Nil | cql}}", "{{.Missing | cql}}", "{{.Bytes | cql}}",
		"{{.Bad | cql}}", "{{cql .Since}}",
		"{{.Injected | cqlField}}", `{{"" | cqlField}}`, "{{.Star | quoteGlob}}",
		"{{.Negative | cqlTime}}", "{{.User | cqlTime}}",
		"{{.NilBound | cqlTime}}", "{{.Year | cqlTime}}", "{{.BadBound | cqlTime}}", "{{.Year | cql}}",
	} {
		if got, err := run(text); err == nil {
			t.Errorf("%s = %s", text, got)
		}
	}
}
