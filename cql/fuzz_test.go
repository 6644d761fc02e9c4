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
		q, err := cql.Parse(text)
		var syntax *cql.SyntaxError
		switch {
		case errors.As(err, &syntax):
			if syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Line < 1 || syntax.Column < 1 || !utf8.ValidString(syntax.Error()) {
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
		for _, b := range []*cql.Bound{q.Earliest, q.Latest} {
			if b != nil {
				_, _ = b.Time(time.Unix(0, 0))
			}
		}
	})
}
