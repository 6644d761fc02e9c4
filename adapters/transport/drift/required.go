package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/core"
)

// CheckRequired returns a [*core.ArgumentError] if the request does not select one of its required
// fields.
func CheckRequired(req *core.Request) error {
	if len(req.Required) == 0 {
		return nil
	}
	fault := func(reason string, err error) error {
		return &core.ArgumentError{Operation: req.Operation.Name, Reason: reason, Err: err}
	}
	root, text := req.Operation.Name, cmp.Or(req.Selection, req.Operation.Selection)
	if req.Document != "" {
		root, text = "", req.Document
	}
	if text == "" {
		return fault(fmt.Sprintf("the required field %q does not exist: the result is a scalar", req.Required[0]), nil)
	}
	var doc *ast.QueryDocument
	for _, field := range req.Required {
		if selected.has(root, text, field) {
			continue
		}
		if doc == nil {
			var err error
			if doc, err = parser.ParseQuery(&ast.Source{Input: text}); err != nil {
				return fault("the selection that must contain the required fields does not parse", err)
			}
		}
		if !selects(doc, root, strings.Split(field, ".")) {
			return fault(fmt.Sprintf("the required field %q is not selected", field), nil)
		}
		selected.add(root, text, field)
	}
	return nil
}

// selected caches the fields that are known to be selected, because parsing a selection takes ten
// times as long as a call.
var selected fieldCache

type fieldCache struct {
	mu     sync.RWMutex
	fields map[[3]string]bool // by operation, selection and field
}

func (c *fieldCache) has(root, text, field string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.fields[[3]string{root, text, field}]
}

// add stores a field. If there are too many, because a program generates its selections, it removes
// all others.
func (c *fieldCache) add(root, text, field string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fields == nil || len(c.fields) >= maxAdaptations {
		c.fields = map[[3]string]bool{}
	}
	c.fields[[3]string{root, text, field}] = true
}

// selects reports whether an operation of a document selects a field.
func selects(doc *ast.QueryDocument, root string, steps []string) bool {
	var spread []string // the enclosing named fragments; a fragment must not contain itself
	var search func(way []ast.Selection, set ast.SelectionSet) bool
	search = func(way []ast.Selection, set ast.SelectionSet) bool {
		for _, node := range set {
			if named, ok := node.(*ast.FragmentSpread); ok {
				fragment := doc.Fragments.ForName(named.Name)
				if fragment == nil || slices.Contains(spread, named.Name) {
					continue
				}
				spread = append(spread, named.Name)
				if search(way, fragment.SelectionSet) {
					return true
				}
				spread = spread[:len(spread)-1]
				continue
			}
			here := append(slices.Clip(way), node)
			if leadsTo(here, root, steps) || search(here, *setOf(node)) {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(doc.Operations, func(op *ast.OperationDefinition) bool { return search(nil, op.SelectionSet) })
}

// leadsTo reports whether the way to a node ends with these steps. The steps may omit the types of
// a union's members, and may begin with the name of the operation.
func leadsTo(way []ast.Selection, root string, steps []string) bool {
	rest := len(steps)
	for i := len(way) - 1; i >= 0 && rest > 0; i-- {
		var around ast.Selection
		if i > 0 {
			around = way[i-1]
		}
		switch {
		case isStep(around, way[i], steps[rest-1]):
			rest--
		case rest == len(steps) || !isFragment(way[i]):
			return false
		}
	}
	return rest == 0 || rest == 1 && root != "" && steps[0] == root && len(steps) > 1
}

// isStep reports whether a node has a name, either in the response or in the schema.
func isStep(around, node ast.Selection, name string) bool {
	field, ok := node.(*ast.Field)
	return stepOf(around, node) == name || ok && field.Name == name
}

// lost returns the paths of the fields that the call requires and an adaptation omits.
func (p *call) lost(r *adaptation) (paths []string) {
	if len(p.req.Required) == 0 || len(r.Omitted) == 0 {
		return nil
	}
	s, err := parseSelection(p.op.Selection)
	if err != nil {
		return nil // such an operation has no adaptation
	}
	w := &adaptationBuilder{op: p.op, selection: s}
	s.each(func(way []ast.Selection) {
		if slices.ContainsFunc(p.req.Required, func(field string) bool {
			return leadsTo(way, p.op.Name, strings.Split(field, "."))
		}) {
			paths = append(paths, w.path(way))
		}
	})
	kept := outside(r.Omitted, paths)
	return slices.DeleteFunc(paths, func(path string) bool { return slices.Contains(kept, path) })
}

// require returns a [*core.SchemaError] if an adaptation omits a field that the call requires.
func (p *call) require(r *adaptation) error {
	lost := p.lost(r)
	if len(lost) == 0 {
		return nil
	}
	return &core.SchemaError{
		Operation: p.op.Name, Omitted: lost,
		Reason:   "the server does not have required fields of the result: " + strings.Join(lost, ", "),
		HintText: "require fewer fields, or call a server with another version of the schema",
	}
}
