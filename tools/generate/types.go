package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// goType is a struct, a union or an enum.
type goType struct {
	Kind   string // "input", "output", "union" or "enum"
	Wire   string // its GraphQL name; empty for the arguments of an operation
	Go     string
	Doc    string // one sentence
	Fields []*goField
	// Nullable is set on an input with an optional field.
	Nullable bool
	// Constructor is the function that makes one of a time, if it is an object of seconds and
	// nanos.
	Constructor string
}

// goField is a field of a struct, a member of a union or a constant of an enum.
type goField struct {
	Wire, Go, Type string
	Optional       bool
	Doc            string // one line, or nothing
}

// addTypes adds the structs of arguments and every type that the operations reach.
func (b *builder) addTypes(inputs map[string]bool) {
	for _, op := range b.model.Operations {
		if len(op.Arguments) > 0 {
			op.Args = &goType{Kind: "input", Go: b.pick(b.names, "the arguments of "+op.Wire, argsName(op.Go))}
			op.Args.Doc = b.argsDoc(op)
		}
	}
	reached := b.reachedTypes(inputs)
	for _, def := range reached {
		name := typeName(def.Name, def.Kind == ast.InputObject)
		b.typeName[def.Name] = b.pick(b.names, "type "+def.Name, name, name+"Type")
	}
	for _, op := range b.model.Operations {
		field := b.root(op).Fields.ForName(op.Wire)
		op.Result = b.outputType(field.Type)
		op.ResultDoc = b.resultDoc(field.Type)
		if op.Args != nil {
			b.addInputFields(op.Args, argumentFields(field.Arguments))
		}
	}
	for _, def := range reached {
		b.model.Types = append(b.model.Types, b.goType(def))
	}
}

func (b *builder) root(op *operation) *ast.Definition {
	return map[string]*ast.Definition{"Query": b.schema.Query, "Mutation": b.schema.Mutation, "Subscription": b.schema.Subscription}[op.Kind]
}

func argumentFields(arguments ast.ArgumentDefinitionList) ast.FieldList {
	var list ast.FieldList
	for _, a := range arguments {
		list = append(list, &ast.FieldDefinition{Name: a.Name, Type: a.Type, DefaultValue: a.DefaultValue, Directives: a.Directives})
	}
	return list
}

// reachedTypes returns, sorted by name, the types that operations take or return.
func (b *builder) reachedTypes(inputs map[string]bool) []*ast.Definition {
	found := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		def := b.schema.Types[name]
		if found[name] || def.Kind == ast.Scalar {
			return
		}
		found[name] = true
		for _, field := range def.Fields {
			visit(field.Type.Name())
		}
		for _, member := range def.Types {
			visit(member)
		}
	}
	for name := range inputs {
		visit(name)
	}
	for _, op := range b.model.Operations {
		visit(b.root(op).Fields.ForName(op.Wire).Type.Name())
	}
	var list []*ast.Definition
	for _, name := range slices.Sorted(maps.Keys(found)) {
		list = append(list, b.schema.Types[name])
	}
	return list
}

func (b *builder) goType(def *ast.Definition) *goType {
	t := &goType{Wire: def.Name, Go: b.typeName[def.Name]}
	t.Doc = b.typeDoc(t.Go, def)
	switch def.Kind {
	case ast.Enum:
		t.Kind = "enum"
		for _, value := range def.EnumValues {
			name := t.Go + goName(value.Name)
			t.Fields = append(t.Fields, &goField{
				Wire: value.Name, Go: b.pick(b.names, def.Name+"."+value.Name, name, name+"Value"),
				Doc: deprecation(value.Directives, nil),
			})
		}
	case ast.Union:
		t.Kind = "union"
		taken := names{}
		taken.reserve("Typename", "Raw", "Value")
		for _, member := range def.Types {
			name := b.pick(taken, def.Name+"."+member, goName(member), goName(member)+"Member")
			t.Fields = append(t.Fields, &goField{Wire: member, Go: name, Type: "*" + b.typeName[member]})
		}
	case ast.InputObject:
		t.Kind = "input"
		b.addInputFields(t, def.Fields)
	default:
		t.Kind = "output"
		b.addOutputFields(t, def)
	}
	if isTimestamp(def) {
		t.Constructor = b.pick(b.names, "the constructor of "+def.Name, "New"+t.Go)
	}
	return t
}

