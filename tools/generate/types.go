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
	Note   string // why the Go name differs, where it does
	Fields []*goField
	// Nullable is set on an input with an optional field.
	Nullable bool
}

// goField is a field of a struct, a member of a union or a constant of an enum.
type goField struct {
	Wire, Go, Type string
	Optional       bool
	Deprecated     string // what to use instead, in words
	Note           string
}

// addTypes adds the structs of arguments and every type that the operations reach.
func (b *builder) addTypes(inputs map[string]bool) {
	for _, op := range b.model.Operations {
		if len(op.Arguments) > 0 {
			op.Args = &goType{Kind: "input", Go: b.names.unique("arguments of "+op.Go, op.Go+"Args")}
		}
	}
	reached := b.reachedTypes(inputs)
	for _, def := range reached {
		b.typeName[def.Name] = b.names.unique("type "+def.Name, exported(def.Name), exported(def.Name)+"Type")
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
	if t.Go != exported(def.Name) {
		t.Note = t.Go + " is the GraphQL type " + def.Name + ", whose own name means something else in this package."
	}
	switch def.Kind {
	case ast.Enum:
		t.Kind = "enum"
		for _, value := range def.EnumValues {
			name := b.names.unique(def.Name+" "+value.Name, t.Go+goName(value.Name), t.Go+"_"+value.Name)
			t.Fields = append(t.Fields, &goField{Wire: value.Name, Go: name, Deprecated: deprecation(value.Directives, nil)})
		}
	case ast.Union:
		t.Kind = "union"
		for _, member := range def.Types {
			t.Fields = append(t.Fields, &goField{Wire: member, Go: exported(member), Type: "*" + b.typeName[member]})
		}
	case ast.InputObject:
		t.Kind = "input"
		b.addInputFields(t, def.Fields)
	default:
		t.Kind = "output"
		b.addOutputFields(t, def.Fields)
	}
	return t
}

// addOutputFields leaves out the deprecated one of two wire names that become one Go name.
func (b *builder) addOutputFields(t *goType, fields ast.FieldList) {
	taken := names{}
	for _, twins := range byGoName(fields) {
		for i, field := range twins {
			if i > 0 && isDeprecated(field.Directives) || strings.HasPrefix(field.Name, "__") {
				continue
			}
			name := taken.unique(field.Name, goName(field.Name), exported(field.Name))
			t.Fields = append(t.Fields, &goField{
				Wire: field.Name, Go: name, Type: b.outputType(field.Type),
				Deprecated: deprecation(field.Directives, fields),
			})
		}
	}
}

// addInputFields marks the deprecated one of two wire names that become one Go name.
func (b *builder) addInputFields(t *goType, fields ast.FieldList) {
	taken := names{"NullFields": "NullFields"}
	for _, twins := range byGoName(fields) {
		for i, field := range twins {
			name := goName(field.Name)
			if i > 0 && isDeprecated(field.Directives) {
				name = "Deprecated" + name
			}
			optional := !field.Type.NonNull || field.DefaultValue != nil
			t.Nullable = t.Nullable || optional
			t.Fields = append(t.Fields, &goField{
				Wire: field.Name, Go: taken.unique(field.Name, name, exported(field.Name)),
				Type: b.inputType(field.Type, optional), Optional: optional,
				Deprecated: deprecation(field.Directives, fields),
			})
		}
	}
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

// deprecation says what to use in place of a deprecated field or enum value: by its Go name
// where it is a sibling.
func deprecation(directives ast.DirectiveList, siblings ast.FieldList) string {
	directive := directives.ForName("deprecated")
	if directive == nil {
		return ""
	}
	reason := directive.Arguments.ForName("reason")
	if reason == nil {
		return "no replacement is known."
	}
	text := strings.TrimSuffix(reason.Value.Raw, ".")
	if use, ok := strings.CutPrefix(text, "Use "); ok {
		for _, field := range siblings {
			if goName(field.Name) == goName(use) {
				use = goName(use)
				break
			}
		}
		text = "use " + use
	}
	return strings.ReplaceAll(text, "\n", " ") + "."
}

// scalars are the Go types of GraphQL's scalars; all others stay as they came.
var scalars = map[string]string{"Int": "int", "Float": "float64", "Boolean": "bool", "String": "string", "ID": "string"}

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

// inputType is a pointer where a value can be absent, unless nil says so already.
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
