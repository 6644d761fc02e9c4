package cql

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Severity is the severity of a [Finding].
type Severity string

// The severities of a [Finding].
const (
	// Error is a query that its service rejects, or that cannot find any record.
	Error Severity = "error"
	// Warning is a query that a service accepts, but probably not in the sense of its author.
	Warning Severity = "warning"
)

// Finding is a mistake that [Lint] found in a query.
type Finding struct {
	Severity Severity
	// Position is the position of the mistake; zero if the query was not parsed from text.
	Position
	Message string
	// Suggestion is the correct form, or how to get it; "" if it is not known.
	Suggestion string
}

// String returns the finding on one line, for example
//
//	1:18: warning: no EARLIEST: the server searches about a day: write EARLIEST=-1d
func (f Finding) String() string {
	message := fmt.Sprintf("%d:%d: %s: %s", f.Line, f.Column, f.Severity, f.Message)
	return sentence(message, f.Suggestion)
}

// LintOptions describe the search of a query. The zero value is ready to use.
type LintOptions struct {
	// Service is the service that receives the query. If it is empty, Lint infers it from the types
	// and the fields if possible.
	Service Service
	// Now is the time of the search. If it is zero, Lint compares relative bounds with relative
	// bounds and absolute bounds with absolute bounds only.
	Now time.Time
}

// Lint returns the mistakes of a query, in the order of the text: syntax errors, and parts that the
// service would reject, ignore or interpret differently than the author. It sends nothing. It
// checks only the names of common fields, so the service may still reject a query without findings.
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

// Lint returns the mistakes of the query like the function [Lint]. If the tree has no valid text,
// it returns one error.
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
