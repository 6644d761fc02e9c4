package emulator

import (
	"errors"
	"strings"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/eval"
)

// fault is a mistake in a query with its place.
type queryFault struct {
	line, column int
	text         string
}

// checkQuery returns the types of a query, and the mistake in it if there is one.
func (c *call) checkQuery(text string) (names []string, found *queryFault, p plan) {
	p, err := newPlan(text, c.scope.now)
	if err == nil && c.isEventQuery(p) {
		search, searchErr := c.newEventSearch(text, eventOptions{})
		if err = searchErr; err == nil {
			for _, t := range search.types {
				names = append(names, t.name)
			}
		}
	} else if p.query != nil {
		for _, t := range p.query.Types {
			names = append(names, strings.ToLower(t.Name))
		}
	}
	if err == nil {
		return names, nil, p
	}
	found = &queryFault{line: 1, column: 1, text: err.Error()}
	if syntax, ok := errors.AsType[*cql.SyntaxError](err); ok {
		found.line, found.column = syntax.Line, syntax.Column
	}
	if other, ok := errors.AsType[*eval.Error](err); ok {
		found.line, found.column = max(other.Pos.Line, 1), max(other.Pos.Column, 1)
	}
	return names, found, p
}

// isEventQuery reports whether a query is for events: it names no type of another service.
func (c *call) isEventQuery(p plan) bool {
	return p.checkTypes("detections and cases", "alert", "detection", "investigation", "case") != nil ||
		len(p.query.Types) == 0
}

// validateSearch checks a query without running it.
func (c *call) validateSearch(args map[string]any) (any, error) {
	text := textOf(at(args, "input.text"))
	names, found, _ := c.checkQuery(text)
	mistakes := []any{}
	if found != nil {
		mistakes = append(mistakes, row{"description": found.text, "location": row{
			"startLine": found.line, "stopLine": found.line, "startColumn": found.column, "stopColumn": found.column,
		}})
	}
	return row{"queryText": text, "resolvedTypes": names, "errors": mistakes, "warnings": []any{}}, nil
}

// validateQL checks a query without running it, as ql_schemas does.
func (c *call) validateQL(args struct{ Query string }) (any, error) {
	names, found, p := c.checkQuery(args.Query)
	mistakes := []any{}
	if found != nil {
		mistakes = append(mistakes, row{"description": found.text, "message": found.text, "line": found.line, "column": found.column})
	}
	answer := row{"valid": found == nil, "types": names, "errors": mistakes, "warnings": []any{}}
	if found == nil {
		answer["timeFrameEarliest"], answer["timeFrameLatest"] = instant(p.earliest), instant(p.latest)
	}
	return answer, nil
}
