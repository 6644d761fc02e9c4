package output

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
)

// The functions of this file read JSON that is valid, because a decoder or an encoder returned it.
// They keep the bytes of each value, and so the digits of numbers and the order of members. For
// text that is not valid JSON the result is undefined, but it ends.

// skipSpace returns the index of the first byte at or after i that is not white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(b)
}

// skipValue returns the index after the value that begins at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			i++
			continue
		default:
			i = skipLiteral(b, i)
		}
		if depth <= 0 {
			return i
		}
	}
	return len(b)
}

// skipLiteral returns the index after the number, true, false or null that begins at i.
func skipLiteral(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case ',', ':', ' ', '\n', '\t', '\r', '{', '}', '[', ']', '"':
			return i
		}
	}
	return i
}

// kindOf returns the first byte of a value: '{', '[', '"', 'n' of null, and so on. It returns 0 for
// empty text.
func kindOf(value []byte) byte {
	if i := skipSpace(value, 0); i < len(value) {
		return value[i]
	}
	return 0
}

// members yields the members of an object, each name as a JSON string. For another value it yields
// nothing.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		i := skipSpace(object, 0)
		if i == len(object) || object[i] != '{' {
			return
		}
		for i = skipSpace(object, i+1); i < len(object) && object[i] == '"'; {
			end := skipString(object, i)
			name := object[i:end]
			start := skipSpace(object, skipSpace(object, end)+1) // after the colon
			if start > len(object) {
				return
			}
			end = skipValue(object, start)
			if !yield(name, object[start:end]) {
				return
			}
			i = skipSpace(object, skipSpace(object, end)+1) // after the comma
		}
	}
}

// elements yields the elements of an array. For another value it yields nothing.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		i := skipSpace(array, 0)
		if i == len(array) || array[i] != '[' {
			return
		}
		for i = skipSpace(array, i+1); i < len(array) && array[i] != ']'; {
			end := skipValue(array, i)
			if !yield(array[i:end]) {
				return
			}
			i = skipSpace(array, skipSpace(array, end)+1) // after the comma
		}
	}
}

// tokens yields the strings, literals and punctuation of a value, without white space.
func tokens(value []byte) iter.Seq[[]byte] {
	return func(yield func(token []byte) bool) {
		for i := skipSpace(value, 0); i < len(value); i = skipSpace(value, i) {
			start := i
			switch value[i] {
			case '"':
				i = skipString(value, i)
			case '{', '}', '[', ']', ',', ':':
				i++
			default:
				i = skipLiteral(value, i)
			}
			if !yield(value[start:i]) {
				return
			}
		}
	}
}

// appendCompact appends a value without white space between its tokens.
func appendCompact(dst, value []byte) []byte {
	start := 0 // of what is not copied yet
	for i := 0; i < len(value); {
		switch c := value[i]; {
		case c == '"':
			i = skipString(value, i)
		case c > ' ':
			i++
		default:
			dst = append(dst, value[start:i]...)
			i = max(skipSpace(value, i), i+1)
			start = i
		}
	}
	return append(dst, value[min(start, len(value)):]...)
}

// unquote returns the text of a JSON string.
func unquote(quoted []byte) string {
	if len(quoted) < 2 {
		return string(quoted)
	}
	if text := quoted[1 : len(quoted)-1]; bytes.IndexByte(text, '\\') < 0 {
		return strings.ToValidUTF8(string(text), "\ufffd")
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return string(quoted)
	}
	return s
}

// appendQuoted appends s as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string has a JSON form
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
