package transport

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// appendLiteral appends value, which is valid JSON, to text as a GraphQL literal. Both notations
// have the same numbers, strings with escapes, lists, true, false and null. Only the names of an
// object's members differ: GraphQL has no quotes there. Everything else is copied, including
// numbers of any length.
//
// Sources: RFC 8259 and the GraphQL specification (October 2021), section 2.9.
func appendLiteral(text []byte, value json.RawMessage) ([]byte, error) {
	for len(value) > 0 {
		quote := bytes.IndexByte(value, '"')
		if quote < 0 {
			return append(text, value...), nil
		}
		text = append(text, value[:quote]...)
		value = value[quote:]

		size := stringSize(value)
		quoted, rest := value[:size], value[size:]
		if after := bytes.TrimLeft(rest, " \t\r\n"); len(after) > 0 && after[0] == ':' {
			var name string
			if err := json.Unmarshal(quoted, &name); err != nil {
				return nil, err
			}
			if !isName(name) {
				return nil, fmt.Errorf("%q cannot be the name of a field", name)
			}
			text = append(text, name...)
		} else if bytes.Contains(quoted, []byte(`\u`)) {
			plain, err := unescaped(quoted)
			if err != nil {
				return nil, err
			}
			text = append(text, plain...)
		} else {
			text = append(text, quoted...)
		}
		value = rest
	}
	return text, nil
}

// unescaped rewrites a JSON string with as few escapes as possible: JSON escapes a character beyond
// U+FFFF as two, which GraphQL servers before 2021 decode as two characters.
func unescaped(quoted json.RawMessage) ([]byte, error) {
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return nil, err
	}
	return encode(text)
}

// stringSize returns the length of the JSON string at the beginning of text, including its quotes.
func stringSize(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// isName reports whether s is a GraphQL Name.
func isName(s string) bool {
	for i, c := range []byte(s) {
		if !isNameStart(c) && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func isNameStart(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
