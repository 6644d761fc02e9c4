package catalog

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// Description is all that is to be said about an operation.
type Description struct {
	Service     string             `json:"service,omitempty"`
	Name        string             `json:"name"`
	Kind        core.OperationKind `json:"kind"`
	Gateway     string             `json:"gateway"`
	Host        core.Host          `json:"base,omitempty"`
	Description string             `json:"description,omitempty"`
	Arguments   []Field            `json:"arguments,omitempty"`
	// Inputs are the inputs and enums that the arguments are of.
	Inputs []*Type `json:"inputs,omitempty"`
	// Result is the type of the result as GraphQL writes it, such as "[Client]".
	Result string `json:"result"`
	// ResultType is the result's type without its marks.
	ResultType *Type `json:"resultType,omitempty"`
	// Selection is what a call asks for unless it says otherwise; empty for a plain value.
	Selection string `json:"selection,omitempty"`
	// Deprecated says what replaces a deprecated operation; empty for all others.
	Deprecated string `json:"deprecated,omitempty"`
	// CommandLine is a line of the command line that calls the operation; see [Schema.CommandLine].
	CommandLine string `json:"usage"`
}

// Describe returns what the schema says about an operation of it. An operation that the schema
// does not have gives an [*UnknownOperationError].
func (s *Schema) Describe(op *core.Operation) (*Description, error) {
	root := s.root(op.Kind, op.Name)
	if root == nil {
		return nil, &UnknownOperationError{Service: s.service, Name: op.Name}
	}
	d := &Description{
		Service: op.Service, Name: op.Name, Kind: op.Kind, Gateway: gatewayOf(op),
		Host: op.Host, Description: root.Description, Arguments: describeArguments(root.Arguments),
		Result: root.Type.String(), Selection: op.Selection, Deprecated: op.Deprecated, CommandLine: s.CommandLine(op),
	}
	for _, a := range root.Arguments {
		def := s.types.Types[a.Type.Name()]
		if def != nil && (def.Kind == ast.InputObject || def.Kind == ast.Enum) && !slices.ContainsFunc(d.Inputs, func(t *Type) bool { return t.Name == def.Name }) {
			d.Inputs = append(d.Inputs, s.describeType(def))
		}
	}
	if def := s.types.Types[root.Type.Name()]; def != nil && !def.BuiltIn {
		d.ResultType = s.describeType(def)
	}
	return d, nil
}
