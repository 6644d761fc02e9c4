package cql

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/taegis-go/taegis/internal/text"
)

// shown returns a token for an error.
func shown(t token) string {
	if t.kind == endToken {
		return "the end"
	}
	return "\"" + text.Short(t.text, 30) + "\""
}

// misplaced are the hints for characters that begin no token, by the character.
var misplaced = map[rune]string{
	'"':  "strings stand in single quotes, for example 'OPEN'",
	'`':  "strings stand in single quotes, for example 'OPEN'",
	'‘':  "strings stand in straight quotes, for example 'OPEN'",
	'’':  "strings stand in straight quotes, for example 'OPEN'",
	'“':  "strings stand in single, straight quotes, for example 'OPEN'",
	'”':  "strings stand in single, straight quotes, for example 'OPEN'",
	'!':  "! stands directly before its word: !=, !IN, !CONTAINS, !MATCHES, !MATCHES_REGEX",
	'&':  "write AND",
	'~':  "write MATCHES_REGEX '…'",
	'%':  "write CONTAINS '…', or MATCHES '…' with * for any characters",
	'-':  "a minus stands directly before a number; there are no comments and no subtraction",
	'+':  "numbers have no plus, and there is no addition",
	'.':  "write numbers with a digit before the point, for example 0.6, and addresses in quotes",
	'/':  "write MATCHES_REGEX '…'; there are no comments",
	';':  "leave it out: a query is one statement",
	'#':  "leave it out: there are no comments",
	'[':  "a list stands in parentheses, for example ('a','b')",
	']':  "a list stands in parentheses, for example ('a','b')",
	'{':  "a list stands in parentheses, for example ('a','b')",
	'}':  "a list stands in parentheses, for example ('a','b')",
	'@':  "a logical type is one word, for example @ip",
	':':  "write = and quote the value; a time is quoted too, for example '2026-03-01T00:00:00Z'",
	'\\': "backslashes stand in strings only",
	'$':  "replace variables before the query is sent",
	'_':  "names begin with a letter",
}

// badCharacter returns the error for a character that begins no token.
func badCharacter(pos Position, rest string, size int) *SyntaxError {
	r := []rune(rest[:size])[0]
	hint := misplaced[r]
	if hint == "" && (unicode.IsSpace(r) || !unicode.IsPrint(r)) {
		hint = "replace it by a plain space"
	}
	return &SyntaxError{Position: pos, Reason: fmt.Sprintf("unexpected %q", r), HintText: hint}
}

// apostropheForm is the hint for an apostrophe inside a plain string.
const apostropheForm = `an apostrophe ends a plain string; write e'…' with \' for an apostrophe`

// joined returns the hint for an apostrophe inside a plain string, with the literal that is
// probably meant: it reaches from the string, which the apostrophe ends, to the next one.
func joined(text string, first token) string {
	end := first.pos.Offset + len(first.text)
	length := strings.IndexByte(text[end:], '\'')
	if length < 0 {
		return apostropheForm
	}
	meant := strings.NewReplacer(`\'`, "'").Replace(text[first.pos.Offset+1 : end+length])
	return "write " + literal(meant) + ": an apostrophe ends a plain string"
}

// isCutShort reports whether a plain string ends directly before a letter, which is then probably
// its next one.
func isCutShort(text string, t token) bool {
	end := t.pos.Offset + len(t.text)
	return t.kind == stringToken && t.text[0] == '\'' && end < len(text) && isLetter(text[end])
}

// likeHint returns the right form of LIKE with the pattern.
func likeHint(pattern token) string {
	inside := strings.Trim(pattern.value, "%")
	switch {
	case pattern.kind != stringToken || strings.Contains(inside, "%") || inside == "":
		return wordsOfSQL["LIKE"]
	case pattern.value == "%"+inside+"%":
		return "write CONTAINS " + literal(inside)
	}
	return "write MATCHES " + literal(strings.ReplaceAll(pattern.value, "%", "*"))
}

