package cql

import (
	"fmt"
	"strings"
)

// checkString checks the text of a string.
func (l *linter) checkString(c *Comparison, v Value) {
	if v.Kind != StringValue {
		return
	}
	isRegex := c.Operator.Positive() == OpMatchesRegex
	if strings.HasPrefix(v.Source, "'") {
		l.checkPlain(v, isRegex)
	} else if v.Source != "" {
		l.checkEscaped(v, isRegex)
	}
	switch c.Operator.Positive() {
	case OpMatches:
		l.checkGlob(c, v)
	case OpMatchesRegex:
		l.checkRegex(c, v)
	default:
		l.checkLiteral(c, v)
	}
}

var (
	// escapedNewline is an escape between words, in text that is no path.
	escapedNewline = pattern(`\\[nrt]`)
	otherBackslash = pattern(`\\[^nrt]|\\$|[A-Za-z]:\\`)
	// drive is the start of a path, with one backslash.
	drive = pattern(`(?:^|[^A-Za-z])[A-Za-z]:\\(?:[^\\]|$)`)
	// doubled is an escape in an expression with a backslash too many.
	doubled = pattern(`\\\\(?:\.[A-Za-z0-9(]|[dws][+*{])`)
	// controlEscape is an escape for a control character.
	controlEscape = pattern(`\\[nrtbf]`)
)

// checkPlain reports escapes in a plain string, which has none.
func (l *linter) checkPlain(v Value, isRegex bool) {
	if isRegex { // a backslash belongs to the expression
		if doubled().MatchString(v.Text) {
			l.warn(v.Pos, `in a plain string an expression has \\ for a backslash and \. for a dot`,
				"write "+literal(strings.ReplaceAll(v.Text, `\\`, `\`)))
		}
		return
	}
	behindStart := strings.TrimPrefix(v.Text, `\\`) // of a network path
	switch {
	case strings.Contains(behindStart, `\\`):
		l.warn(v.Pos, "in a plain string two backslashes are two backslashes",
			"write "+literal(strings.ReplaceAll(v.Text, `\\`, `\`)))
	case escapedNewline().MatchString(v.Text) && strings.Contains(v.Text, " ") &&
		!otherBackslash().MatchString(v.Text):
		l.warn(v.Pos, `in a plain string \n is a backslash and an n`, "write e"+v.Source)
	}
}

// literal returns s, which is UTF-8, as a literal.
func literal(s string) string {
	var b strings.Builder
	writeString(&b, s)
	return b.String()
}

// checkEscaped reports paths and expressions in an escaped string, in which a backslash begins an
// escape.
func (l *linter) checkEscaped(v Value, isRegex bool) {
	body := v.Source[2 : len(v.Source)-1]
	single := strings.ReplaceAll(body, `\\`, "")
	isPath := drive().MatchString(body) || !strings.ContainsAny(body, " \t\n") &&
		len(controlEscape().FindAllString(single, -1)) > 1
	switch {
	case isRegex && strings.Contains(single, `\b`):
		l.warn(v.Pos, `in e'…' \b is a backspace, not the end of a word`, "write "+plainOrDoubled(body))
	case isRegex:
	case isPath && controlEscape().MatchString(single):
		l.warn(v.Pos, `in e'…' a backslash with n, r, t, b or f is a control character`,
			"write "+plainOrDoubled(body))
	}
}

// plainOrDoubled returns the literal for the body of an escaped string, if its backslashes are
// meant as backslashes.
func plainOrDoubled(body string) string {
	return literal(strings.NewReplacer(`\'`, "'", `\\`, `\`).Replace(body))
}

var (
	// inRegexOnly are forms that only a regular expression has.
	inRegexOnly = pattern(`^\^|^\.\*|\.\*.*\.\*$|\.\+|\(\?|` +
		`\\[dws][+{]|\\\.\w+\$$|\[\^?\w-\w|\(.*\|.*\)`)
	// escapedDot is a dot with a backslash, and inPath a backslash that is no escape of a dot.
	escapedDot = pattern(`\w\\\.\w`)
	inPath     = pattern(`\\[^.]|\\$`)
	globStar   = pattern(`(?:^|[A-Za-z0-9_ \-])\*`)
	otherMeta  = pattern(`[\\^$()\[\]{}|+?]|\.\*`)
	address    = pattern(`^[0-9a-fA-F.:]+(?:/[0-9]+)?$`)
)

// isRegex reports whether a glob or a text is probably a regular expression.
func isRegex(s string) bool {
	return inRegexOnly().MatchString(s) || escapedDot().MatchString(s) && !inPath().MatchString(s)
}

// checkGlob reports regular expressions and forms of SQL in a glob.
func (l *linter) checkGlob(c *Comparison, v Value) {
	negation := c.Operator[:len(c.Operator)-len(OpMatches)]
	percent := strings.HasPrefix(v.Text, "%") || strings.HasSuffix(v.Text, "%")
	switch {
	case isRegex(v.Text):
		l.warn(v.Pos, "MATCHES takes a glob, and this is a regular expression",
			"write "+string(negation+OpMatchesRegex)+" "+literal(v.Text))
	case percent && !strings.Contains(v.Text, "*"):
		l.warn(v.Pos, "% is only itself in a glob",
			"write "+literal(strings.ReplaceAll(v.Text, "%", "*")))
	case v.Text == "" || !strings.Contains(v.Text, "*") && !address().MatchString(v.Text):
		l.warn(v.Pos, "a glob without * matches equal values only",
			fmt.Sprintf("write %s %s for a part of the value, or %s %s",
				negation+OpContains, literal(v.Text), negation+OpEqual, literal(v.Text)))
	}
}

// checkLiteral reports patterns where text is compared as it is.
func (l *linter) checkLiteral(c *Comparison, v Value) {
	o := c.Operator.Positive()
	if o != OpEqual && o != OpIn && o != OpContains {
		return
	}
	negation := ""
	if c.Operator.Negated() {
		negation = "!"
	}
	stars := strings.HasPrefix(v.Text, "*") || strings.HasSuffix(v.Text, "*")
	switch {
	case o == OpContains && v.Text == "":
		l.warn(v.Pos, "every text contains ''", "write IS NOT NULL")
	case v.Text == "*" && o != OpContains:
		l.warn(v.Pos, "* is only itself here", "write IS NOT NULL or IS NULL")
	case strings.Contains(v.Text, ".*") && isRegex(v.Text):
		l.warn(v.Pos, "a regular expression is compared as it is here",
			"write "+negation+"MATCHES_REGEX "+literal(v.Text))
	case stars && o == OpContains:
		l.warn(v.Pos, "* is only itself here",
			"write "+negation+"CONTAINS "+literal(strings.Trim(v.Text, "*")))
	case stars:
		l.warn(v.Pos, "* is only itself here", "write "+negation+"MATCHES "+literal(v.Text))
	case o == OpContains && len(v.Text) > 2 && strings.HasPrefix(v.Text, "%") &&
		strings.HasSuffix(v.Text, "%") && v.Text == strings.ToLower(v.Text):
		l.warn(v.Pos, "% is only itself here",
			"write "+negation+"CONTAINS "+literal(strings.Trim(v.Text, "%")))
	}
}
