package catalog

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// fieldsShown is how many fields stand for an input that marks none as required.
	fieldsShown = 3
	// deepestInput bounds inputs in inputs: some lead back to themselves.
	deepestInput = 4
)

// placeholder is an argument as the command line takes it: name=TEXT, read by its type, or
// name:=JSON where a type has no text.
func (s *Schema) placeholder(name string, t *ast.Type) string {
	inner := t
	if inner.Elem != nil { // a list is given item by item
		inner = inner.Elem
	}
	if text := s.text(name, inner); text != "" {
		return name + "=" + text
	}
	return name + ":=" + s.json(name, t, 0)
}

// text is a value as a word; empty for a type that needs JSON.
func (s *Schema) text(name string, t *ast.Type) string {
	if t.Elem != nil {
		return ""
	}
	switch def := s.types.Types[t.NamedType]; {
	case def != nil && def.Kind == ast.Enum:
		return firstValue(def)
	case def != nil && def.Kind == ast.InputObject:
		return ""
	}
	switch t.NamedType {
	case "String", "ID":
		return exampleText(name)
	case "Int", "Float":
		return "1"
	case "Boolean":
		return "true"
	}
	return ""
}

// json is a value as JSON.
func (s *Schema) json(name string, t *ast.Type, depth int) string {
	if t.Elem != nil {
		return "[" + s.json(name, t.Elem, depth) + "]"
	}
	def := s.types.Types[t.NamedType]
	if def != nil && def.Kind == ast.InputObject {
		return s.object(def, depth+1)
	}
	text := s.text(name, t)
	switch {
	case text == "":
		return exampleScalar(name, t.NamedType)
	case t.NamedType == "Int", t.NamedType == "Float", t.NamedType == "Boolean":
		return text
	}
	return strconv.Quote(text)
}

// object is an input with its required fields, else with the first few of those that are neither
// deprecated nor inputs.
func (s *Schema) object(def *ast.Definition, depth int) string {
	if depth > deepestInput {
		return "{}"
	}
	var required, plain ast.FieldList
	for _, f := range def.Fields {
		nested := s.types.Types[f.Type.Name()]
		switch {
		case f.Type.NonNull && f.DefaultValue == nil:
			required = append(required, f)
		case f.Directives.ForName("deprecated") == nil && (nested == nil || nested.Kind != ast.InputObject):
			plain = append(plain, f)
		}
	}
	if len(required) == 0 {
		required = plain[:min(fieldsShown, len(plain))]
	}
	var members []string
	for _, f := range required {
		members = append(members, strconv.Quote(f.Name)+":"+s.json(f.Name, f.Type, depth))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// firstValue is the first value of an enum that is not deprecated.
func firstValue(def *ast.Definition) string {
	for _, v := range def.EnumValues {
		if v.Directives.ForName("deprecated") == nil {
			return v.Name
		}
	}
	return def.EnumValues[0].Name
}

// exampleTime is what stands for a time, in the form of RFC 3339.
const exampleTime = "2026-01-02T15:04:05Z"

// exampleText is what stands for a text: the name in capitals, so that nobody takes it for a value,
// or a time.
func exampleText(name string) string {
	if isTime(name) {
		return exampleTime
	}
	return capitals(name)
}

// exampleScalar is JSON that stands for a scalar that GraphQL does not define.
func exampleScalar(name, scalar string) string {
	lower := strings.ToLower(scalar)
	switch {
	case slices.ContainsFunc([]string{"json", "map", "any", "object"}, func(s string) bool { return strings.Contains(lower, s) }):
		return `{"key":"value"}`
	case strings.Contains(lower, "int"), lower == "long":
		return "1"
	case strings.Contains(lower, "time"), strings.Contains(lower, "date"):
		return strconv.Quote(exampleTime)
	}
	return strconv.Quote(capitals(name))
}

// isTime reports whether a name is that of a time.
func isTime(name string) bool {
	for _, end := range []string{"At", "_at", "Time", "_time", "Date", "_date", "Timestamp", "_timestamp"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return slices.Contains([]string{"time", "date", "timestamp", "earliest", "latest"}, name)
}

// capitals writes a name as placeholders are written: tenantID becomes TENANT_ID.
func capitals(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}
