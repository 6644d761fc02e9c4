package drift

import (
	"cmp"
	"maps"
	"slices"

	"github.com/taegis-go/taegis/core"
)

// adaptation is what makes an operation fit a server. The zero value changes nothing.
type adaptation struct {
	// Selection replaces the operation's; empty leaves it.
	Selection string `json:"selection,omitempty"`
	// Types are the types of arguments that the server declares otherwise, by name.
	Types map[string]string `json:"types,omitempty"`
	// Cut and Renamed are those of [core.Adaptation].
	Cut     []string `json:"cut,omitempty"`
	Renamed []string `json:"renamed,omitempty"`
}

// equal reports whether both make the same document.
func (r *adaptation) equal(other *adaptation) bool {
	return r.Selection == other.Selection && maps.Equal(r.Types, other.Types)
}

// apply returns the operation as the server understands it.
func (r *adaptation) apply(op *core.Operation) *core.Operation {
	fit := *op
	fit.Selection = cmp.Or(r.Selection, op.Selection)
	fit.Arguments = slices.Clone(op.Arguments)
	for i, a := range fit.Arguments {
		fit.Arguments[i].Type = cmp.Or(r.Types[a.Name], a.Type)
	}
	return &fit
}

// report describes the repair to the caller.
func (r *adaptation) report(op *core.Operation, host string) core.Adaptation {
	told := core.Adaptation{Operation: op.Name, Host: host, Omitted: r.Cut, Renamed: r.Renamed}
	for _, name := range slices.Sorted(maps.Keys(r.Types)) {
		told.Retyped = append(told.Retyped, name+": "+r.Types[name])
	}
	return told
}
