package transport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fusion"
)

// complete returns an error if an input that the operation requires is missing. A list is checked
// element by element.
func (args arguments) complete(op *core.Operation) error {
	if len(op.RequiredInputs) == 0 {
		return nil
	}
	values := make(map[string]any, len(args))
	for name, text := range args {
		var value any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber() // some have more digits than a float64
		if err := d.Decode(&value); err != nil {
			return &core.ArgumentError{Argument: name, Reason: "it cannot be read", Err: err}
		}
		values[name] = value
	}
	for _, input := range op.RequiredInputs {
		if path, reason := missing(values, "", strings.Split(input.Path, "."), input.Text); reason != "" {
			return &core.ArgumentError{Argument: path, Reason: reason}
		}
	}
	return nil
}

// missing returns the path of a required input that is missing, and the reason; "" if there is
// none, also because the input that would have it is not set.
func missing(value any, at string, steps []string, text bool) (path, reason string) {
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			if path, reason := missing(item, fmt.Sprintf("%s.%d", at, i), steps, text); reason != "" {
				return path, reason
			}
		}
	case map[string]any:
		below, last := strings.TrimPrefix(at+"."+steps[0], "."), len(steps) == 1
		switch member := v[steps[0]]; {
		case !last:
			return missing(member, below, steps[1:], text)
		case member == nil:
			return below, "it is required"
		case text && member == "":
			return below, "it is required and must not be empty"
		}
	}
	return "", ""
}

// checkDocument returns an error for a document of the caller that fusion cannot answer: with more
// than one field at its root that opens a case. What does not parse is left to the server.
func checkDocument(req *core.Request) error {
	if req.Environment.Platform != core.PlatformFusion {
		return nil
	}
	roots := fusion.CaseRoots(rootsOf(req))
	if len(roots) < 2 {
		return nil
	}
	return &core.ArgumentError{Argument: "document", Reason: fmt.Sprintf(
		"it has several fields about cases at its root (%s), and fusion fails such a document (conn busy): send one request for each",
		strings.Join(roots, ", "))}
}

// rootsOf returns the root fields of a request.
func rootsOf(req *core.Request) []string {
	op := req.Operation
	if req.Document == "" {
		if op.Field != "" {
			return []string{op.Field}
		}
		return []string{op.Name}
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: req.Document})
	if err != nil {
		return nil
	}
	return fusion.Roots(doc, op.Name)
}
