package catalog

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// fieldsShown is the number of fields in the placeholder of an input without required fields.
	fieldsShown = 3
	// deepestInput is the maximum depth of inputs in inputs, because some are recursive.
	deepestInput = 4
)

// placeholder returns an argument of the command line: name=TEXT, or name:=JSON if the type has no
// text form.
func (s *Schema) placeholder(name string, t *ast.Type) string {
	inner := t
	if inner.Elem != nil { // each item of a list is an argument
		inner = inner.Elem
	}
	if text := s.text(name, inner); text != "" {
		return name + "=" + text
	}
	return name + ":=" + s.json(name, t, 0)
}

// text returns a value as a word, or "" for a type that requires JSON.
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

// json returns a value as JSON.
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

// object returns an input with its required fields. If there are none, it has the first few fields
// that are neither deprecated nor inputs.
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

// firstValue returns the first value of an enum that is not deprecated.
func firstValue(def *ast.Definition) string {
	for _, v := range def.EnumValues {
		if v.Directives.ForName("deprecated") == nil {
			return v.Name
		}
	}
	return def.EnumValues[0].Name
}

// exampleTime is the placeholder of a time (RFC 3339).
const exampleTime = "2026-01-02T15:04:05Z"

// exampleText returns the placeholder of a text: a time, or the name in capitals, which is clearly not
// a value.
func exampleText(name string) string {
	if isTime(name) {
		return exampleTime
	}
	return capitals(name)
}

// exampleScalar returns the JSON placeholder of a custom scalar.
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

// isTime reports whether a name is likely that of a time.
func isTime(name string) bool {
	for _, end := range []string{"At", "_at", "Time", "_time", "Date", "_date", "Timestamp", "_timestamp"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return slices.Contains([]string{"time", "date", "timestamp", "earliest", "latest"}, name)
}

// capitals converts a name to the form of placeholders: tenantID becomes TENANT_ID.
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
