package catalog

import (
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// CommandLine returns a line for a shell that calls an operation of the SDK by the command line `taegis`;
// see [Schema.CommandLine]. Any other operation gives "".
func CommandLine(op *core.Operation) string {
	s, err := SchemaFor(op.Service)
	if err != nil {
		return ""
	}
	return s.CommandLine(op)
}

// CommandLine returns a line for a shell that calls an operation by the command line `taegis`, with a
// placeholder of the right shape for each required argument: NAME for a text, a value of the enum,
// JSON with the required fields of an input. Of an input that marks none as required it has the
// first few, to show the shape. An operation that no service of the SDK has is sent by `taegis
// api`; one that the schema does not have gives "".
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

// callWords are the words that call an operation of the SDK, nil for one that it does not have.
func callWords(op *core.Operation) []string {
	words := []string{"taegis", "call", op.Service, op.Name}
	name := op.Service + "." + op.Name
	if _, err := Operation(name, op.Kind); err != nil {
		return nil
	}
	if _, err := Operation(name); err != nil { // there is another kind of that name
		words = append(words, "--kind", string(op.Kind))
	}
	return words
}

// document is the shortest that calls an operation with these arguments.
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

// plain are the words that no shell reads as anything else.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)

// quote quotes a word for a POSIX shell, where it needs it.
func quote(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
