package taegistest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// checkOperation returns what is wrong with the name of an operation, "" if a service has it.
func checkOperation(name string) string {
	if len(results(name)) > 0 {
		return ""
	}
	names := slices.Collect(maps.Keys(operations()))
	return fmt.Sprintf("no service has an operation %q%s", name, didYouMean(name, names))
}

// checkReply returns what is wrong with a reply for an operation, "" if the operation can return it.
func checkReply(operation string, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("the reply does not encode: %v", err)
	}
	var decoded any
	numbers := json.NewDecoder(bytes.NewReader(text))
	numbers.UseNumber()
	if err := numbers.Decode(&decoded); err != nil {
		return fmt.Sprintf("the reply does not decode: %v", err)
	}
	var first string
	for _, r := range results(operation) {
		c := checker{result: r, seen: map[typePair]bool{}}
		reason := c.goType(reflect.TypeOf(value), r.typ, operation)
		if reason == "" {
			reason = c.value(decoded, r.typ, operation)
		}
		if reason == "" {
			return ""
		}
		if first == "" {
			first = reason
		}
	}
	return first
}

// checker compares Go types and JSON values with GraphQL types. Scalars and enums match any value
// that is not an object or a list; JSON, the scalar for free-form values, matches any value.
type checker struct {
	result
	seen map[typePair]bool // the compared pairs of types, which can be recursive
}

type typePair struct {
	goType reflect.Type
	typ    string
}

// value compares a decoded JSON value at a path. A null matches every type.
func (c checker) value(value any, t *ast.Type, path string) string {
	if value == nil || t.Elem == nil && c.isFree(t) {
		return ""
	}
	def := c.definition(t.Name())
	switch v := value.(type) {
	case []any:
		if t.Elem == nil {
			return fmt.Sprintf("%s is a list, want %s", path, t)
		}
		return c.items(v, t.Elem, path)
	case map[string]any:
		if t.Elem != nil || def == nil {
			return fmt.Sprintf("%s is an object, want %s", path, t)
		}
		return c.members(v, def, path)
	default:
		if t.Elem != nil || def != nil {
			return fmt.Sprintf("%s is %s, want %s", path, describe(v), t)
		}
		return ""
	}
}

// items compares the items of a JSON list with their type.
func (c checker) items(list []any, t *ast.Type, path string) string {
	for i, item := range list {
		if reason := c.value(item, t, fmt.Sprintf("%s[%d]", path, i)); reason != "" {
			return reason
		}
	}
	return ""
}

// members compares the members of a JSON object with the fields of a type.
func (c checker) members(object map[string]any, def *ast.Definition, path string) string {
	possible := c.objects(def)
	if name, ok := object["__typename"].(string); ok {
		possible = slices.DeleteFunc(possible, func(d *ast.Definition) bool { return d.Name != name })
		if len(possible) == 0 {
			return fmt.Sprintf("%s has no type %s%s", path, name, didYouMean(name, namesOf(c.objects(def))))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		f, reason := fieldOf(possible, def, name)
		if reason != "" {
			return path + ": " + reason
		}
		if f == nil {
			continue
		}
		if reason := c.value(object[name], f.Type, path+"."+name); reason != "" {
			return reason
		}
	}
	return ""
}

// goType compares the members that a Go type can encode, so that an empty value of another
// operation's type does not pass.
func (c checker) goType(g reflect.Type, t *ast.Type, path string) string {
	for g != nil && (g.Kind() == reflect.Pointer || g.Kind() == reflect.Slice || g.Kind() == reflect.Array) {
		g = g.Elem()
	}
	def := c.definition(t.Name())
	key := typePair{goType: g, typ: t.Name()}
	if g == nil || g.Kind() != reflect.Struct || def == nil || encodesItself(g) || c.seen[key] {
		return ""
	}
	c.seen[key] = true
	for f := range g.Fields() {
		if reason := c.goField(g, f, t, path); reason != "" {
			return reason
		}
	}
	return ""
}

func (c checker) goField(g reflect.Type, f reflect.StructField, t *ast.Type, path string) string {
	tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case tag == "-", !f.IsExported() && !f.Anonymous:
		return ""
	case f.Anonymous && tag == "":
		return c.goType(f.Type, t, path)
	case tag == "":
		tag = f.Name
	}
	def := c.definition(t.Name())
	field, reason := fieldOf(c.objects(def), def, tag)
	if reason != "" {
		return fmt.Sprintf("%s: %s of %s", path, reason, g)
	}
	if field == nil {
		return ""
	}
	return c.goType(f.Type, field.Type, path+"."+tag)
}

// fieldOf returns a field of one of the types, nil for __typename, or the reason why there is none.
func fieldOf(types []*ast.Definition, def *ast.Definition, name string) (*ast.FieldDefinition, string) {
	if name == "__typename" {
		return nil, ""
	}
	var names []string
	for _, d := range types {
		if f := d.Fields.ForName(name); f != nil {
			return f, ""
		}
		for _, f := range d.Fields {
			names = append(names, f.Name)
		}
	}
	owner := def.Name
	if len(types) == 1 {
		owner = types[0].Name
	}
	return nil, fmt.Sprintf("type %s has no member %q%s", owner, name, didYouMean(name, names))
}

// isFree reports whether the type is the scalar for free-form values.
func (c checker) isFree(t *ast.Type) bool {
	def := c.schema.Types[t.Name()]
	return def != nil && def.Kind == ast.Scalar
}

func namesOf(types []*ast.Definition) []string {
	var names []string
	for _, d := range types {
		names = append(names, d.Name)
	}
	return names
}

// encodesItself reports whether the JSON form of a type is not that of its fields.
func encodesItself(g reflect.Type) bool {
	marshaler := reflect.TypeFor[json.Marshaler]()
	return g.Implements(marshaler) || reflect.PointerTo(g).Implements(marshaler)
}

func describe(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	}
	return "a number"
}
