package text

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON returns a JSON document that a terminal can show: what is not safe is written as JSON
// escapes it, \u001b, so that the document has the same meaning. Between its values, in places
// without escapes, a carriage return becomes a space.
func JSON(document []byte) []byte {
	if clean(string(document)) {
		return document
	}
	b := make([]byte, 0, len(document)+64)
	quoted, escaping := false, false
	for len(document) > 0 {
		r, size := utf8.DecodeRune(document)
		c := document[0]
		switch {
		case !quoted && (c == '\n' || c == '\t'):
			b = append(b, c)
		case !quoted && c == '\r':
			b = append(b, ' ')
		case r == utf8.RuneError && size == 1:
			b = append(b, `\ufffd`...)
		case safe(r):
			b = append(b, document[:size]...)
		case r < 1<<16:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		}
		switch {
		case escaping:
			escaping = false
		case quoted && c == '\\':
			escaping = true
		case c == '"':
			quoted = !quoted
		}
		document = document[size:]
	}
	return bytes.Clone(b)
}
