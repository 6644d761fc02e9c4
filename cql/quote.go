package cql

import (
	"regexp"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/text"
)

// QuoteRegex returns a regular expression that matches s. Write the whole expression as a string
// then, by [MatchesRegex] or [String]: those are two layers.
func QuoteRegex(s string) string {
	return moreSpecial.Replace(regexp.QuoteMeta(s))
}

// moreSpecial escapes what is special to the server, but not to package regexp. Both read the
// escapes.
var moreSpecial = strings.NewReplacer("-", `\-`, "/", `\/`)

// QuoteGlob returns s for use in a glob of [Matches]. It returns a [*ValueError] if s has a "*",
// since no escape for it is known.
func QuoteGlob(s string) (string, error) {
	if strings.Contains(s, "*") {
		return "",
			valueError("use Contains, or MatchesRegex with QuoteRegex",
				"%q has a *, which cannot stand for itself in a glob", text.Short(s, 60))
	}
	return s, nil
}

// Funcs returns functions for queries that a text/template writes: it is a template.FuncMap. Each
// fails the template if its value cannot be written, so that no other query results:
//
//   - cql writes a value of [Eq] as one literal, and a slice as a list in parentheses: user =
//     {{.User | cql}} AND status IN {{.Statuses | cql}}
//   - cqlField writes the name of a field
//   - cqlTime writes a [time.Time] or a [time.Duration] before the search as a bound:
//     EARLIEST={{.Since | cqlTime}}
//   - quoteRegex is [QuoteRegex], quoteGlob is [QuoteGlob]; their results are to be written by cql:
//     MATCHES_REGEX {{printf "^%s$" (quoteRegex .Host) | cql}}
//
// A template with the option missingkey=error does not write zero values for keys that are missing.
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
