// Package rawjson reads parts of valid JSON values without decoding or copying them. It does not check
// the value: of text that is not JSON it returns less.
package rawjson

import (
	"bytes"
	"encoding/json"
)

// Elements returns the elements of a JSON array, without copying them. For any other value it
// returns nil.
func Elements(array json.RawMessage) []json.RawMessage {
	s := scanner{text: array}
	if !s.open('[') {
		return nil
	}
	var list []json.RawMessage
	for !s.close(']') {
		element := s.value()
		if element == nil {
			return list
		}
		list = append(list, element)
	}
	return list
}

// Member returns a member of a JSON object as text, "" if the member is absent or neither a string nor
// a number.
func Member(object json.RawMessage, name string) string { return Text(member(object, name)) }

// Text returns a string without its quotes, or a number as it is written; "" for any other value.
func Text(value json.RawMessage) string {
	switch {
	case len(value) == 0:
		return ""
	case value[0] == '"':
		if plain := value[1 : len(value)-1]; bytes.IndexByte(plain, '\\') < 0 {
			return string(plain)
		}
		var text string
		if json.Unmarshal(value, &text) != nil {
			return ""
		}
		return text
	case value[0] == '-' || '0' <= value[0] && value[0] <= '9':
		return string(value)
	}
	return ""
}

// member returns a member of a JSON object, nil if it is absent or null.
func member(object json.RawMessage, name string) json.RawMessage {
	s := scanner{text: object}
	if !s.open('{') {
		return nil
	}
	for !s.close('}') {
		key := s.value()
		if key == nil || !s.open(':') {
			return nil
		}
		value := s.value()
		if isName(key, name) {
			if IsNull(value) {
				return nil
			}
			return value
		}
	}
	return nil
}

// isName reports whether a JSON string is a name. Names need no escapes, but may be written with.
func isName(quoted json.RawMessage, name string) bool {
	if len(quoted) == len(name)+2 && string(quoted[1:len(quoted)-1]) == name {
		return true
	}
	var text string
	return bytes.IndexByte(quoted, '\\') >= 0 && json.Unmarshal(quoted, &text) == nil && text == name
}

// IsNull reports whether a value is absent or null.
func IsNull(value json.RawMessage) bool { return len(value) == 0 || string(value) == "null" }

// At returns the value at a path of names below a JSON value, nil if it is absent or null.
func At(value json.RawMessage, path ...string) json.RawMessage {
	for _, name := range path {
		if value = member(value, name); value == nil {
			return nil
		}
	}
	return value
}

// scanner walks over valid JSON. On text that is not valid it stops early.
type scanner struct {
	text json.RawMessage
	pos  int
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\n', '\r', ',':
			s.pos++
		default:
			return
		}
	}
}

// open moves behind a character, if it is next.
func (s *scanner) open(c byte) bool {
	s.skipSpace()
	if s.pos < len(s.text) && s.text[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// close reports whether an array or object ends here, or the text does.
func (s *scanner) close(c byte) bool { return s.open(c) || s.pos >= len(s.text) }

// value moves behind the next value and returns it, nil if there is none.
func (s *scanner) value() json.RawMessage {
	s.skipSpace()
	start := s.pos
	for depth := 0; s.pos < len(s.text); {
		switch s.text[s.pos] {
		case '"':
			s.skipString()
		case '[', '{':
			depth++
			s.pos++
		case ']', '}':
			depth--
			s.pos++
		default:
			s.skipPlain(depth == 0)
		}
		if depth <= 0 {
			break
		}
	}
	if s.pos == start {
		return nil
	}
	return s.text[start:s.pos]
}

// skipString moves behind a string: to the next quote with an even number of backslashes before it.
func (s *scanner) skipString() {
	for s.pos++; ; {
		i := bytes.IndexByte(s.text[s.pos:], '"')
		if i < 0 {
			s.pos = len(s.text)
			return
		}
		quote := s.pos + i
		escapes := quote
		for escapes > s.pos && s.text[escapes-1] == '\\' {
			escapes--
		}
		if s.pos = quote + 1; (quote-escapes)%2 == 0 {
			return
		}
	}
}

// skipPlain moves behind a number or a word, and inside of arrays and objects behind everything up
// to the next string or bracket.
func (s *scanner) skipPlain(scalar bool) {
	for ; s.pos < len(s.text); s.pos++ {
		switch s.text[s.pos] {
		case '"', '[', '{', ']', '}':
			return
		case ',', ':', ' ', '\t', '\n', '\r':
			if scalar {
				return
			}
		}
	}
}
