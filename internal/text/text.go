// Package text makes untrusted text, from a server, a plugin or a file, safe for a terminal: it
// cannot move the cursor, hide or reorder what is shown, or look like a line of this program.
package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MessageBytes is how much of an untrusted message is shown, in bytes.
const MessageBytes = 2 << 10

// safe reports whether a terminal shows r as it is. Not safe are control characters (C0, C1), line
// and paragraph separators, the controls of bidirectional text, what has no width (joiners, tags,
// variation selectors, fillers), and what Unicode has not assigned.
func safe(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r != 0x7f
	}
	return (unicode.IsPrint(r) || unicode.Is(unicode.Zs, r)) &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// clean reports whether all of s is safe.
func clean(s string) bool {
	for _, r := range s {
		if !safe(r) || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// Escape returns s with all that is not safe, line breaks too, written as in a Go string: \n, \x1b,
// \u202e. Bytes that are no UTF-8 become \x9b and the like. A backslash stays as it is.
func Escape(s string) string { return escape(s, "") }

// Lines is [Escape] for a text of several lines: it keeps line feeds and tabs.
func Lines(s string) string { return escape(s, "\n\t") }

func escape(s, kept string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case safe(r), strings.ContainsRune(kept, r):
			b.WriteRune(r)
		default:
			b.WriteString(escaped(r))
		}
		i += size
	}
	return b.String()
}

func escaped(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 1<<16:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// OneLine returns s on one line: line breaks and tabs, with the spaces around them, become one
// space, none at the ends, and the rest is escaped as by [Escape].
func OneLine(s string) string {
	if !strings.ContainsFunc(s, breaks) {
		return Escape(s)
	}
	var lines []string
	for line := range strings.FieldsFuncSeq(s, breaks) {
		if line = strings.Trim(line, " "); line != "" {
			lines = append(lines, line)
		}
	}
	return Escape(strings.Join(lines, " "))
}

// breaks reports whether r is white space that is more than a space.
func breaks(r rune) bool { return unicode.IsSpace(r) && !unicode.Is(unicode.Zs, r) }

// Truncate returns at most the first limit bytes of s, cut between characters, and an ellipsis
// if something is left out.
func Truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// Short returns at most the first limit characters of s on one line, as by [OneLine], and an
// ellipsis if something is left out.
func Short(s string, limit int) string {
	s = OneLine(Truncate(s, 8*limit))
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}

// Message returns an untrusted message on one line, with at most [MessageBytes] of it.
func Message(s string) string {
	return Truncate(OneLine(Truncate(s, 4*MessageBytes)), MessageBytes)
}

// blockBytes leaves room for the text around an untrusted message.
const blockBytes = MessageBytes + 512

// Block returns an error of several lines, with little more than [MessageBytes] of it. Each line
// after the first is indented, so that none looks like a message of its own.
func Block(s string) string {
	var lines []string
	for line := range strings.Lines(Truncate(s, 4*MessageBytes)) {
		indent := ""
		if rest := strings.TrimLeft(line, " \t"); len(lines) > 0 {
			indent = strings.Repeat(" ", max(2, min(len(line)-len(rest), 8)))
		}
		if line = strings.Trim(OneLine(line), " "); line != "" {
			lines = append(lines, indent+line)
		}
	}
	return Truncate(strings.Join(lines, "\n"), blockBytes)
}

// Fold returns a name for comparisons that ignore case and underscores.
func Fold(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
