// Package shellquote quotes text for a POSIX shell.
package shellquote

import (
	"fmt"
	"strings"

	"github.com/taegis-go/taegis/internal/text"
)

// Word returns s as one shell word. A terminal shows all of it on one line, unless s ends in line
// feeds: characters that it would not show are written with printf.
func Word(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.,:/@%+=", r)
	}
	switch {
	case s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }):
		return s
	case text.Escape(s) == s:
		return quoted(s)
	}
	body := strings.TrimRight(s, "\n") // a shell takes line feeds off the end of what a program prints
	word := `"$(printf '` + format(body) + `')"`
	if ends := s[len(body):]; ends != "" {
		word += quoted(ends)
	}
	return word
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// format returns the format with which printf prints s.
func format(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c == '%':
			b.WriteString("%%")
		case c < ' ' || c > '~' || strings.IndexByte("\\'\"$`!", c) >= 0:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
