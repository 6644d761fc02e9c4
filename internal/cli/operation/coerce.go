package operation

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/services/schema"
)

// kind is the kind of a GraphQL type, for an enum with its values.
type kind struct {
	name   string
	values string // of an enum, separated by commas
}

var (
	stringKind  = kind{name: "string"}
	intKind     = kind{name: "int"}
	floatKind   = kind{name: "float"}
	booleanKind = kind{name: "boolean"}
	objectKind  = kind{name: "object"}
	scalarKind  = kind{name: "scalar"} // defined by the server
)

// baseKind returns the kind of a type that GraphQL itself defines, or the zero kind.
func baseKind(typ string) kind {
	switch typeName(typ) {
	case "String", "ID":
		return stringKind
	case "Int":
		return intKind
	case "Float":
		return floatKind
	case "Boolean":
		return booleanKind
	}
	return kind{}
}

// kindsOf returns a function that returns the kind of a service's type. The function parses the schema
// when it is first called for a type that GraphQL itself does not define.
func kindsOf(service string) func(string) kind {
	var doc *ast.SchemaDocument
	return func(name string) kind {
		if base := baseKind(name); base != (kind{}) {
			return base
		}
		if doc == nil {
			doc = parseSchema(service)
		}
		switch def := doc.Definitions.ForName(name); {
		case def == nil:
			return scalarKind
		case def.Kind == ast.InputObject:
			return objectKind
		case def.Kind == ast.Enum:
			var values []string
			for _, v := range def.EnumValues {
				values = append(values, v.Name)
			}
			return kind{name: "enum", values: strings.Join(values, ", ")}
		}
		return scalarKind
	}
}

// parseSchema returns the schema of a service. If there is none, it returns an empty schema, in which
// every type is a scalar.
func parseSchema(service string) *ast.SchemaDocument {
	text, err := schema.SDL(service)
	if err != nil {
		return &ast.SchemaDocument{}
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: service, Input: text})
	if err != nil {
		return &ast.SchemaDocument{}
	}
	return doc
}

// typeName returns a type without its list and non-null marks.
func typeName(typ string) string { return strings.Trim(typ, "[]!") }

func isList(typ string) bool { return strings.HasPrefix(typ, "[") }

func isRequired(typ string) bool { return strings.HasSuffix(typ, "!") }

// coerce converts a text to JSON of the type, or to one item if the type is a list.
func coerce(typ string, kinds func(string) kind, text string) (json.RawMessage, error) {
	if strings.HasPrefix(typ, "[[") {
		return nil, errGiveJSON
	}
	switch k := kinds(typeName(typ)); k.name {
	case "int":
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%q is not an integer from %d to %d", text, math.MinInt32, math.MaxInt32)
		}
		return strconv.AppendInt(nil, n, 10), nil
	case "float":
		if strings.Trim(text, "+-.0123456789eE") != "" || !json.Valid([]byte(text)) {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return json.RawMessage(text), nil
	case "boolean":
		if text != "true" && text != "false" {
			return nil, fmt.Errorf("%q is neither true nor false", text)
		}
		return json.RawMessage(text), nil
	case "enum":
		if !slices.Contains(strings.Split(k.values, ", "), text) {
			return nil, fmt.Errorf("%q is none of %s; to send it anyway, write := and quotes", text, k.values)
		}
	case "object":
		return nil, errGiveJSON
	}
	return json.Marshal(text)
}
