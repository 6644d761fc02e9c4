package partial

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// cursor is a place in a text that is known to be valid JSON, which makes walking it simple.
type cursor struct {
	text []byte
	at   int
}

// peek passes white space and returns the byte that the next token begins with.
func (c *cursor) peek() byte {
	for c.text[c.at] <= ' ' {
		c.at++
	}
	return c.text[c.at]
}

// open enters the list or object at hand and reports whether there is anything in it.
func (c *cursor) open() bool {
	c.peek()
	c.at++
	if b := c.peek(); b != ']' && b != '}' {
		return true
	}
	c.at++
	return false
}

// next passes what follows an item and reports whether another one does.
func (c *cursor) next() bool {
	more := c.peek() == ','
	c.at++
	return more
}

// key passes the name of a member and the colon behind it. The name is valid until the next call.
func (c *cursor) key() []byte {
	c.peek()
	name := c.string()
	c.peek()
	c.at++
	return name
}

// string passes the string at hand and returns its value: a part of the text where it is written
// plainly.
func (c *cursor) string() []byte {
	quoted := c.quoted()
	plain := quoted[1 : len(quoted)-1]
	switch {
	case !utf8.Valid(plain):
		var s string
		_ = json.Unmarshal(quoted, &s) // it is valid but for that, which encoding/json mends
		return []byte(s)
	case bytes.IndexByte(plain, '\\') >= 0:
		return unescape(plain)
	}
	return plain
}

// unescape replaces the escapes of RFC 8259, section 7.
func unescape(text []byte) []byte {
	plain := make([]byte, 0, len(text))
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(plain, text...)
		}
		plain = append(plain, text[:i]...)
		escape := text[i+1]
		text = text[i+2:]
		if escape != 'u' {
			plain = append(plain, escaped[escape])
			continue
		}
		r := hex(text)
		text = text[4:]
		if utf16.IsSurrogate(r) && bytes.HasPrefix(text, []byte(`\u`)) {
			if pair := utf16.DecodeRune(r, hex(text[2:])); pair != utf8.RuneError {
				r, text = pair, text[6:]
			}
		}
		plain = utf8.AppendRune(plain, r) // half a pair becomes U+FFFD
	}
}

// escaped holds what the letter of an escape stands for.
var escaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// hex reads the number of four digits that text begins with.
func hex(text []byte) rune {
	n, _ := strconv.ParseUint(string(text[:4]), 16, 16) // it is valid
	return rune(n)
}

// quoted passes the string at hand and returns it as it is written.
func (c *cursor) quoted() []byte {
	begin := c.at
	c.at++
	for {
		c.at += bytes.IndexByte(c.text[c.at:], '"') + 1
		escapes := 0
		for c.text[c.at-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return c.text[begin:c.at]
		}
	}
}

// literal passes the number, true, false or null at hand and returns it.
func (c *cursor) literal() []byte {
	begin := c.at
	for c.at < len(c.text) && !ends[c.text[c.at]] {
		c.at++
	}
	return c.text[begin:c.at]
}

// ends are the bytes that may follow a literal.
var ends = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, ',': true, ']': true, '}': true}

// value passes the value at hand, whatever it is, and returns it.
func (c *cursor) value() []byte {
	switch c.peek() {
	case '"':
		return c.quoted()
	case '{', '[':
	default:
		return c.literal()
	}
	begin, depth := c.at, 0
	for {
		switch c.text[c.at] {
		case '"':
			c.quoted()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if c.at++; depth == 0 {
			return c.text[begin:c.at]
		}
	}
}

// null passes null and reports whether it was there.
func (c *cursor) null() bool {
	if c.peek() != 'n' {
		return false
	}
	c.at += len("null")
	return true
}
