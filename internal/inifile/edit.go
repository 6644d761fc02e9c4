package inifile

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// InvalidError is returned by [File.Set] for what an INI file cannot hold. It does not quote the
// value, which may be a secret.
type InvalidError struct {
	What   string // "section", "key" or "value"
	Reason string
}

func (e *InvalidError) Error() string { return "the " + e.What + " " + e.Reason }

// Set sets key to a value, in lower case as configparser writes it, and adds the section if it is
// missing. All other lines stay as they are. It returns an [*InvalidError] for a section, key or
// value that would not be read back unchanged.
func (f *File) Set(section, key, value string) error {
	if err := check(section, key, value); err != nil {
		return err
	}
	key = strings.ToLower(key)
	raw := escape(value)
	i, ok := f.byName[section]
	if !ok {
		f.appendSection(section, key, raw)
		return nil
	}
	s := &f.sections[i]
	e := f.entry(i, key)
	switch {
	case e == nil:
		f.terminate()
		f.splice(s.last+1, s.last+1, f.render(f.newIndent(s), key, raw))
	case e.raw != raw:
		kept := f.comments(e.first, e.last)
		f.terminate()
		f.splice(e.first, e.last+1, append(f.render(indentation(f.lines[e.first]), key, raw), kept...))
	}
	return nil
}

// Unset removes the section's own key and reports whether it was there.
func (f *File) Unset(section, key string) bool {
	i, ok := f.byName[section]
	if !ok {
		return false
	}
	e := f.entry(i, strings.ToLower(key))
	if e == nil {
		return false
	}
	f.splice(e.first, e.last+1, f.comments(e.first, e.last))
	return true
}

// Remove removes a section other than DEFAULT with its keys, but not the comments among them, and
// reports whether it was there.
func (f *File) Remove(section string) bool {
	i, ok := f.byName[section]
	if !ok || section == DefaultSection {
		return false
	}
	s := &f.sections[i]
	kept := f.comments(s.header, s.last)
	end := s.last + 1
	if end < len(f.lines) && trim(f.lines[end]) == "" {
		end++ // the blank line that Python writes after each section
	}
	if below := f.below(s); below > 0 {
		// Deeper than the value above, the next header would continue it.
		f.lines[below] = strings.TrimLeftFunc(f.lines[below], isSpace)
	}
	f.splice(s.header, end, kept)
	return true
}

// Normalize turns the lines that configparser rejects into comments and reports how many they were.
// What the File reads does not change.
func (f *File) Normalize() int {
	n := len(f.faults)
	for _, i := range f.faults {
		f.lines[i] = "# " + f.lines[i]
	}
	f.splice(0, 0, nil)
	return n
}

func (f *File) appendSection(section, key, raw string) {
	f.terminate()
	var lines []string
	if n := len(f.lines); n > 0 && trim(f.lines[n-1]) != "" {
		lines = append(lines, f.ending())
	}
	lines = append(lines, "["+section+"]"+f.ending())
	lines = append(lines, f.render("", key, raw)...)
	lines = append(lines, f.ending())
	f.splice(len(f.lines), len(f.lines), lines)
}

// splice replaces the lines from first up to end and reads the result.
func (f *File) splice(first, end int, lines []string) {
	next, _ := parse(slices.Replace(f.lines, first, end, lines...))
	*f = *next
}

// render returns the lines of an entry as configparser writes it.
func (f *File) render(indent, key, raw string) []string {
	lines := strings.Split(raw, "\n")
	lines[0] = indent + key + " = " + lines[0] + f.ending()
	for i := 1; i < len(lines); i++ {
		lines[i] = indent + "\t" + lines[i] + f.ending()
	}
	return lines
}

// comments returns the comment lines among the lines from first to last, and those that
// configparser rejects.
func (f *File) comments(first, last int) []string {
	var list []string
	for n := first; n <= last; n++ {
		if isComment(trim(f.lines[n])) || slices.Contains(f.faults, n) {
			list = append(list, f.lines[n])
		}
	}
	return list
}

func isComment(text string) bool { return text != "" && (text[0] == '#' || text[0] == ';') }

// newIndent returns the indentation of a new key at the end of s: such that it neither
// continues the value above nor is continued by the header below.
func (f *File) newIndent(s *section) string {
	indent := indentation(f.lines[s.anchor])
	if below := f.below(s); s.anchor == s.header && below > 0 {
		if other := indentation(f.lines[below]); width(other) > width(indent) {
			return other
		}
	}
	return indent
}

// below returns the first line after s that is neither blank nor a comment, 0 if there is none.
func (f *File) below(s *section) int {
	for n := s.last + 1; n < len(f.lines); n++ {
		if text := trim(f.lines[n]); text != "" && !isComment(text) && !slices.Contains(f.faults, n) {
			return n
		}
	}
	return 0
}

// terminate ends the last line, so that more can follow.
func (f *File) terminate() {
	if n := len(f.lines); n > 0 && strings.TrimRight(f.lines[n-1], "\r\n") == f.lines[n-1] {
		f.lines[n-1] += f.ending()
	}
}

// ending returns the line ending that the file uses.
func (f *File) ending() string {
	if len(f.lines) > 0 {
		first := f.lines[0]
		if ending := first[len(strings.TrimRight(first, "\r\n")):]; ending != "" {
			return ending
		}
	}
	return "\n"
}

func check(section, key, value string) error {
	for _, part := range []struct{ what, text string }{{"section", section}, {"key", key}, {"value", value}} {
		if !utf8.ValidString(part.text) {
			return &InvalidError{part.what, "is not valid UTF-8"}
		}
	}
	switch {
	case section == "":
		return &InvalidError{"section", "must not be empty"}
	case strings.ContainsAny(section, "[]\r\n"):
		return &InvalidError{"section", "must not hold brackets or line breaks"}
	case key == "" || trim(key) != key:
		return &InvalidError{"key", "must not be empty or begin or end with white space"}
	case strings.ContainsAny(key, "=:\r\n"):
		return &InvalidError{"key", "must not hold `=`, `:` or line breaks"}
	case strings.ContainsRune("[#;", rune(key[0])):
		return &InvalidError{"key", fmt.Sprintf("must not begin with %q", key[0])}
	}
	return checkValue(value)
}

func checkValue(value string) error {
	lines := strings.Split(value, "\n")
	for i, line := range lines {
		switch {
		case trim(line) != line:
			return &InvalidError{"value", "must not begin or end a line with white space"}
		case strings.Contains(line, "\r"):
			return &InvalidError{"value", "must not hold a carriage return"}
		case i > 0 && line != "" && strings.ContainsRune("#;", rune(line[0])):
			return &InvalidError{"value", "must not begin a further line with `#` or `;`"}
		case i > 0 && i == len(lines)-1 && line == "":
			return &InvalidError{"value", "must not end with a line break"}
		}
	}
	return nil
}
