// Package setting cleans the values of environment variables, flags, options and configuration
// files. It alone decides which characters around a value do not belong to it.
package setting

import (
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns a value without what copying, shells and files leave around it: white space, line
// ends, no-break and zero-width characters, byte order marks, and pairs of quotes. It reports
// whether there were quotes, since the user should remove them at their source.
func Clean(value string) (cleaned string, quoted bool) {
	for {
		value = strings.TrimFunc(value, isAround)
		inside, ok := unquote(value)
		if !ok {
			return value, quoted
		}
		value, quoted = inside, true
	}
}

// Text is [Clean] without the report.
func Text(value string) string {
	cleaned, _ := Clean(value)
	return cleaned
}

// Token cleans an access token. It also removes what precedes a token in a header: "Bearer " and
// "Authorization: ", in any case.
func Token(value string) (token string, quoted bool) {
	token, quoted = Clean(value)
	for {
		rest, ok := withoutScheme(token)
		if !ok {
			return token, quoted
		}
		var more bool
		token, more = Clean(rest)
		quoted = quoted || more
	}
}

// Bool reports whether a value means true. Empty, 0, f, false, n, no and off, in any case,
// do not; everything else does.
func Bool(value string) bool {
	switch strings.ToLower(Text(value)) {
	case "", "0", "f", "false", "n", "no", "off":
		return false
	}
	return true
}

// isAround reports whether a character can only be around a value.
func isAround(r rune) bool {
	switch r {
	case utf8.RuneError: // a byte of another encoding, for example in the name of a file
		return false
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0': // blank, but printable by their class
		return true
	}
	return r == ' ' || !unicode.IsPrint(r) || unicode.Is(unicode.Variation_Selector, r)
}

// quotes are the pairs of quotes that shells, files and word processors put around a value.
var quotes = [][2]string{{`"`, `"`}, {`'`, `'`}, {"`", "`"}, {"“", "”"}, {"‘", "’"}, {"„", "“"}, {"«", "»"}}

// unquote returns what is inside a pair of quotes. A value with such a quote inside is left alone:
// it is a list, or the quotes belong to it.
func unquote(value string) (inside string, ok bool) {
	for _, pair := range quotes {
		inside, begins := strings.CutPrefix(value, pair[0])
		inside, ends := strings.CutSuffix(inside, pair[1])
		if begins && ends && !strings.Contains(inside, pair[0]) && !strings.Contains(inside, pair[1]) {
			return inside, true
		}
	}
	return "", false
}

// withoutScheme removes the words before a token in a header.
func withoutScheme(token string) (rest string, ok bool) {
	const header, scheme = "authorization:", "bearer"
	if rest, ok := cutFold(token, header); ok {
		return rest, true
	}
	rest, ok = cutFold(token, scheme)
	if next, _ := utf8.DecodeRuneInString(rest); ok && (rest == "" || isAround(next)) {
		return rest, true
	}
	return token, false
}

// cutFold is [strings.CutPrefix] for ASCII without regard to case.
func cutFold(text, prefix string) (rest string, ok bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}

// Sendable reports whether a header can carry a value as one word: whether it is visible ASCII.
func Sendable(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' })
}

// TenantFault returns why no header can carry a tenant's id, "" if one can. A comma would end it in
// the header of a WebSocket's handshake.
func TenantFault(id string) string {
	if Sendable(strings.ReplaceAll(id, " ", "")) && !strings.Contains(id, ",") {
		return ""
	}
	return "no header can carry this id: it may hold printable ASCII characters except commas"
}

// WarnOfQuotes logs that a setting was in quotes, which users rarely notice.
func WarnOfQuotes(logger *slog.Logger, name string) {
	logger.Warn("a setting is in quotes, which are ignored; remove them where it is set", "setting", name)
}
