package emulator

import "github.com/99designs/gqlgen/graphql/introspection"

// introspect resolves __schema and __type. It maps fields to the methods of package introspection.
func introspect(x *execution, field string, args map[string]any) (any, error) {
	if x.call.config.NoIntrospection {
		return nil, coded("GRAPHQL_VALIDATION_FAILED", "introspection is disabled")
	}
	if field == "__schema" {
		return schemaObject{introspection.WrapSchema(x.schema.Schema)}, nil
	}
	name, _ := args["name"].(string)
	return typeOf(introspection.WrapTypeFromDef(x.schema.Schema, x.schema.Types[name])), nil
}

type (
	schemaObject    struct{ *introspection.Schema }
	typeObject      struct{ *introspection.Type }
	fieldObject     struct{ *introspection.Field }
	inputObject     struct{ *introspection.InputValue }
	enumValueObject struct{ *introspection.EnumValue }
	directiveObject struct{ *introspection.Directive }
)

func (s schemaObject) resolve(field string, _ map[string]any) (any, error) {
	switch field {
	case "types":
		return typeList(s.Types()), nil
	case "queryType":
		return typeOf(s.QueryType()), nil
	case "mutationType":
		return typeOf(s.MutationType()), nil
	case "subscriptionType":
		return typeOf(s.SubscriptionType()), nil
	case "directives":
		return listOf(s.Directives(), func(d *introspection.Directive) any { return directiveObject{d} }), nil
	}
	return optional(s.Description()), nil
}

func (t typeObject) resolve(field string, args map[string]any) (any, error) {
	switch field {
	case "kind":
		return t.Kind(), nil
	case "name":
		return optional(t.Name()), nil
	case "specifiedByURL":
		return optional(t.SpecifiedByURL()), nil
	case "isOneOf":
		return t.IsOneOf(), nil
	case "ofType":
		return typeOf(t.OfType()), nil
	case "description":
		return optional(t.Description()), nil
	}
	// The specification requires null for lists that the kind of type does not have.
	switch kind := t.Kind(); {
	case field == "fields" && (kind == "OBJECT" || kind == "INTERFACE"):
		return listOf(t.Fields(includeDeprecated(args)), func(v *introspection.Field) any { return fieldObject{v} }), nil
	case field == "interfaces" && (kind == "OBJECT" || kind == "INTERFACE"):
		return typeList(t.Interfaces()), nil
	case field == "possibleTypes" && (kind == "UNION" || kind == "INTERFACE"):
		return typeList(t.PossibleTypes()), nil
	case field == "enumValues" && kind == "ENUM":
		return listOf(t.EnumValues(includeDeprecated(args)), func(v *introspection.EnumValue) any { return enumValueObject{v} }), nil
	case field == "inputFields" && kind == "INPUT_OBJECT":
		return inputs(t.VisibleInputFields(includeDeprecated(args))), nil
	}
	return nil, nil
}

func (v fieldObject) resolve(field string, args map[string]any) (any, error) {
	switch field {
	case "name":
		return v.Name, nil
	case "args":
		return inputs(v.VisibleArgs(includeDeprecated(args))), nil
	case "type":
		return typeOf(v.Type), nil
	case "isDeprecated":
		return v.IsDeprecated(), nil
	case "deprecationReason":
		return optional(v.DeprecationReason()), nil
	}
	return optional(v.Description()), nil
}

func (v inputObject) resolve(field string, _ map[string]any) (any, error) {
	switch field {
	case "name":
		return v.Name, nil
	case "type":
		return typeOf(v.Type), nil
	case "defaultValue":
		return optional(v.DefaultValue), nil
	case "isDeprecated":
		return v.IsDeprecated(), nil
	case "deprecationReason":
		return optional(v.DeprecationReason()), nil
	}
	return optional(v.Description()), nil
}

func (v enumValueObject) resolve(field string, _ map[string]any) (any, error) {
	switch field {
	case "name":
		return v.Name, nil
	case "isDeprecated":
		return v.IsDeprecated(), nil
	case "deprecationReason":
		return optional(v.DeprecationReason()), nil
	}
	return optional(v.Description()), nil
}

func (d directiveObject) resolve(field string, args map[string]any) (any, error) {
	switch field {
	case "name":
		return d.Name, nil
	case "isRepeatable":
		return d.IsRepeatable, nil
	case "locations":
		return listOf(d.Locations, func(l *string) any { return *l }), nil
	case "args":
		return inputs(d.VisibleArgs(includeDeprecated(args))), nil
	}
	return optional(d.Description()), nil
}

// includeDeprecated returns the argument of that name. If the gateway does not have it, deprecated
// inputs are included.
func includeDeprecated(args map[string]any) bool {
	include, known := args["includeDeprecated"].(bool)
	return include || !known
}

func inputs(values []introspection.InputValue) []any {
	return listOf(values, func(v *introspection.InputValue) any { return inputObject{v} })
}

func typeList(types []introspection.Type) []any {
	return listOf(types, typeOf)
}

// typeOf wraps a type; a nil pointer becomes a plain nil.
func typeOf(t *introspection.Type) any {
	if t == nil {
		return nil
	}
	return typeObject{t}
}

// optional returns the text, or a plain nil for a nil pointer.
func optional(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}

func listOf[T any](items []T, wrap func(*T) any) []any {
	wrapped := make([]any, len(items))
	for i := range items {
		wrapped[i] = wrap(&items[i])
	}
	return wrapped
}
