// Package inifile reads and edits INI files as Python's configparser does with its default
// settings, and keeps every byte that an edit does not concern: comments, order, spacing,
// line endings, keys and sections of others.
package inifile

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultSection is the section with keys that configparser supplies to all others.
const DefaultSection = "DEFAULT"

// File is the content of an INI file. Get one from [Parse]; Parse(nil) is an empty file. It is
// not safe for concurrent change.
type File struct {
	lines    []string // with their endings
	faults   []int    // lines that configparser rejects, ascending
	sections []section
	byName   map[string]int
	byKey    map[place]int
}

// section is a [section]; that of the name DEFAULT may stand in several places.
type section struct {
	name    string
	entries []entry
	header  int // the line of its last header
	anchor  int // the line whose indentation a new key takes: the last key's, else the header
	last    int // the line after which a new key goes
}

// entry is a key with its value.
type entry struct {
	key         string // in lower case
	raw         string // the value before interpolation
	first, last int    // its lines, with comments among them
}

// place is the position of an entry: the index of its section, and its key.
type place struct {
	section int
	key     string
}

// SyntaxError names the first line that configparser rejects. It quotes nothing of the line,
// which may hold a secret.
type SyntaxError struct {
	Line   int // from 1
	Reason string
	Err    error // the cause, nil if there is none
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

// ErrEncoding is the cause of a [*SyntaxError] for a text in UTF-16, as some editors and shells of
// Windows write it.
var ErrEncoding = errors.New("it is encoded in UTF-16 in place of UTF-8")

// Sections returns the names of the sections in the order of the file, DEFAULT included.
func (f *File) Sections() []string {
	names := make([]string, len(f.sections))
	for i, s := range f.sections {
		names[i] = s.name
	}
	return names
}

// Has reports whether there is such a section.
func (f *File) Has(section string) bool {
	_, ok := f.byName[section]
	return ok
}

// Keys returns the section's own keys, in lower case and in the order of the file.
func (f *File) Keys(section string) []string {
	i, ok := f.byName[section]
	if !ok {
		return nil
	}
	keys := make([]string, len(f.sections[i].entries))
	for j, e := range f.sections[i].entries {
		keys[j] = e.key
	}
	return keys
}

// Get returns the value of key, from the section or else from DEFAULT, with references to other
// keys resolved. Keys match without regard to case, sections exactly. Nothing is found in a
// section that does not exist.
func (f *File) Get(section, key string) (string, bool) {
	raw, ok := f.raw(section, strings.ToLower(key))
	if !ok || !strings.Contains(raw, "%") {
		return raw, ok
	}
	return f.expand(section, raw), true
}

func (f *File) raw(section, key string) (string, bool) {
	i, ok := f.byName[section]
	if !ok {
		return "", false
	}
	if e := f.entry(i, key); e != nil {
		return e.raw, true
	}
	if i, ok = f.byName[DefaultSection]; !ok {
		return "", false
	}
	if e := f.entry(i, key); e != nil {
		return e.raw, true
	}
	return "", false
}

func (f *File) entry(section int, key string) *entry {
	i, ok := f.byKey[place{section, key}]
	if !ok {
		return nil
	}
	return &f.sections[section].entries[i]
}

// Bytes returns the file as it is to be written.
func (f *File) Bytes() []byte { return []byte(strings.Join(f.lines, "")) }

// isSpace is Python's str.isspace for one character: Unicode's white space and the four
// separators U+001C to U+001F.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

func trim(s string) string { return strings.TrimFunc(s, isSpace) }

// indentation returns the white space that a line starts with.
func indentation(line string) string {
	line = strings.TrimPrefix(line, byteOrderMark)
	return line[:len(line)-len(strings.TrimLeftFunc(line, isSpace))]
}

// byteOrderMark is what Windows editors put before a text.
const byteOrderMark = "\ufeff"

// width counts characters, as configparser compares indentations.
func width(indent string) int { return utf8.RuneCountInString(indent) }
