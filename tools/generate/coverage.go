package main

import "github.com/vektah/gqlparser/v2/ast"

// coverage counts what the default selections of a service's operations include.
type coverage struct {
	schema   *ast.Schema
	uses     map[string][]*operation      // type: the operations that take or select it
	direct   map[string][]*operation      // type: the operations with it as an argument or result
	objects  map[string]int               // type: how often it is selected
	selected map[*ast.FieldDefinition]int // field: how often it is selected
}

func newCoverage(schema *ast.Schema) coverage {
	return coverage{
		schema: schema, uses: map[string][]*operation{}, direct: map[string][]*operation{},
		objects: map[string]int{}, selected: map[*ast.FieldDefinition]int{},
	}
}

// add counts an operation with the root field and the selection that it has.
func (c coverage) add(op *operation, root *ast.FieldDefinition, selection []*node) {
	note(c.direct, root.Type.Name(), op)
	c.addNodes(op, c.schema.Types[root.Type.Name()], selection)
	for _, arg := range root.Arguments {
		note(c.direct, arg.Type.Name(), op)
		c.addInput(op, arg.Type.Name(), map[string]bool{})
	}
}

func (c coverage) addNodes(op *operation, def *ast.Definition, nodes []*node) {
	note(c.uses, def.Name, op)
	c.objects[def.Name]++
	for _, n := range nodes {
		if n.on != "" {
			c.addNodes(op, c.schema.Types[n.on], n.sub)
			continue
		}
		c.selected[n.field]++
		c.addNodes(op, c.schema.Types[n.field.Type.Name()], n.sub)
	}
}

func (c coverage) addInput(op *operation, name string, seen map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	note(c.uses, name, op)
	for _, field := range c.schema.Types[name].Fields {
		c.addInput(op, field.Type.Name(), seen)
	}
}

// note adds an operation once. All of one operation is added before the next.
func note(uses map[string][]*operation, name string, op *operation) {
	if list := uses[name]; len(list) == 0 || list[len(list)-1] != op {
		uses[name] = append(list, op)
	}
}

// example returns the operation that shows the use of a type best, nil if there is none, and how
// many others use the type.
func (c coverage) example(name string) (best *operation, others int) {
	for _, list := range [][]*operation{c.direct[name], c.uses[name]} {
		for _, op := range list {
			if best == nil || best.Deprecated != "" && op.Deprecated == "" {
				best = op
			}
		}
	}
	return best, len(c.uses[name]) - 1
}
