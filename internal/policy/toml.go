package policy

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// entry is a key with its value: a string, a []string, a bool or an int.
type entry struct {
	key   string
	line  int
	value any
}

// syntaxError is the first fault of the text.
type syntaxError struct {
	line   int
	reason string
}

// reader reads the part of TOML that a policy is written in. What it accepts has the same meaning
// in TOML; a whole decoder would be a tenth of a small program.
type reader struct {
	text string
	line int
	err  *syntaxError
}

// parse returns the entries of a text, or its first fault.
func parse(text string) ([]entry, *syntaxError) {
	r := &reader{text: strings.TrimPrefix(text, "\ufeff"), line: 1}
	if !utf8.ValidString(text) {
		r.fail("it is not encoded in UTF-8")
	}
	var entries []entry
	seen := map[string]bool{}
	for r.skip(true); r.text != "" && r.err == nil; r.skip(true) {
		e := r.entry()
		if seen[e.key] {
			r.fail("the key " + e.key + " is there twice")
		}
		seen[e.key] = true
		entries = append(entries, e)
	}
	return entries, r.err
}

// fail notes the first fault.
func (r *reader) fail(reason string) {
	if r.err == nil {
		r.err = &syntaxError{r.line, reason}
	}
	r.text = ""
}

// skip skips spaces and, if lines is set, line ends and comments.
func (r *reader) skip(lines bool) {
	for {
		r.text = strings.TrimLeft(r.text, " \t")
		switch {
		case !lines:
			return
		case strings.HasPrefix(r.text, "#"):
			r.comment()
		case strings.HasPrefix(r.text, "\n"), strings.HasPrefix(r.text, "\r\n"):
			r.newline()
		default:
			return
		}
	}
}

func (r *reader) newline() {
	_, r.text, _ = strings.Cut(r.text, "\n")
	r.line++
}

// comment skips up to the end of the line.
func (r *reader) comment() {
	text, _, isEnded := strings.Cut(r.text, "\n")
	if isEnded {
		text = strings.TrimSuffix(text, "\r")
	}
	if strings.ContainsFunc(text, isControl) {
		r.fail("a comment has a control character")
		return
	}
	r.text = r.text[len(text):]
}

// isControl reports whether TOML forbids the character in strings and comments.
func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }

// take removes a text from the beginning, if it is there.
func (r *reader) take(text string) (ok bool) {
	r.text, ok = strings.CutPrefix(r.text, text)
	return ok
}

func isBare(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// entry reads a line "key = value".
func (r *reader) entry() entry {
	e := entry{line: r.line}
	end := len(r.text) - len(strings.TrimLeftFunc(r.text, isBare))
	e.key, r.text = r.text[:end], r.text[end:]
	r.skip(false)
	if e.key == "" || !r.take("=") {
		r.fail(`write each line as key = value; a policy has no tables`)
		return e
	}
	r.skip(false)
	e.value = r.value(e.key)
	if r.skip(false); strings.HasPrefix(r.text, "#") {
		r.comment()
	}
	if r.text != "" && !strings.HasPrefix(r.text, "\n") && !strings.HasPrefix(r.text, "\r\n") {
		r.fail(e.key + ": the line does not end after the value")
	}
	return e
}

func (r *reader) value(key string) any {
	if strings.HasPrefix(r.text, `"`) || strings.HasPrefix(r.text, "'") {
		return r.quoted(key)
	}
	if r.take("[") {
		return r.list(key)
	}
	end := len(r.text) - len(strings.TrimLeftFunc(r.text, isBare))
	word := r.text[:end]
	r.text = r.text[end:]
	switch word {
	case "true":
		return true
	case "false":
		return false
	}
	if n, err := strconv.Atoi(word); err == nil && word == strconv.Itoa(n) {
		return n
	}
	r.fail(key + ": the value is neither a string, a list of strings, true, false nor a number")
	return nil
}

// list reads the strings of a list up to its end.
func (r *reader) list(key string) []string {
	values := []string{}
	for {
		r.skip(true)
		if r.take("]") {
			return values
		}
		if !strings.HasPrefix(r.text, `"`) && !strings.HasPrefix(r.text, "'") {
			r.fail(key + ": a list has strings, with commas between them")
			return nil
		}
		values = append(values, r.quoted(key))
		r.skip(true)
		if !r.take(",") && !strings.HasPrefix(r.text, "]") {
			r.fail(key + ": a list has strings, with commas between them")
			return nil
		}
	}
}

// quoted reads a string of one line. In a basic one \\ and \" are the only escapes.
func (r *reader) quoted(key string) string {
	quote := r.text[0]
	var b strings.Builder
	for i := 1; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == quote && i == 1 && len(r.text) > 2 && r.text[2] == quote:
			r.fail(key + ": write a string on one line")
			return ""
		case c == quote:
			r.text = r.text[i+1:]
			return b.String()
		case isControl(rune(c)):
			r.fail(key + ": a string has a line end or another control character")
			return ""
		case c == '\\' && quote == '"':
			if i++; i == len(r.text) || r.text[i] != '\\' && r.text[i] != '"' {
				r.fail(key + `: write a string with a backslash in single quotes`)
				return ""
			}
			b.WriteByte(r.text[i])
		default:
			b.WriteByte(c)
		}
	}
	r.fail(key + ": a string does not end")
	return ""
}
