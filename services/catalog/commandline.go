package catalog

import (
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// CommandLine returns a shell command that calls an operation of the SDK with the program `taegis`;
// see [Schema.CommandLine]. It returns "" for any other operation.
func CommandLine(op *core.Operation) string {
	s, err := SchemaFor(op.Service)
	if err != nil {
		return ""
	}
	return s.CommandLine(op)
}

// CommandLine returns a shell command that calls an operation with the program `taegis`. Each
// required argument has a placeholder: NAME for a text, a value for an enum, and JSON with the
// required fields for an input. An input without required fields has its first few fields. The
// command for an operation that no service of the SDK has is `taegis api`. For an operation that
// the schema does not have, CommandLine returns "".
func (s *Schema) CommandLine(op *core.Operation) string {
	root := s.root(op.Kind, op.Name)
	if root == nil {
		return ""
	}
	var required ast.ArgumentDefinitionList
	for _, a := range root.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil {
			required = append(required, a)
		}
	}
	words, flag := callWords(op), "--arg"
	if words == nil {
		words, flag = []string{"taegis", "api", document(op, required, s.isComposite(root.Type)), "--gateway", gatewayOf(op)}, "--var"
	}
	for _, a := range required {
		words = append(words, flag, s.placeholder(a.Name, a.Type))
	}
	for i, word := range words {
		words[i] = quote(word)
	}
	return strings.Join(words, " ")
}

// callWords returns the words of a command that calls an operation of the SDK, or nil if the SDK
// does not have it.
func callWords(op *core.Operation) []string {
	words := []string{"taegis", "call", op.Service, op.Name}
	if op.Platform == core.PlatformFusion {
		words = append(words, "--environment", "fusion")
	}
	name := op.Service + "." + op.Name
	if _, err := Operation(name, op.Kind); err != nil {
		return nil
	}
	if _, err := Operation(name); err != nil { // an operation of another kind has the same name
		words = append(words, "--kind", string(op.Kind))
	}
	return words
}

// document returns the shortest document that calls an operation with these arguments.
func document(op *core.Operation, arguments ast.ArgumentDefinitionList, composite bool) string {
	var variables, values []string
	for _, a := range arguments {
		variables = append(variables, "$"+a.Name+": "+a.Type.String())
		values = append(values, a.Name+": $"+a.Name)
	}
	text := string(op.Kind)
	if len(variables) > 0 {
		text += " (" + strings.Join(variables, ", ") + ")"
	}
	text += " { " + op.Name
	if len(values) > 0 {
		text += "(" + strings.Join(values, ", ") + ")"
	}
	if composite {
		text += " { __typename }"
	}
	return text + " }"
}

func (s *Schema) isComposite(t *ast.Type) bool {
	def := s.types.Types[t.Name()]
	return def != nil && def.IsCompositeType()
}

// plain matches the words that need no quotes in any shell.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)

// quote quotes a word for a POSIX shell if necessary.
func quote(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
