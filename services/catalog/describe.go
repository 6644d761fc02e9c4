package catalog

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// Description describes an operation: its arguments, its result and how to call it.
type Description struct {
	Service     string             `json:"service,omitempty"`
	Name        string             `json:"name"`
	Kind        core.OperationKind `json:"kind"`
	Gateway     string             `json:"gateway"`
	Host        core.Host          `json:"host,omitempty"`
	Description string             `json:"description,omitempty"`
	Arguments   []Field            `json:"arguments,omitempty"`
	// Inputs are the inputs and enums of the arguments' types.
	Inputs []*Type `json:"inputs,omitempty"`
	// Result is the type of the result in GraphQL notation, for example "[Client]".
	Result string `json:"result"`
	// ResultType is the result's type without lists and non-null marks. Nil for a scalar.
	ResultType *Type `json:"resultType,omitempty"`
	// Selection is the default selection of a call. Empty for a scalar or an enum.
	Selection string `json:"selection,omitempty"`
	// Deprecated names the replacement of a deprecated operation. Empty for all others.
	Deprecated string `json:"deprecated,omitempty"`
	// CommandLine is a shell command that calls the operation; see [Schema.CommandLine].
	CommandLine string `json:"commandLine"`
}

// Describe describes an operation of the schema. An operation that the schema does not have returns
// an [*UnknownOperationError].
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
