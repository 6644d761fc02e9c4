package inifile

import (
	"fmt"
	"strings"
)

// Parse reads a file. If configparser would reject the file, Parse returns a [*SyntaxError] for the
// first bad line together with a File in which the bad lines are comments. A repeated section or
// key is bad from its second appearance on. The File is nil if a line precedes the first section:
// then data is not an INI file.
func Parse(data []byte) (*File, error) {
	f, err := parse(splitLines(string(data)))
	if f == nil && isUTF16(data) {
		err = &SyntaxError{Line: 1, Reason: ErrEncoding.Error(), Err: ErrEncoding}
	}
	if err != nil {
		return f, err
	}
	return f, nil
}

// isUTF16 reports whether data begins as a text in UTF-16 does: with its byte order mark, or with
// an ASCII character in two bytes.
func isUTF16(data []byte) bool {
	if len(data) < 2 {
		return false
	}
	a, b := data[0], data[1]
	return a == 0xff && b == 0xfe || a == 0xfe && b == 0xff || (a == 0) != (b == 0)
}

// splitLines splits after LF, CR LF and CR, the line endings of Python's text files.
func splitLines(text string) []string {
	lines := make([]string, 0, strings.Count(text, "\n")+1)
	for len(text) > 0 {
		end := strings.IndexAny(text, "\r\n") + 1
		switch {
		case end == 0:
			end = len(text)
		case strings.HasPrefix(text[end-1:], "\r\n"):
			end++
		}
		lines = append(lines, text[:end])
		text = text[end:]
	}
	return lines
}

// What the parser's option can be besides the index of an entry.
const (
	noOption   = -1 // nothing that could be continued
	badOption  = -2 // a repeated key: its continuation lines are as bad as itself
	noSection  = -1
	badSection = -2 // a repeated section: bad up to the next header
)

// parser holds the state of configparser's reading loop.
type parser struct {
	*File
	section int
	option  int
	indent  int // of the last header or key; a deeper line continues the value
	blanks  int // blank lines since the value's last line: its own if more of it follows
	err     *SyntaxError
}

func parse(lines []string) (*File, *SyntaxError) {
	p := parser{
		File:    &File{lines: lines, byName: map[string]int{}, byKey: make(map[place]int, len(lines))},
		section: noSection,
		option:  noOption,
	}
	for n, line := range lines {
		if !p.line(n, line) {
			return nil, p.err
		}
	}
	return p.File, p.err
}

// line reads line n. It returns false if parsing cannot continue.
func (p *parser) line(n int, line string) bool {
	if n == 0 {
		line = strings.TrimPrefix(line, byteOrderMark)
	}
	text := trim(line)
	switch {
	case text == "":
		p.blanks++
		return true
	case isComment(text):
		return true
	}
	indent := width(indentation(line))
	if p.option != noOption && indent > p.indent {
		p.continuation(n, text)
		return true
	}
	name, isHeader := header(text)
	if p.section == badSection && !isHeader {
		p.faults = append(p.faults, n)
		return true
	}
	if p.section == noSection && !isHeader {
		p.fault(n, "this stands before the first [section]")
		return false
	}
	if isHeader {
		p.header(n, indent, name)
	} else {
		p.assignment(n, indent, text)
	}
	return true
}

// header returns the name in a header line. What follows the last bracket does not count.
func header(text string) (string, bool) {
	end := strings.LastIndexByte(text, ']')
	if text[0] != '[' || end < 2 {
		return "", false
	}
	return text[1:end], true
}

func (p *parser) continuation(n int, text string) {
	if p.option == badOption || p.section == badSection {
		p.faults = append(p.faults, n)
		return
	}
	s := &p.sections[p.section]
	e := &s.entries[p.option]
	e.raw += strings.Repeat("\n", p.blanks+1) + text
	e.last, s.last, p.blanks = n, n, 0
}

func (p *parser) header(n, indent int, name string) {
	i, known := p.byName[name]
	if known && name != DefaultSection {
		p.fault(n, fmt.Sprintf("the section [%s] appears a second time", name))
		// The state before stays: once the bad lines are comments, what follows them is read
		// with it.
		p.section = badSection
		return
	}
	if !known {
		i = len(p.sections)
		p.byName[name] = i
		p.sections = append(p.sections, section{name: name})
	}
	p.section, p.option, p.indent = i, noOption, indent
	s := &p.sections[i]
	s.header, s.anchor, s.last = n, n, n
}

func (p *parser) assignment(n, indent int, text string) {
	delimiter := strings.IndexAny(text, "=:")
	if delimiter < 1 {
		p.fault(n, "this is neither a [section] nor a `key = value`")
		return
	}
	key := strings.ToLower(trim(text[:delimiter]))
	at := place{p.section, key}
	p.indent, p.blanks = indent, 0
	if _, known := p.byKey[at]; known {
		p.fault(n, fmt.Sprintf("the key appears a second time in [%s]", p.sections[p.section].name))
		p.option = badOption
		return
	}
	s := &p.sections[p.section]
	p.option = len(s.entries)
	p.byKey[at] = p.option
	s.entries = append(s.entries, entry{key: key, raw: trim(text[delimiter+1:]), first: n, last: n})
	s.anchor, s.last = n, n
}

func (p *parser) fault(n int, reason string) {
	p.faults = append(p.faults, n)
	if p.err == nil {
		p.err = &SyntaxError{Line: n + 1, Reason: reason}
	}
}
