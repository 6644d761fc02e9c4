package introspection

import (
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// builder turns the parts of an answer into gqlparser's.
type builder struct {
	referred []string // the types that were referred to
	broken   bool     // a reference has no name below its marks
	misnamed string   // the first text that is not a valid name, quoted
}

// name accepts a name. Names become part of documents, SDL and command lines, in which a server
// could inject text.
func (b *builder) name(text string) string {
	named := text != ""
	for i, r := range text {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		digit := '0' <= r && r <= '9'
		named = named && (letter || digit && i > 0)
	}
	if !named {
		b.misnamed = strconv.Quote(text)
	}
	return text
}

// builtInScalars and builtInDirectives are those that GraphQL itself defines; SDL has them
// without a definition.
var (
	builtInScalars    = map[string]bool{"Int": true, "Float": true, "String": true, "Boolean": true, "ID": true}
	builtInDirectives = map[string]bool{"include": true, "skip": true, "deprecated": true, "specifiedBy": true, "oneOf": true, "defer": true}
)

// builtIn is the position of predefined declarations.
var builtIn = &ast.Position{Src: &ast.Source{Name: "introspection", BuiltIn: true}}

func (b *builder) definition(t typeInfo) *ast.Definition {
	def := &ast.Definition{
		Kind: t.Kind, Name: b.name(t.Name), Description: t.Description,
		BuiltIn: builtInScalars[t.Name] || strings.HasPrefix(t.Name, "__"),
	}
	if def.BuiltIn {
		def.Position = builtIn
	}
	for _, f := range t.Fields {
		def.Fields = append(def.Fields, &ast.FieldDefinition{
			Name: b.name(f.Name), Description: f.Description, Arguments: b.arguments(f.Args),
			Type: b.reference(f.Type), Directives: f.directives(),
		})
	}
	for _, f := range t.InputFields {
		def.Fields = append(def.Fields, &ast.FieldDefinition{
			Name: b.name(f.Name), Description: f.Description, DefaultValue: f.defaultValue(),
			Type: b.reference(f.Type), Directives: f.directives(),
		})
	}
	for _, v := range t.EnumValues {
		def.EnumValues = append(def.EnumValues, &ast.EnumValueDefinition{
			Name: b.name(v.Name), Description: v.Description, Directives: v.directives(),
		})
	}
	for _, i := range t.Interfaces {
		def.Interfaces = append(def.Interfaces, b.refer(i.Name))
	}
	if t.Kind == ast.Union { // types declare themselves which interfaces they implement
		for _, member := range t.PossibleTypes {
			def.Types = append(def.Types, b.refer(member.Name))
		}
	}
	return def
}

func (b *builder) directive(d directiveInfo) *ast.DirectiveDefinition {
	def := &ast.DirectiveDefinition{
		Name: b.name(d.Name), Description: d.Description, Arguments: b.arguments(d.Args),
		Locations: d.Locations, IsRepeatable: d.IsRepeatable,
	}
	if builtInDirectives[d.Name] {
		def.Position = builtIn
	}
	return def
}

func (b *builder) arguments(list []inputInfo) ast.ArgumentDefinitionList {
	var arguments ast.ArgumentDefinitionList
	for _, a := range list {
		arguments = append(arguments, &ast.ArgumentDefinition{
			Name: b.name(a.Name), Description: a.Description, DefaultValue: a.defaultValue(),
			Type: b.reference(a.Type), Directives: a.directives(),
		})
	}
	return arguments
}

// reference builds a type from the outermost mark inwards.
func (b *builder) reference(r *reference) *ast.Type {
	switch {
	case r == nil:
		b.broken = true
		return &ast.Type{}
	case r.Kind == "NON_NULL":
		t := b.reference(r.OfType)
		t.NonNull = true
		return t
	case r.Kind == "LIST":
		return ast.ListType(b.reference(r.OfType), nil)
	}
	return ast.NamedType(b.refer(r.Name), nil)
}

// refer notes that the type is needed.
func (b *builder) refer(name string) string {
	b.referred = append(b.referred, name)
	return name
}

// noReason is the reason that the specification defines for a deprecation without a reason.
const noReason = "No longer supported"

// directives returns @deprecated if the value is deprecated.
func (v valueInfo) directives() ast.DirectiveList {
	if !v.IsDeprecated {
		return nil
	}
	deprecated := &ast.Directive{Name: "deprecated"}
	if v.DeprecationReason != "" && v.DeprecationReason != noReason {
		reason := &ast.Value{Kind: ast.StringValue, Raw: v.DeprecationReason}
		deprecated.Arguments = ast.ArgumentList{{Name: "reason", Value: reason}}
	}
	return ast.DirectiveList{deprecated}
}

func (i inputInfo) defaultValue() *ast.Value {
	if i.DefaultValue == nil {
		return nil
	}
	return parseValue(*i.DefaultValue)
}
