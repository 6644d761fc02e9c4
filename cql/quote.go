package cql

import (
	"regexp"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/text"
)

// QuoteRegex returns a regular expression that matches s. Pass the whole expression to
// [MatchesRegex] or [String], which quote it once more as a string literal.
func QuoteRegex(s string) string {
	return moreSpecial.Replace(regexp.QuoteMeta(s))
}

// moreSpecial escapes what is special to the server, but not to package regexp. Both read the
// escapes.
var moreSpecial = strings.NewReplacer("-", `\-`, "/", `\/`)

// QuoteGlob returns s for use in a glob of [Matches]. If s contains a "*", for which no escape is
// known, it returns a [*ValueError].
func QuoteGlob(s string) (string, error) {
	if strings.Contains(s, "*") {
		return "",
			valueError("use Contains, or MatchesRegex with QuoteRegex",
				"%q has a *, which cannot stand for itself in a glob", text.Short(s, 60))
	}
	return s, nil
}

// Funcs returns functions for text templates of queries, as a template.FuncMap. If a query cannot
// contain the value of a function, the template fails, so that it writes no other query:
//
//   - cql writes a value of [Eq] as one literal, and a slice as a list in parentheses: user =
//     {{.User | cql}} AND status IN {{.Statuses | cql}}
//   - cqlField writes the name of a field
//   - cqlTime writes a [time.Time] or a [time.Duration] before the search as a bound:
//     EARLIEST={{.Since | cqlTime}}
//   - quoteRegex is [QuoteRegex], quoteGlob is [QuoteGlob]; their results are to be written by cql:
//     MATCHES_REGEX {{printf "^%s$" (quoteRegex .Host) | cql}}
//
// Set the template's option missingkey=error, so that a missing key is an error instead of a zero
// value.
func Funcs() map[string]any {
	return map[string]any{
		"cql":        Literal,
		"cqlField":   fieldText,
		"cqlTime":    boundText,
		"quoteRegex": QuoteRegex,
		"quoteGlob":  QuoteGlob,
	}
}

func fieldText(name string) (string, error) {
	f, err := fieldOf(name)
	return f.String(), err
}

// boundText writes a bound. It rounds as [Builder.Earliest] does.
func boundText(v any) (string, error) {
	var (
		b   *Bound
		err error
	)
	switch v := v.(type) {
	case time.Time:
		b, err = at(v)
	case time.Duration:
		b, err = ago(v, time.Second-1)
	case *Bound:
		b = v
	default:
		err = valueError("use a time.Time or a time.Duration", "a %T is not a bound", v)
	}
	if err != nil {
		return "", err
	}
	if b == nil {
		return "", errNil
	}
	var p printer
	p.bound(b)
	if len(p.errs) > 0 {
		return "", p.errs[0]
	}
	return p.b.String(), nil
}