// unterminated returns the error for a string without an end.
func unterminated(start Position, escaped bool) *SyntaxError {
	hint := apostropheForm
	if escaped {
		hint = `close it with '; \' does not end e'…', and \\ is one backslash`
	}
	return &SyntaxError{
		Position: start,
		Reason:   "the string that begins here does not end",
		HintText: hint,
	}
}

// badEscape returns the error for an unknown escape in the escaped string source.
func badEscape(pos Position, rest, source string) *SyntaxError {
	return &SyntaxError{
		Position: pos,
		Reason:   fmt.Sprintf("unknown escape %s", text.Short(string([]rune(rest)[:2]), 10)),
		HintText: "write " + plainOrDoubled(source[2:len(source)-1]) +
			`: e'…' has \' \\ \n \r \t \b \f, and in plain '…' a backslash is a backslash`,
	}
}

const (
	startsWith = "write MATCHES 'start*'"
	endsWith   = "write MATCHES '*end'"
	operators  = "operators are = != < <= > >= IN CONTAINS MATCHES MATCHES_REGEX, IS NULL"
)

// wordsOfSQL are the hints for words of other languages.
var wordsOfSQL = map[string]string{
	"NOT":     "negation is ! before the operator: !=, !IN, !CONTAINS, !MATCHES, or IS NOT NULL",
	"LIKE":    "write CONTAINS '…', or MATCHES '…' with * for any characters",
	"ILIKE":   "write CONTAINS '…', or MATCHES '…' with * for any characters",
	"RLIKE":   "write MATCHES_REGEX '…'",
	"REGEXP":  "write MATCHES_REGEX '…'",
	"BETWEEN": "write field >= low AND field <= high",
	"EXISTS":  "write field IS NOT NULL",
	"EQ":      "write =",
	"NE":      "write !=",
	"GROUP":   "write | aggregate … by field",
	"BY":      "write | aggregate … by field",
	"ORDER":   "write | sort field",
	"SORT":    "functions stand behind a pipe: | sort field",
	"LIMIT":   "write | head 10",
	"TOP":     "write | head 10",
	"HEAD":    "functions stand behind a pipe: | head 10",
	"TAIL":    "functions stand behind a pipe: | tail 10",
	"FIELDS":  "functions stand behind a pipe: | fields a, b",
	"SELECT":  "there is no SELECT: write FROM type, and | fields a, b for columns",
	"COUNT":   "functions stand behind a pipe: | aggregate count",
	"NULL":    "write field IS NULL or field IS NOT NULL",
	"NONE":    "write field IS NULL or field IS NOT NULL",
	"NIL":     "write field IS NULL or field IS NOT NULL",
	"WHERE":   "the condition stands before the bounds, and both before the first pipe",
	"FROM":    "FROM begins the query and stands once",
	"STATS":   "write | aggregate … by field",
	"WITHIN":  "write EARLIEST=-1d",
	"HAS":     "write CONTAINS '…'",

	"STARTS": startsWith, "STARTSWITH": startsWith, "STARTS_WITH": startsWith, "BEGINSWITH": startsWith,
	"ENDS": endsWith, "ENDSWITH": endsWith, "ENDS_WITH": endsWith,
}

// misread are the hints for two symbols in a row that other languages have.
var misread = map[string]string{
	"==": "equal is one =", "!==": "not equal is !=",
	"<>": "not equal is !=",
	"=>": "write >=",
	"=<": "write <=",
	"||": "write OR, and one | before a function",
}

// hintFor returns the hint for a token that does not fit behind the one before it, "" if none is
// known.
func hintFor(before, t token) string {
	if hint := misread[before.text+t.text]; hint != "" && before.kind == symbolToken &&
		t.kind == symbolToken {
		return hint
	}
	if t.kind != wordToken {
		return ""
	}
	return wordsOfSQL[strings.ToUpper(t.text)]
}
