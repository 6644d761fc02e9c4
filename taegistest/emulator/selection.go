package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// selectionKey identifies a selection set that is applied to a type.
type selectionKey struct {
	first ast.Selection
	def   *ast.Definition
}

// selected is a field of a selection, prepared once for all objects of an operation.
type selected struct {
	graphql.CollectedField
	key  []byte // the alias as a member name of JSON, with its colon
	was  origin
	args map[string]any
}

// fields returns the fields of a selection set on a type.
func (x *execution) fields(def *ast.Definition, set ast.SelectionSet) []selected {
	if len(set) == 0 {
		return nil
	}
	id := selectionKey{first: set[0], def: def}
	if fields, known := x.selections[id]; known {
		return fields
	}
	collected := graphql.CollectFields(x.op, set, x.satisfies(def))
	fields := make([]selected, len(collected))
	for i, f := range collected {
		fields[i].CollectedField = f
		fields[i].key = append(appendJSON(nil, f.Alias), ':')
		if f.Name != "__typename" {
			fields[i].was, fields[i].args = x.schema.before(f, x.op.Variables)
		}
	}
	if x.selections == nil {
		x.selections = map[selectionKey][]selected{}
	}
	x.selections[id] = fields
	return fields
}

// satisfies returns the type conditions that an object of the type meets.
func (x *execution) satisfies(def *ast.Definition) []string {
	names := append([]string{def.Name}, def.Interfaces...)
	for _, abstract := range x.schema.Implements[def.Name] {
		names = append(names, abstract.Name)
	}
	return names
}

// step is an element of a path in the answer: a field's alias, or an index.
type step struct {
	name  string
	index int
}

type steps []step

// ast returns the path as an error has it.
func (p steps) ast() ast.Path {
	list := make(ast.Path, len(p))
	for i, s := range p {
		if s.name != "" {
			list[i] = ast.PathName(s.name)
		} else {
			list[i] = ast.PathIndex(s.index)
		}
	}
	return list
}

// leaf writes a value as JSON.
func (x *execution) leaf(value any) {
	x.out.Write(appendJSON(x.out.AvailableBuffer(), value))
}

// appendJSON appends a value as JSON. Plain values need no reflection.
func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case rawJSON:
		return append(b, v...)
	case string:
		if isPlain(v) {
			return append(append(append(b, '"'), v...), '"')
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("a value of the emulator does not encode: %v", err))
	}
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}

// rawJSON is a value that is encoded already.
type rawJSON []byte

// isPlain reports whether a text needs no escapes in JSON.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}
