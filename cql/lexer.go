package cql

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is the kind of a token.
type tokenKind int

const (
	endToken     tokenKind = iota
	wordToken              // a keyword, a type or a field, dots included
	logicalToken           // @name
	stringToken            // '…' or e'…'
	amountToken            // a number, or a number with a unit: 5, -0.6, -1d@d, 6h
	symbolToken            // an operator, ( ) , | *, or an operator word with its !
	badToken               // a character that begins no token
)

// token is a lexeme of a query.
type token struct {
	kind  tokenKind
	text  string // as it was written
	value string // the text of a string
	pos   Position
	err   *SyntaxError // what is wrong with a badToken
	open  bool         // a string that does not end
}

// is reports whether the token is a word or symbol, in any case.
func (t token) is(text string) bool {
	return (t.kind == wordToken || t.kind == symbolToken) && strings.EqualFold(t.text, text)
}

// lexer cuts text into tokens.
type lexer struct {
	text string
	pos  Position
}

func newLexer(text string) *lexer {
	return &lexer{text: text, pos: Position{Line: 1, Column: 1}}
}

// next returns the next token. Behind the last one it returns an endToken.
func (l *lexer) next() token {
	rest := l.text[l.pos.Offset:]
	l.advance(len(rest) - len(strings.TrimLeft(rest, " \t\r\n")))
	rest = l.text[l.pos.Offset:]
	t := token{pos: l.pos}
	var length int
	switch {
	case rest == "":
		return t
	case strings.HasPrefix(rest, "'"), len(rest) > 1 && (rest[0]|0x20) == 'e' && rest[1] == '\'':
		return l.quoted(t)
	case isLetter(rest[0]):
		t.kind, length = wordToken, pathLength(rest)
	case rest[0] == '@' && len(rest) > 1 && isLetter(rest[1]):
		t.kind, length = logicalToken, 1+nameLength(rest[1:])
	case isAmount(rest):
		t.kind, length = amountToken, amountLength(rest)
	default:
		t.kind, length = symbol(rest)
	}
	t.text = rest[:length]
	if t.kind == badToken {
		t.err = badCharacter(l.pos, rest, length)
	}
	l.advance(length)
	return t
}

// advance moves the position behind the next n bytes.
func (l *lexer) advance(n int) {
	for _, r := range l.text[l.pos.Offset : l.pos.Offset+n] {
		if r == '\n' {
			l.pos.Line++
			l.pos.Column = 0
		}
		l.pos.Column++
	}
	l.pos.Offset += n
}

// operatorWords are the words that a "!" can precede.
var operatorWords = []Operator{OpIn, OpContains, OpMatches, OpMatchesRegex}

// symbol returns the kind and the length of the symbol at the start of rest.
func symbol(rest string) (tokenKind, int) {
	for _, s := range []string{"!=", "<=", ">=", "=", "<", ">", "(", ")", ",", "|", "*"} {
		if strings.HasPrefix(rest, s) {
			return symbolToken, len(s)
		}
	}
	if rest[0] == '!' {
		word := rest[1 : 1+nameLength(rest[1:])]
		for _, o := range operatorWords {
			if strings.EqualFold(word, string(o)) {
				return symbolToken, 1 + len(word)
			}
		}
	}
	_, size := utf8.DecodeRuneInString(rest)
	return badToken, size
}

// quoted returns the string that begins here.
func (l *lexer) quoted(t token) token {
	rest := l.text[l.pos.Offset:]
	escaped := rest[0] != '\''
	body := strings.IndexByte(rest, '\'') + 1
	end, problem, value := plainEnd(rest, body)
	if escaped {
		end, problem, value = escapedEnd(rest, body)
	}
	t.text, t.value, t.kind = rest[:end], value, stringToken
	start := l.pos
	if problem >= 0 {
		t.kind = badToken
		if problem == 0 { // the string does not end
			t.err, t.open = unterminated(start, escaped), true
		} else {
			l.advance(problem)
			t.err = badEscape(l.pos, rest[problem:end], t.text)
			end -= problem
		}
	}
	l.advance(end)
	return t
}

// plainEnd returns the end of a plain string with its text. The problem is 0 if the string does not
// end, else -1.
func plainEnd(rest string, body int) (end, problem int, value string) {
	length := strings.IndexByte(rest[body:], '\'')
	if length < 0 {
		return len(rest), 0, ""
	}
	return body + length + 1, -1, rest[body : body+length]
}

// escapes are the characters that a backslash and a letter stand for in e'…'.
var escapes = map[byte]byte{
	'\'': '\'', '\\': '\\', 'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f',
}

// escapedEnd is plainEnd for an escaped string. The problem is the place of the first escape that
// there is not.
func escapedEnd(rest string, body int) (end, problem int, value string) {
	var b strings.Builder
	problem = -1
	for i := body; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\'':
			return i + 1, problem, b.String()
		case c != '\\':
			b.WriteByte(c)
		case i+1 < len(rest):
			char, known := escapes[rest[i+1]]
			if !known && problem < 0 {
				problem = i
			}
			b.WriteByte(char)
			i++
		}
	}
	return len(rest), 0, ""
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// nameLength returns the length of the letters, digits and underscores that s begins with.
func nameLength(s string) int {
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) && s[i] != '_' {
			return i
		}
	}
	return len(s)
}

// pathLength returns the length of the path that s begins with: names joined by dots.
func pathLength(s string) int {
	length := nameLength(s)
	for length+1 < len(s) && s[length] == '.' && isLetter(s[length+1]) {
		length += 1 + nameLength(s[length+1:])
	}
	return length
}

// isAmount reports whether s begins with a digit, or with a minus and a digit.
func isAmount(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && isDigit(s[0])
}

// amountLength returns the length of the number that s begins with, with all letters, digits, dots
// and at signs that follow without a space, so that an error shows the whole of it.
func amountLength(s string) int {
	for i := 1; i < len(s); i++ {
		if nameLength(s[i:i+1]) == 0 && s[i] != '.' && s[i] != '@' {
			return i
		}
	}
	return len(s)
}

// isName reports whether s is a name: a letter, and then letters, digits and underscores.
func isName(s string) bool { return s != "" && isLetter(s[0]) && nameLength(s) == len(s) }

// isColumn reports whether s can name a type or a column: a name that is not a keyword.
func isColumn(s string) bool { return isName(s) && isPath(s) }

// isPath reports whether s is a path that can stand in a query: names joined by dots, and the first
// one is not a keyword.
func isPath(s string) bool {
	return s != "" && isLetter(s[0]) && pathLength(s) == len(s) && !keywords[strings.ToUpper(s)]
}

// keywords cannot be the name of a type or a field. Names of functions can.
var keywords = map[string]bool{
	"FROM": true, "WHERE": true, "AND": true, "OR": true, "NOT": true, "IN": true, "CONTAINS": true,
	"MATCHES": true, "MATCHES_REGEX": true, "IS": true, "NULL": true, "TRUE": true, "FALSE": true,
	"EARLIEST": true, "LATEST": true, "BY": true, "AS": true, "ASC": true, "DESC": true,
}
