package output

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/taegis-go/taegis/internal/text"
)

// yamlForm prints YAML 1.2: a list as one sequence, one record as one document. Numbers keep their
// digits and members their order. A text that any reader could take for something else is in
// quotes.
type yamlForm struct {
	out   *buffer
	list  bool
	begun bool
}

func (f *yamlForm) write(record []byte) error {
	again := f.begun
	f.begun = true
	return f.out.append(func(dst []byte) []byte {
		if again && !f.list { // a filter made several records of one
			dst = append(dst, "---\n"...)
		}
		if f.list {
			return yamlNode(append(dst, "- "...), record, 2)
		}
		return yamlNode(dst, record, 0)
	})
}

func (f *yamlForm) end() error {
	if f.begun || !f.list {
		return nil
	}
	return f.out.append(func(dst []byte) []byte { return append(dst, "[]\n"...) })
}

// deepestYAML is the indentation from which values are written on one line, as JSON has them.
const deepestYAML = 128

// longestYAMLKey is how long a key before a colon may be, by the specification in characters.
const longestYAMLKey = 1024

// yamlNode appends a value and a line break. The text is at the column of the indentation.
func yamlNode(dst, value []byte, indent int) []byte {
	kind := kindOf(value)
	switch {
	case kind == '{' && !empty(value) && indent < deepestYAML:
		first := true
		for name, member := range members(value) {
			if !first {
				dst = appendSpaces(dst, indent)
			}
			first = false
			dst = yamlMember(dst, name, member, indent)
		}
		return dst
	case kind == '[' && !empty(value) && indent < deepestYAML:
		first := true
		for element := range elements(value) {
			if !first {
				dst = appendSpaces(dst, indent)
			}
			first = false
			dst = yamlNode(append(dst, "- "...), element, indent+2)
		}
		return dst
	case kind == '{', kind == '[':
		for token := range tokens(value) {
			dst = yamlScalar(dst, token, true)
			if token[0] == ':' || token[0] == ',' {
				dst = append(dst, ' ')
			}
		}
		return append(dst, '\n')
	}
	return append(yamlScalar(dst, value, false), '\n')
}

// yamlMember appends a member of a mapping.
func yamlMember(dst, name, value []byte, indent int) []byte {
	if key := yamlScalar(nil, name, false); len(key) < longestYAMLKey {
		dst = append(append(dst, key...), ':')
	} else {
		dst = append(append(append(dst, "? "...), key...), '\n')
		dst = append(appendSpaces(dst, indent), ':')
	}
	if kind := kindOf(value); (kind == '{' || kind == '[') && !empty(value) && indent+2 < deepestYAML {
		dst = appendSpaces(append(dst, '\n'), indent+2)
	} else {
		dst = append(dst, ' ')
	}
	return yamlNode(dst, value, indent+2)
}

// empty reports whether an object or array has no members.
func empty(value []byte) bool {
	i := skipSpace(value, skipSpace(value, 0)+1)
	return i >= len(value) || value[i] == '}' || value[i] == ']'
}

func appendSpaces(dst []byte, n int) []byte { return append(dst, bytes.Repeat([]byte{' '}, n)...) }

// yamlPlain matches texts that need no quotes: they begin with a letter and hold nothing with a
// meaning.
var yamlPlain = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z_/]([A-Za-z0-9_./@+()-]| [A-Za-z0-9_./@+()-])*$`)
})

// yamlWords are texts that some reader takes for another type.
const yamlWords = " y n yes no on off true false null nan inf "

// yamlScalar appends a string, in quotes if needed, or another token as it is.
func yamlScalar(dst, token []byte, quote bool) []byte {
	token = bytes.TrimSpace(token)
	if kindOf(token) != '"' {
		return append(dst, token...)
	}
	s := unquote(token)
	if !quote && len(s) < longestYAMLKey && yamlPlain().MatchString(s) && !strings.Contains(yamlWords, " "+strings.ToLower(s)+" ") {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"', r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case text.Escape(string(r)) == string(r):
			dst = utf8.AppendRune(dst, r)
		case r <= 0xff:
			dst = fmt.Appendf(dst, `\x%02x`, r)
		case r <= 0xffff:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = fmt.Appendf(dst, `\U%08x`, r)
		}
	}
	return append(dst, '"')
}
