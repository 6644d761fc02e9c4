package drift

import (
	"cmp"
	"maps"
	"slices"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
)

// adaptation holds the changes that make an operation valid for a server. The zero value changes
// nothing.
type adaptation struct {
	// Field replaces the operation's root field. Empty keeps it.
	Field string `json:"field,omitempty"`
	// Selection replaces the operation's selection. Empty keeps it.
	Selection string `json:"selection,omitempty"`
	// Types are the server's types of arguments that it declares differently, by the argument's
	// name.
	Types map[string]string `json:"types,omitempty"`
	// Literals is set if the values of all settled arguments are written into the document.
	Literals bool `json:"literals,omitempty"`
	// Omitted and Renamed are those of [core.Adaptation].
	Omitted []string `json:"omitted,omitempty"`
	Renamed []string `json:"renamed,omitempty"`
}

// equal reports whether both result in the same document.
func (r *adaptation) equal(other *adaptation) bool {
	return r.Field == other.Field && r.Selection == other.Selection &&
		r.Literals == other.Literals && maps.Equal(r.Types, other.Types)
}

// apply returns a copy of the operation with the changes.
func (r *adaptation) apply(op *core.Operation) *core.Operation {
	adapted := *op
	adapted.Field = cmp.Or(r.Field, op.Field)
	adapted.Selection = cmp.Or(r.Selection, op.Selection)
	adapted.Arguments = slices.Clone(op.Arguments)
	for i, a := range adapted.Arguments {
		adapted.Arguments[i].Type = cmp.Or(r.Types[a.Name], a.Type)
		if r.Types[a.Name] != "" {
			adapted.Arguments[i].Settled = ""
		}
		if r.Literals && canBeLiteral(a) {
			adapted.Arguments[i].Inline = true
		}
	}
	return &adapted
}

// canBeLiteral reports whether an argument's value may be a part of the document: a literal of a
// scalar is valid for more types than a variable. The document is logged, so a secret may not.
func canBeLiteral(a core.Argument) bool { return a.Settled != "" && !redact.Name(a.Name) }

// report returns the description for the caller.
func (r *adaptation) report(op *core.Operation, host string) core.Adaptation {
	report := core.Adaptation{Operation: op.Name, Host: host, Omitted: r.Omitted, Renamed: r.Renamed}
	for _, name := range slices.Sorted(maps.Keys(r.Types)) {
		report.Retyped = append(report.Retyped, name+": "+r.Types[name])
	}
	for _, a := range op.Arguments {
		if r.Literals && canBeLiteral(a) {
			report.Retyped = append(report.Retyped, a.Name+": literal")
		}
	}
	return report
}
