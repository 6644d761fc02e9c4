package drift

import (
	"encoding/json"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// fit adapts an operation to a schema, or returns a [*core.SchemaError]. given holds the arguments
// of the call: if the schema lacks an argument that the call does not set, that is not an error.
func fit(op *core.Operation, given map[string]json.RawMessage, schema *ast.Schema) (*adaptation, error) {
	w, err := new(adaptation).builder(op)
	if err != nil {
		return nil, err
	}
	fields := rootOf(schema, op.Kind).Fields
	field := fields.ForName(op.Name)
	if field == nil {
		if err := w.substitute(); err != nil {
			return nil, err
		}
		if field = fields.ForName(op.Alternative); field == nil {
			return nil, w.lacks()
		}
	}
	for _, a := range op.Arguments {
		declared := field.Arguments.ForName(a.Name)
		if _, set := given[a.Name]; declared == nil && set {
			return nil, w.rejectArgument(schemaProblem{kind: absentArgument, name: a.Name})
		}
		if declared != nil && !a.Inline && declared.Type.String() != a.Declared() {
			w.declare(a.Name, declared.Type.String())
		}
	}
	if op.Selection != "" {
		result := schema.Types[field.Type.Name()]
		if result == nil || !isComposite(result) {
			return nil, w.unfit("the server's result of this operation has another shape")
		}
		w.fit(schema, result, nil, w.selection.set)
	}
	return w.finish()
}

// rootOf returns the type with the operations of a kind. If the schema has none, the type has no
// fields.
func rootOf(schema *ast.Schema, kind core.OperationKind) *ast.Definition {
	root := schema.Query
	switch kind {
	case core.KindMutation:
		root = schema.Mutation
	case core.KindSubscription:
		root = schema.Subscription
	}
	if root == nil {
		return &ast.Definition{}
	}
	return root
}

func isComposite(def *ast.Definition) bool {
	return def.Kind == ast.Object || def.Kind == ast.Interface || def.Kind == ast.Union
}

// fit renames the fields of a selection that the type does not have, or marks them for removal.
func (w *adaptationBuilder) fit(schema *ast.Schema, def *ast.Definition, above []ast.Selection, set ast.SelectionSet) {
	for _, node := range set {
		way := append(slices.Clone(above), node)
		switch node := node.(type) {
		case *ast.InlineFragment:
			member := schema.Types[node.TypeCondition]
			if member == nil || !isComposite(member) || !overlap(schema, def, member) {
				w.selection.cut[node] = true
				continue
			}
			w.fit(schema, member, way, node.SelectionSet)
		case *ast.Field:
			w.fitField(schema, def, way, node)
		}
	}
}

func (w *adaptationBuilder) fitField(schema *ast.Schema, def *ast.Definition, way []ast.Selection, node *ast.Field) {
	if node.Name == "__typename" {
		return
	}
	field := def.Fields.ForName(node.Name)
	if field == nil {
		var names []string
		for _, f := range def.Fields {
			names = append(names, f.Name)
		}
		if alias := w.deprecatedAlias(node, def.Name, names); alias != "" {
			if field = def.Fields.ForName(alias); field != nil {
				w.rename(way, alias)
			}
		}
	}
	var result *ast.Definition
	if field != nil {
		result = schema.Types[field.Type.Name()]
	}
	if result == nil || isComposite(result) != (len(node.SelectionSet) > 0) {
		w.selection.cut[node] = true
		return
	}
	w.fit(schema, result, way, node.SelectionSet)
}

// overlap reports whether a value can have both types.
func overlap(schema *ast.Schema, a, b *ast.Definition) bool {
	for _, possible := range schema.GetPossibleTypes(a) {
		if slices.Contains(schema.GetPossibleTypes(b), possible) {
			return true
		}
	}
	return false
}
