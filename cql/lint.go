package cql

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Severity says whether a query can do what its author wants.
type Severity string

// The severities of a [Finding].
const (
	// Error is a query that its service rejects, or that cannot find what it asks for.
	Error Severity = "error"
	// Warning is a query that a service takes, but hardly as its author means it.
	Warning Severity = "warning"
)

// Finding is a mistake in a query.
type Finding struct {
	Severity Severity
	// Position is the place of the mistake; zero for one in a tree that was not parsed.
	Position
	Message string
	// Suggestion is the right form, or how to get it; "" if it is not known.
	Suggestion string
}

// String returns the finding on one line, for example
//
//	1:18: warning: no EARLIEST: the server searches about a day: write EARLIEST=-1d
func (f Finding) String() string {
	message := fmt.Sprintf("%d:%d: %s: %s", f.Line, f.Column, f.Severity, f.Message)
	return sentence(message, f.Suggestion)
}

// LintOptions say what is known about a query. The zero value is fine.
type LintOptions struct {
	// Service is the service that gets the query. If it is empty, Lint concludes it from the types
	// and the fields if it can.
	Service Service
	// Now is the time of the search. Without it, Lint compares relative bounds with relative ones
	// and absolute bounds with absolute ones only.
	Now time.Time
}

// Lint returns the mistakes of a query, in the order of the text: those of syntax, and those of a
// query that its service would reject, ignore or read in another way than its author. It sends
// nothing, and knows no fields but the common ones. A query without findings may still be rejected.
func Lint(text string, options LintOptions) []Finding {
	q, mixed, err := parse(text)
	if syntax, ok := errors.AsType[*SyntaxError](err); ok {
		return []Finding{{
			Severity:   Error,
			Position:   syntax.Position,
			Message:    syntax.Reason,
			Suggestion: syntax.HintText,
		}}
	}
	return q.lint(text, mixed, options)
}

// Lint returns the mistakes of a query as [Lint] does. For a tree that no text has, it returns one
// error.
func (q *Query) Lint(options LintOptions) []Finding {
	if _, err := q.Text(); err != nil {
		return []Finding{{Severity: Error, Message: err.Error()}}
	}
	return q.lint("", nil, options)
}

func (q *Query) lint(text string, mixed []Position, options LintOptions) []Finding {
	l := &linter{
		Query: q, text: text, now: options.Now, service: options.Service,
		chosen: options.Service != "",
	}
	l.checkTypes()
	if !l.chosen {
		l.service = q.service()
	}
	Inspect(q.Where, func(e Expr) bool {
		switch e := e.(type) {
		case *Comparison:
			l.checkComparison(e)
		case *NullCheck:
			l.checkField(e.Field)
			l.checkNull(e)
		case *OrExpr:
			l.checkAlternatives(e)
		}
		return true
	})
	for _, pos := range mixed {
		l.warn(pos, "AND binds before OR, as far as known", "write parentheses: a OR (b AND c)")
	}
	l.checkTime()
	l.checkFunctions()
	slices.SortStableFunc(l.findings,
		func(a, b Finding) int { return cmp.Compare(a.Offset, b.Offset) })
	return l.findings
}

// linter collects the findings of a query.
type linter struct {
	*Query
	text     string  // the text of the query, "" if it was not parsed
	service  Service // "" if it is not known
	chosen   bool    // whether the caller named the service
	now      time.Time
	findings []Finding
}

func (l *linter) error(pos Position, message, suggestion string) {
	l.findings = append(l.findings, Finding{Error, pos, message, suggestion})
}

func (l *linter) warn(pos Position, message, suggestion string) {
	l.findings = append(l.findings, Finding{Warning, pos, message, suggestion})
}

// start returns the place of a finding about all of the query.
func (l *linter) start() Position {
	if l.text == "" {
		return Position{}
	}
	return Position{Line: 1, Column: 1}
}
