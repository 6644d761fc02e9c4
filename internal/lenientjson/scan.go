package lenientjson

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// string passes the current string and returns its value: a part of the text if it has no escapes,
// otherwise a buffer that the next call overwrites.
func (c *cursor) string() []byte {
	begin := c.at
	escapes, wide := c.quoted()
	if c.broken {
		return nil
	}
	plain := c.text[begin+1 : c.at-1]
	switch {
	case wide && !utf8.Valid(plain):
		var s string
		_ = json.Unmarshal(c.text[begin:c.at], &s) // it is valid but for that, which encoding/json corrects
		return []byte(s)
	case escapes:
		c.spare = unescape(c.spare[:0], plain)
		return c.spare
	}
	return plain
}

// quoted passes the current string and reports whether it contains escapes and non-ASCII bytes.
func (c *cursor) quoted() (escapes, wide bool) {
	c.at++
	for {
		c.at += plainASCII(c.text[c.at:])
		if c.at == len(c.text) {
			break
		}
		switch b := c.text[c.at]; {
		case b == '"':
			c.at++
			return escapes, wide
		case b == '\\':
			escapes = true
			if !c.escape() {
				c.fail()
				return
			}
		case b < ' ':
			c.fail()
			return
		default:
			wide = true
			for c.at < len(c.text) && c.text[c.at] >= utf8.RuneSelf {
				c.at++
			}
		}
	}
	c.fail()
	return
}

// plainASCII returns the number of leading bytes of text that are unescaped ASCII. It checks eight
// bytes at a time: special has the highest bit of each other byte set. A carry can set more bits
// above that one only, and the lowest bit counts.
func plainASCII(text []byte) int {
	const each = 0x0101010101010101
	n := 0
	for ; len(text)-n >= 8; n += 8 {
		word := binary.LittleEndian.Uint64(text[n:])
		quote, backslash, control := word^each*'"'-each, word^each*'\\'-each, word-each*' '
		if special := (word | quote | backslash | control) & (each << 7); special != 0 {
			return n + bits.TrailingZeros64(special)/8
		}
	}
	for n < len(text) && ' ' <= text[n] && text[n] < utf8.RuneSelf && text[n] != '"' && text[n] != '\\' {
		n++
	}
	return n
}

// escape passes an escape of RFC 8259, section 7, and reports whether it is one.
func (c *cursor) escape() bool {
	rest := c.text[c.at:]
	switch {
	case len(rest) < 2:
		return false
	case escaped[rest[1]] != 0:
		c.at += 2
		return true
	case rest[1] != 'u' || len(rest) < 6:
		return false
	}
	for _, b := range rest[2:6] {
		if lower := b | ' '; (b < '0' || b > '9') && (lower < 'a' || lower > 'f') {
			return false
		}
	}
	c.at += 6
	return true
}

// escaped holds what the letter of an escape stands for.
var escaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape appends text to plain without its escapes, which are valid.
func unescape(plain, text []byte) []byte {
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

// hex reads the number of four digits that text begins with.
func hex(text []byte) rune {
	n, _ := strconv.ParseUint(string(text[:4]), 16, 16) // it is valid
	return rune(n)
}

// number passes the number at hand, as RFC 8259, section 6, has it, and returns it.
func (c *cursor) number() []byte {
	begin := c.at
	if c.has('-') {
		c.at++
	}
	if c.has('0') {
		c.at++
	} else {
		c.digits()
	}
	if c.has('.') {
		c.at++
		c.digits()
	}
	if c.has('e') || c.has('E') {
		if c.at++; c.has('+') || c.has('-') {
			c.at++
		}
		c.digits()
	}
	return c.text[begin:c.at]
}

func (c *cursor) has(b byte) bool { return c.at < len(c.text) && c.text[c.at] == b }

// digits passes one digit or more.
func (c *cursor) digits() {
	begin := c.at
	for c.at < len(c.text) && '0' <= c.text[c.at] && c.text[c.at] <= '9' {
		c.at++
	}
	if c.at == begin {
		c.fail()
	}
}