// isTimestamp reports whether a type is an object of seconds and nanos, as protobuf has them.
func isTimestamp(def *ast.Definition) bool {
	if def.Kind != ast.Object && def.Kind != ast.InputObject || len(def.Fields) != 2 {
		return false
	}
	for _, name := range []string{"seconds", "nanos"} {
		f := def.Fields.ForName(name)
		if f == nil || f.Type.NamedType != "Int" || f.Type.NonNull && def.Kind == ast.InputObject {
			return false
		}
	}
	return true
}

// addOutputFields leaves out the deprecated one of two wire names that become one Go name.
func (b *builder) addOutputFields(t *goType, def *ast.Definition) {
	taken := names{}
	for _, aliases := range byGoName(def.Fields) {
		for i, field := range aliases {
			if i > 0 && isDeprecated(field.Directives) || strings.HasPrefix(field.Name, "__") {
				continue
			}
			name := b.pickField(taken, t, field, goName(field.Name))
			t.Fields = append(t.Fields, &goField{
				Wire: field.Name, Go: name, Type: b.outputType(field.Type), Doc: b.fieldDoc(name, def, field),
			})
		}
	}
}

// addInputFields marks the deprecated one of two wire names that become one Go name.
func (b *builder) addInputFields(t *goType, fields ast.FieldList) {
	taken := names{}
	taken.reserve("NullFields")
	for _, aliases := range byGoName(fields) {
		for i, field := range aliases {
			name := goName(field.Name)
			if i > 0 && isDeprecated(field.Directives) {
				name = "Deprecated" + name
			}
			optional := !field.Type.NonNull || field.DefaultValue != nil
			t.Nullable = t.Nullable || optional
			t.Fields = append(t.Fields, &goField{
				Wire: field.Name, Go: b.pickField(taken, t, field, name),
				Type: b.inputType(field.Type, optional), Optional: optional,
				Doc: deprecation(field.Directives, fields),
			})
		}
	}
}

func (b *builder) pickField(taken names, t *goType, field *ast.FieldDefinition, name string) string {
	return b.pick(taken, t.Go+"."+field.Name, name, name+"Field")
}

// byGoName groups fields by their Go name, in the order of their first appearance; of a group
// the fields that are not deprecated come first.
func byGoName(fields ast.FieldList) []ast.FieldList {
	index := map[string]int{}
	var groups []ast.FieldList
	for _, field := range fields {
		name := goName(field.Name)
		i, ok := index[name]
		if !ok {
			i, index[name] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], field)
	}
	rank := func(f *ast.FieldDefinition) int {
		if isDeprecated(f.Directives) {
			return 1
		}
		return 0
	}
	for _, group := range groups {
		slices.SortStableFunc(group, func(a, b *ast.FieldDefinition) int { return cmp.Compare(rank(a), rank(b)) })
	}
	return groups
}

// scalars are the Go types of GraphQL's scalars; all others stay as they came.
var scalars = map[string]string{
	"Int": "int", "Float": "float64", "Boolean": "bool", "String": "string", "ID": "string",
	"Int64": "int64", "Float32": "float64", "Time": "string", "UUID": "string", "ResourceName": "string",
}

func (b *builder) named(name string) string {
	if b.schema.Types[name].Kind == ast.Scalar {
		return cmp.Or(scalars[name], "json.RawMessage")
	}
	return b.typeName[name]
}

// outputType is plain for scalars and enums, and a pointer for objects.
func (b *builder) outputType(t *ast.Type) string {
	if t.Elem != nil {
		return "[]" + b.outputType(t.Elem)
	}
	if b.schema.Types[t.NamedType].IsCompositeType() {
		return "*" + b.named(t.NamedType)
	}
	return b.named(t.NamedType)
}

// resultDoc says what an operation returns. GraphQL's notation would not do: Go documentation
// takes [Client] for a link and drops the brackets.
func (b *builder) resultDoc(t *ast.Type) string {
	switch {
	case t.Elem != nil:
		return "list of " + b.resultDoc(t.Elem)
	case b.schema.Types[t.NamedType].Kind == ast.Scalar:
		return t.NamedType
	}
	return "[" + b.typeName[t.NamedType] + "]"
}

// inputType is a pointer if a value can be absent, unless nil says so already.
func (b *builder) inputType(t *ast.Type, optional bool) string {
	if t.Elem != nil {
		return "[]" + b.inputType(t.Elem, !t.Elem.NonNull)
	}
	name := b.named(t.NamedType)
	if optional && name != "json.RawMessage" {
		return "*" + name
	}
	return name
}
