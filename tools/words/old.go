package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// row is a row of old.txt.
type row struct {
	expr *regexp.Regexp
	word string
}

// parseRows reads rows of an expression, white space and the word to use.
func parseRows(list string) ([]row, error) {
	var rows []row
	number := 0
	for text := range strings.Lines(list) {
		number++
		text = strings.TrimSpace(text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		expr, word, _ := strings.Cut(text, "  ")
		if word = strings.TrimSpace(word); word == "" {
			return nil, fmt.Errorf("old.txt:%d: the word to use is missing", number)
		}
		compiled, err := regexp.Compile(expr)
		if err != nil {
			return nil, fmt.Errorf("old.txt:%d: %w", number, err)
		}
		rows = append(rows, row{compiled, word})
	}
	return rows, nil
}

// reportOld writes the places at which an old identifier is declared or mentioned, and returns an
// error if there is one.
func reportOld(w io.Writer, rows []row, s source, prose []line) error {
	all := slices.Concat(s.names, s.comments, s.strings, prose)
	var failed error
	for _, row := range rows {
		var hits []line
		for _, l := range all {
			if row.expr.MatchString(l.text) {
				hits = append(hits, l)
			}
		}
		if len(hits) > 0 {
			_, _ = fmt.Fprintf(w, "old: %d places match %s; use %s\n", len(hits), row.expr, row.word)
			writePlaces(w, hits)
			failed = errOld
		}
	}
	return failed
}
