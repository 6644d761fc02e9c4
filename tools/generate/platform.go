package main

import (
	"errors"
	"io/fs"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// omittedRow is an entry of omitted.json: a type of which no field is selected by default, and why.
type omittedRow struct{ Service, Type, Certainty, Reason string }

// blankRow is an entry of blank.json: required input fields for which an empty text is a value, and
// why.
type blankRow struct {
	Service, Reason string
	Fields          []string
}

// readRules reads the files that may be absent.
func (a *api) readRules() error {
	var omitted []omittedRow
	var blank []blankRow
	a.omitted, a.blank = map[string][]omittedRow{}, map[string][]blankRow{}
	for name, into := range map[string]any{"omitted.json": &omitted, "blank.json": &blank} {
		if err := a.readJSON(name, into); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, row := range omitted {
		a.omitted[row.Service] = append(a.omitted[row.Service], row)
	}
	for _, row := range blank {
		a.blank[row.Service] = append(a.blank[row.Service], row)
	}
	return nil
}

// uniteInterfaces turns each interface into a union of the types that implement it, which is how a
// value of it is selected and decoded.
func uniteInterfaces(schema *ast.Schema) {
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		def := schema.Types[name]
		if def.Kind != ast.Interface {
			continue
		}
		def.Kind, def.Fields = ast.Union, nil
		for _, possible := range schema.PossibleTypes[name] {
			def.Types = append(def.Types, possible.Name)
		}
	}
}

// leavesOut returns why a field that is not deprecated is not selected by default, "" if it is.
func (s *selector) leavesOut(field *ast.FieldDefinition) string {
	for _, a := range field.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil {
			return "it has the required argument " + a.Name
		}
	}
	for _, row := range s.omitted {
		if row.Type == field.Type.Name() {
			return row.Reason
		}
	}
	return ""
}

// requiredInput is an argument or an input field that has to be set; see core.RequiredInput.
type requiredInput struct {
	Path string
	Text bool
}

// requiredInputs returns what has to be set within the arguments of an operation. Taegis' schemas
// do not contain it, so only the successor's operations have any.
func (b *builder) requiredInputs(root *ast.FieldDefinition) (found []requiredInput) {
	if b.service.Platform == "" {
		return nil
	}
	var visit func(fields ast.FieldList, prefix string, path []string)
	visit = func(fields ast.FieldList, prefix string, path []string) {
		for _, f := range fields {
			name, def := prefix+f.Name, b.schema.Types[f.Type.Name()]
			if f.Type.NonNull && f.DefaultValue == nil {
				found = append(found, requiredInput{Path: name, Text: b.needsText(f, def)})
			}
			if def.Kind == ast.InputObject && !slices.Contains(path, def.Name) {
				visit(def.Fields, name+".", append(slices.Clip(path), def.Name))
			}
		}
	}
	visit(argumentFields(root.Arguments), "", nil)
	return found
}

// needsText reports whether a required input is a text that must not be empty.
func (b *builder) needsText(f *ast.FieldDefinition, def *ast.Definition) bool {
	if f.Type.Elem != nil || def.Kind != ast.Enum && (def.Kind != ast.Scalar || scalars[def.Name] != "string") {
		return false
	}
	return !slices.ContainsFunc(b.api.blank[b.service.Name], func(row blankRow) bool {
		return slices.Contains(row.Fields, f.Name)
	})
}
