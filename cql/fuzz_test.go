package cql_test

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/taegis-go/taegis/cql"
)

// FuzzParse holds that any text is a query or has an error with a place in it, and that a tree is
// written as text of the same tree.
func FuzzParse(f *testing.F) {
	cases := readCases(f)
	for _, c := range cases.Examples {
		f.Add(c.Query)
	}
	for _, c := range cases.Mistakes {
		f.Add(c.Query)
	}
	for _, text := range moreQueries {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, f := range cql.Lint(text, cql.LintOptions{}) {
			if f.Message == "" || f.Line < 1 || f.Column < 1 || !utf8.ValidString(f.String()) {
				t.Fatalf("%q: %#v", text, f)
			}
		}
		q, err := cql.Parse(text)
		var syntax *cql.SyntaxError
		switch {
		case errors.As(err, &syntax):
			if syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Line < 1 || syntax.Column < 1 ||
				!utf8.ValidString(syntax.Error()) {
				t.Fatalf("%q: %#v", text, syntax)
			}
			return
		case err != nil:
			t.Fatalf("%q: %v", text, err)
		}
		written, err := q.Text()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		again, err := cql.Parse(written)
		if err != nil || !q.Equal(again) {
			t.Fatalf("%q\nis written as %q\nand read as %v, %v", text, written, again, err)
		}
		parts, err := q.Split(now, 31*24*time.Hour, cql.AnyOrder)
		for _, part := range parts {
			if start, end, err := part.Window(now); err != nil || end.Sub(start) > 31*24*time.Hour {
				t.Fatalf("%q has the part %s, %v", text, part, err)
			}
		}
		if (err == nil) != (len(parts) > 0) {
			t.Fatalf("%q: %d parts, %v", text, len(parts), err)
		}
	})
}

// FuzzBuild holds that what a builder writes is a query, and has the values that it was given.
func FuzzBuild(f *testing.F) {
	f.Add("alert", "severity", "O'Neill", 0.6, int64(5), int64(time.Hour))
	f.Add("*", "@ip", `\'`, -1e300, int64(-1), int64(0))
	f.Add("from", "a.b", "\xff", 1e-300, int64(1<<62), int64(-1))
	f.Fuzz(func(t *testing.T, name, field, value string, number float64, n, length int64) {
		if len(value) > cql.MaxBytes/16 {
			return
		}
		b := cql.From(name).
			Where(cql.Or(cql.Eq(field, value), cql.And(cql.GTE("b", number), cql.NotIn("c", n, value)))).
			Where(cql.NotContains(field, value), cql.Matches("d", value, "x"), cql.IsNull(field)).
			Earliest(time.Duration(length)).LatestAt(time.Unix(n, length)).
			Head(int(n)).Sort(cql.Desc(field))
		written, err := b.Text()
		if err != nil {
			if _, err := cql.Parse(b.String()); err == nil {
				t.Fatalf("%s is a query", b)
			}
			return
		}
		built, err := b.Query()
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := cql.Parse(written)
		if err != nil || !parsed.Equal(built) {
			t.Fatalf("%q: %v", written, err)
		}
		contains := parsed.Where.(*cql.AndExpr).Operands[1].(*cql.Comparison)
		if contains.Values[0].Text != value || contains.Field.String() != field {
			t.Fatalf("%q: %+v", written, contains)
		}
	})
}
