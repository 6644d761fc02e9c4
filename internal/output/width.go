package output

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// ellipsis stands for the rest of a text. It is one column wide.
const ellipsis = "…"

// runeWidth returns how many columns of a terminal a character takes.
func runeWidth(r rune) int {
	switch {
	case r < 0x300: // no mark and no wide character
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me), r >= 0x1160 && r <= 0x11ff: // the latter end a syllable
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// textWidth returns how many columns of a terminal a text takes.
func textWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// fit returns s if it takes at most n columns, or its beginning with an ellipsis.
func fit(s string, n int) string {
	used, cut := 0, 0
	for i, r := range s {
		w := runeWidth(r)
		if used+w > n {
			if n < 1 {
				return ""
			}
			return s[:cut] + ellipsis
		}
		used += w
		if used <= n-1 {
			cut = i + len(string(r))
		}
	}
	return s
}

// pad appends spaces to s until it takes n columns.
func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-textWidth(s))) }

// wrap returns s as lines of at most n columns, broken at spaces if possible.
func wrap(s string, n int) []string {
	var lines []string
	for textWidth(s) > n {
		used, end, space := 0, 0, -1
		for i, r := range s {
			if used += runeWidth(r); used > n && i > 0 {
				break
			}
			if r == ' ' {
				space = i
			}
			end = i + len(string(r))
		}
		rest := s[end:]
		if space > 0 && !strings.HasPrefix(rest, " ") {
			end, rest = space, s[space+1:]
		}
		lines = append(lines, s[:end])
		s = strings.TrimPrefix(rest, " ")
	}
	return append(lines, s)
}
