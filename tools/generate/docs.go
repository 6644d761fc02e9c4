package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// selectionFunc is the function of the SDK that replaces a default selection.
const selectionFunc = "taegis.ContextWithSelection"

// operationDoc returns the first sentence about a method: that of the schema, or a general one.
func (b *builder) operationDoc(op *operation, description string) string {
	if text := firstSentence(op.Go, description); text != "" {
		return text
	}
	kind := strings.ToLower(op.Kind)
	return fmt.Sprintf("%s runs this %s of the %s service:", op.Go, kind, b.service.Name)
}

// certainty returns the lines about the arguments with a scalar type that the SDL does not tell.
func certainty(m *model) (lines []string) {
	settled, literal := 0, 0
	for _, op := range m.Operations {
		for _, a := range op.Arguments {
			switch {
			case a.Settled != "":
				settled++
			case a.Inline:
				literal++
			}
		}
	}
	if literal > 0 {
		lines = append(lines, "Arguments with a scalar type that is not certain: "+strconv.Itoa(literal)+
			". They are sent as literals.")
	}
	if settled > 0 {
		lines = append(lines, "Arguments with the type that public clients declare: "+strconv.Itoa(settled)+".")
	}
	return lines
}

func (b *builder) argsDoc(op *operation) string {
	const text = "%s holds the arguments of [Service.%s] of the %s service."
	return fmt.Sprintf(text, op.Args.Go, op.Go, b.service.Name)
}

// kindDocs describe the kinds of types and their use by operations.
var kindDocs = map[ast.DefinitionKind]struct{ article, noun, use string }{
	ast.Object:      {"an", "object", "returned by"},
	ast.Interface:   {"an", "interface", "returned by"},
	ast.Union:       {"a", "union", "returned by"},
	ast.InputObject: {"an", "input", "passed to"},
	ast.Enum:        {"an", "enum", "used by"},
}

// typeDoc returns the sentence about a type: that of the schema, or a general one that names an
// operation.
func (b *builder) typeDoc(name string, def *ast.Definition) string {
	if text := firstSentence(name, def.Description); text != "" {
		return text
	}
	kind := kindDocs[def.Kind]
	what := kind.article + " " + kind.noun
	if name != def.Name {
		what = "the " + kind.noun + " " + def.Name
	}
	text := fmt.Sprintf("%s is %s of the %s service, ", name, what, b.service.Name)
	op, others := b.coverage.example(def.Name)
	switch {
	case op == nil:
		return text + "not selected by default."
	case others > 0:
		return fmt.Sprintf("%s%s [Service.%s] and %d more.", text, kind.use, op.Go, others)
	}
	return fmt.Sprintf("%s%s [Service.%s].", text, kind.use, op.Go)
}

// firstSentence returns the first sentence of a description after the Go name that it describes, or
// "" if there is no description.
func firstSentence(name, description string) string {
	text := strings.Join(strings.Fields(description), " ")
	if text == "" {
		return ""
	}
	text, _, _ = strings.Cut(text, ". ")
	text = strings.TrimSuffix(text, ".") + "."
	if strings.HasPrefix(text, name+" ") {
		return text
	}
	return name + ": " + text
}

// fieldDoc returns the line about a field of an output: whether it is deprecated, and how to select
// it if the default selections omit it.
func (b *builder) fieldDoc(name string, def *ast.Definition, field *ast.FieldDefinition) string {
	text := deprecation(field.Directives, def.Fields)
	all, selected := b.coverage.objects[def.Name], b.coverage.selected[field]
	const use = "; use " + selectionFunc + "."
	switch {
	case all == selected: // both are 0 if the line of the type reports it
		return text
	case text != "":
		return text + " Not selected by default" + use
	case b.selector.leavesOut(field) != "":
		return name + " is not selected by default: " + b.selector.leavesOut(field) + use
	case selected == 0:
		return name + " is recursive and not selected by default" + use
	}
	return name + " is recursive and not always selected by default" + use
}

// deprecation returns the replacement of a deprecated field or enum value, by its Go name if it is
// a sibling.
func deprecation(directives ast.DirectiveList, siblings ast.FieldList) string {
	directive := directives.ForName("deprecated")
	if directive == nil {
		return ""
	}
	reason := directive.Arguments.ForName("reason")
	if reason == nil {
		return "Deprecated: no replacement is known."
	}
	text := strings.Join(strings.Fields(strings.TrimSuffix(reason.Value.Raw, ".")), " ")
	if use, ok := strings.CutPrefix(text, "Use "); ok {
		text = "use " + goPath(use, siblings)
	}
	return "Deprecated: " + text + "."
}

// goPath returns the path of a field ("user.ID") with Go names if it begins with a sibling.
func goPath(path string, siblings ast.FieldList) string {
	parts := strings.Split(path, ".")
	for _, field := range siblings {
		if goName(field.Name) != goName(parts[0]) {
			continue
		}
		for i, part := range parts {
			parts[i] = goName(part)
		}
		break
	}
	return strings.Join(parts, ".")
}

// nullExample returns an example of NullFields with types of the service, or "" if it has no input
// with an optional field.
func nullExample(m *model) string {
	var current, deprecated []*goType
	for _, op := range m.Operations {
		switch {
		case op.Args == nil:
		case op.Deprecated == "":
			current = append(current, op.Args)
		default:
			deprecated = append(deprecated, op.Args)
		}
	}
	for _, t := range slices.Concat(current, m.Types, deprecated) {
		for _, f := range t.Fields {
			if f.Optional {
				return fmt.Sprintf("%s.%s{NullFields: []string{%q}}", m.Package, t.Go, f.Wire)
			}
		}
	}
	return ""
}
