package catalog

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
)

// Description describes an operation: its arguments, its result and how to call it.
type Description struct {
	Service     string             `json:"service,omitempty"`
	Name        string             `json:"name"`
	Kind        core.OperationKind `json:"kind"`
	Gateway     string             `json:"gateway"`
	Host        core.Host          `json:"host,omitempty"`
	Platform    core.Platform      `json:"platform,omitempty"`
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
	// Paging says how the operation pages, for example "page-number, 500 rows a page (seen)". Empty
	// for an operation that does not page.
	Paging string `json:"paging,omitempty"`
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
		Host: op.Host, Platform: op.Platform, Description: root.Description, Arguments: describeArguments(root.Arguments),
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
	if s.own {
		if err := markUncertain(d, op); err != nil {
			return nil, err
		}
	}
	var err error
	d.Paging, err = pagingOf(op)
	return d, err
}

// pagingOf describes how an operation pages.
func pagingOf(op *core.Operation) (string, error) {
	plan, found, err := Paging(op)
	if err != nil || !found {
		return "", err
	}
	text := string(plan.Strategy)
	if plan.Default > 0 {
		text += fmt.Sprintf(", %d rows a page", plan.Default)
	}
	if plan.MaxPage > 0 {
		text += fmt.Sprintf(", at most %d", plan.MaxPage)
	}
	return text + " (" + plan.Certainty + ")", nil
}

// markUncertain marks the arguments with a scalar type that is not known for certain, and those
// that are sent with a settled type.
func markUncertain(d *Description, op *core.Operation) error {
	services, err := schema.Unsettled()
	if err != nil {
		return err
	}
	on := rootNames[d.Kind] + "." + d.Name
	for i := range d.Arguments {
		argument := &d.Arguments[i]
		argument.Uncertain = slices.ContainsFunc(services[d.Service].Arguments, func(p schema.Position) bool {
			return p.On == on && p.Name == argument.Name
		})
		for _, a := range op.Arguments {
			if a.Name == argument.Name && a.Settled != a.Type {
				argument.Settled = a.Settled
			}
		}
	}
	return nil
}

// rootNames are the names of the types with the operations.
var rootNames = map[core.OperationKind]string{
	core.KindQuery: "Query", core.KindMutation: "Mutation", core.KindSubscription: "Subscription",
}
