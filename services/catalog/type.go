package catalog

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// Type is a type of a service.
type Type struct {
	Service string `json:"service,omitempty"`
	Name    string `json:"name"`
	// Kind is the keyword of the definition: "type", "input", "enum", "union", "interface" or
	// "scalar".
	Kind        string `json:"kind"`
	Description string `json:"description,omitempty"`
	// Fields are the fields of a type, an input or an interface.
	Fields []Field `json:"fields,omitempty"`
	// Values are the values of an enum.
	Values []Value `json:"values,omitempty"`
	// Members are the possible types of a union or an interface.
	Members []string `json:"members,omitempty"`
	// Interfaces are the names of the interfaces that a type implements.
	Interfaces []string `json:"interfaces,omitempty"`
	// UsedBy are the places that refer to the type, for example "createClient",
	// "createClient(input:)" and "NewClient.client".
	UsedBy []string `json:"usedBy,omitempty"`
}

// Field is a field of a type or an argument.
type Field struct {
	Name string `json:"name"`
	// Type is the type in GraphQL notation, for example "[String!]!".
	Type string `json:"type"`
	// Required is set for an argument or input field that must be set, if the schema contains that.
	// The SDK's schema of Taegis does not contain it for input fields.
	Required bool `json:"required,omitempty"`
	// Uncertain is set for an argument of an operation with a scalar type that is not known for
	// certain: String can stand for ID or a time, for example.
	Uncertain bool `json:"uncertain,omitempty"`
	// Settled is the type that an argument of an operation is sent with, if it is not Type: that of
	// public clients, for example "ID!".
	Settled string `json:"settled,omitempty"`
	// Default is the default value in GraphQL notation. Empty if there is none.
	Default     string `json:"default,omitempty"`
	Description string `json:"description,omitempty"`
	// Deprecated names the replacement of a deprecated field. Empty for all others.
	Deprecated string  `json:"deprecated,omitempty"`
	Arguments  []Field `json:"arguments,omitempty"`
}

// Value is a value of an enum.
type Value struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Deprecated names the replacement of a deprecated value. Empty for all others.
	Deprecated string `json:"deprecated,omitempty"`
}

// TypeOf returns a type of a service of the SDK. If service is empty, only one service may have the
// type; the services of fusion count only if Taegis has no type of that name.
//
// It returns an [*UnknownServiceError], an [*UnknownTypeError] or an [*AmbiguousTypeError].
func TypeOf(service, name string) (*Type, error) {
	if service != "" {
		s, err := SchemaFor(service)
		if err != nil {
			return nil, err
		}
		return s.Type(name)
	}
	var owners, names []string
	var found *Schema
	for _, platform := range []core.Platform{core.PlatformTaegis, core.PlatformFusion} {
		if len(owners) > 0 {
			break
		}
		for _, s := range everySchema(platform) {
			all := s.Types()
			names = append(names, all...)
			if slices.Contains(all, name) {
				owners, found = append(owners, s.service), s
			}
		}
	}
	switch len(owners) {
	case 0:
		return nil, &UnknownTypeError{Name: name, Similar: similar(name, names)}
	case 1:
		return found.Type(name)
	}
	return nil, &AmbiguousTypeError{Name: name, Services: owners}
}

// Type returns a type by its name. An unknown name returns an [*UnknownTypeError].
func (s *Schema) Type(name string) (*Type, error) {
	if all := s.Types(); !slices.Contains(all, name) {
		return nil, &UnknownTypeError{Service: s.service, Name: name, Similar: similar(name, all)}
	}
	t := s.describeType(s.types.Types[name])
	t.UsedBy = s.usedBy(name)
	return t, nil
}

var keywords = map[ast.DefinitionKind]string{
	ast.Object: "type", ast.InputObject: "input", ast.Enum: "enum", ast.Union: "union",
	ast.Interface: "interface", ast.Scalar: "scalar",
}

func (s *Schema) describeType(def *ast.Definition) *Type {
	t := &Type{
		Service: s.service, Name: def.Name, Kind: keywords[def.Kind], Description: def.Description,
		Interfaces: def.Interfaces, Members: def.Types,
	}
	if def.Kind == ast.Interface {
		for _, possible := range s.types.PossibleTypes[def.Name] {
			t.Members = append(t.Members, possible.Name)
		}
	}
	for _, f := range def.Fields {
		t.Fields = append(t.Fields, Field{
			Name: f.Name, Type: f.Type.String(), Default: literal(f.DefaultValue), Description: f.Description,
			Required:   def.Kind == ast.InputObject && f.Type.NonNull && f.DefaultValue == nil,
			Deprecated: deprecation(f.Directives), Arguments: describeArguments(f.Arguments),
		})
	}
	for _, v := range def.EnumValues {
		t.Values = append(t.Values, Value{Name: v.Name, Description: v.Description, Deprecated: deprecation(v.Directives)})
	}
	return t
}

func describeArguments(list ast.ArgumentDefinitionList) []Field {
	var arguments []Field
	for _, a := range list {
		arguments = append(arguments, Field{
			Name: a.Name, Type: a.Type.String(), Required: a.Type.NonNull && a.DefaultValue == nil,
			Default: literal(a.DefaultValue), Description: a.Description, Deprecated: deprecation(a.Directives),
		})
	}
	return arguments
}

func literal(value *ast.Value) string {
	if value == nil {
		return ""
	}
	return value.String()
}

// deprecation returns the replacement that a deprecated directive names, or "" if there is no such
// directive.
func deprecation(directives ast.DirectiveList) string {
	directive := directives.ForName("deprecated")
	if directive == nil {
		return ""
	}
	if reason := directive.Arguments.ForName("reason"); reason != nil {
		return reason.Value.Raw
	}
	return "no replacement is known"
}

// usedBy returns the places that refer to a type, operations first.
func (s *Schema) usedBy(name string) []string {
	var places []string
	refer := func(t *ast.Type, place string) {
		if t.Name() == name {
			places = append(places, place)
		}
	}
	fields := func(list ast.FieldList, prefix string) {
		for _, f := range list {
			refer(f.Type, prefix+f.Name)
			for _, a := range f.Arguments {
				refer(a.Type, prefix+f.Name+"("+a.Name+":)")
			}
		}
	}
	for _, kind := range kinds {
		if def := rootType(s.types, kind); def != nil {
			fields(def.Fields, "")
		}
	}
	for _, other := range s.Types() {
		def := s.types.Types[other]
		fields(def.Fields, other+".")
		if slices.Contains(def.Types, name) || slices.Contains(def.Interfaces, name) {
			places = append(places, other)
		}
	}
	return places
}
