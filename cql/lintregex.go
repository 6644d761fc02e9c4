package cql

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/internal/text"
)

// notInRE2 are forms that other engines have.
var notInRE2 = pattern(`\(\?(?:=|!|<=|<!|>|\()|\\[1-9]|\\[zZGKRXhH]|[*+?}]\+|\\k<`)

// checkRegex checks a regular expression.
func (l *linter) checkRegex(c *Comparison, v Value) {
	negation := string(c.Operator[:len(c.Operator)-len(OpMatchesRegex)])
	_, err := syntax.Parse(v.Text, syntax.Perl)
	var invalid *syntax.Error
	plain := globStar().MatchString(v.Text) && !otherMeta().MatchString(v.Text)
	switch {
	case v.Text == "":
		l.warn(v.Pos, "every text matches ''", "write IS NOT NULL")
	case plain:
		l.complain(err != nil, v.Pos, "MATCHES_REGEX takes a regular expression, and this is a glob",
			"write "+negation+"MATCHES "+literal(v.Text))
	case errors.As(err, &invalid) && notInRE2().MatchString(v.Text):
		l.warn(v.Pos, "not all engines of the services know "+text.Short(invalid.Expr, 30),
			"leave out back-references and look-around")
	case err != nil:
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		l.error(v.Pos, "invalid regular expression: "+text.Short(reason, 80),
			"a backslash makes a special character itself")
	default:
		l.checkDots(c, v)
	}
}

// complain adds an error or a warning.
func (l *linter) complain(isError bool, pos Position, message, suggestion string) {
	if isError {
		l.error(pos, message, suggestion)
		return
	}
	l.warn(pos, message, suggestion)
}

// wholeValues are logical types that are looked for as a whole.
var wholeValues = []string{"domain", "ip", "host", "hash", "mac"}

// checkDots reports dots that are meant as themselves, and expressions for a whole value that match
// a part of it.
func (l *linter) checkDots(c *Comparison, v Value) {
	escaped, bare := escapeDots(v.Text)
	isWhole := c.Field.Logical && slices.Contains(wholeValues, strings.ToLower(c.Field.Name))
	alternatives := strings.Split(escaped, "|")
	isPlain := isWhole && !slices.ContainsFunc(alternatives, isSpecial)
	switch {
	case isPlain && len(alternatives) > 1:
		escaped = "^(?:" + escaped + ")$"
	case isPlain:
		escaped = "^" + escaped + "$"
	}
	switch {
	case bare:
		l.warn(v.Pos, "a dot matches any character, and the match need not span the value",
			"write "+literal(escaped))
	case isPlain:
		l.warn(v.Pos, "the match need not span the value", "write "+literal(escaped))
	}
}

// isSpecial reports whether an expression has special characters that are not escaped.
func isSpecial(expression string) bool {
	for i := 0; i < len(expression); i++ {
		switch c := expression[i]; {
		case c == '\\' && i+1 < len(expression) && nameLength(expression[i+1:i+2]) == 0:
			i++
		case strings.IndexByte(`\.+*?()|[]{}^$`, c) >= 0:
			return true
		}
	}
	return false
}

// escapeDots returns the expression with a backslash before each dot between letters or digits that
// is not repeated, and reports whether there are any. It leaves classes and \Q…\E alone.
func escapeDots(expression string) (escaped string, found bool) {
	var b strings.Builder
	inClass, inQuote := false, false
	isWord := func(i int) bool {
		return i >= 0 && i < len(expression) &&
			nameLength(expression[i:i+1]) == 1
	}
	for i := 0; i < len(expression); i++ {
		c := expression[i]
		switch {
		case c == '\\' && i+1 < len(expression):
			switch expression[i+1] {
			case 'Q':
				inQuote = true
			case 'E':
				inQuote = false
			}
			b.WriteByte(c)
			i++
			c = expression[i]
		case inQuote:
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '.' && !inClass && isWord(i-1) && isWord(i+1) && (i < 2 || expression[i-2] != '\\'):
			b.WriteByte('\\')
			found = true
		}
		b.WriteByte(c)
	}
	return b.String(), found
}

// pattern returns a function that compiles an expression when it is first called: most programs
// build queries, and check none.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
