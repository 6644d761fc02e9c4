package catalog

import (
	"fmt"
	"slices"
	"strings"

	spelling "github.com/vektah/gqlparser/v2/validator/core"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/introspection"
)

// UnknownServiceError is returned for a name that no service has.
type UnknownServiceError struct {
	Name    string
	Similar []string // services whose names are alike, the likeliest first
}

func (e *UnknownServiceError) Error() string {
	return fmt.Sprintf("unknown service %q", e.Name) + didYouMean(e.Similar)
}

// UnknownOperationError is returned for a name that no operation has.
type UnknownOperationError struct {
	Service string // where it was looked for; empty for everywhere
	Name    string
	Similar []string // operations whose names are alike, the likeliest first
}

func (e *UnknownOperationError) Error() string {
	where := "no service has an operation"
	if e.Service != "" {
		where = "service " + e.Service + " has no operation"
	}
	return fmt.Sprintf("%s %q", where, e.Name) + didYouMean(e.Similar)
}

// AmbiguousError is returned for the name of several operations.
type AmbiguousError struct {
	Name       string
	Candidates []*core.Operation
}

func (e *AmbiguousError) Error() string {
	var names, kinds []string
	for _, op := range e.Candidates {
		names = append(names, op.Service+"."+op.Name)
		kinds = append(kinds, string(op.Kind))
	}
	if slices.Sort(names); len(slices.Compact(names)) == 1 {
		return fmt.Sprintf("%s is there as %s: say which kind", names[0], strings.Join(kinds, " and as "))
	}
	return fmt.Sprintf("several services have an operation %q: use %s", e.Name, either(slices.Compact(names)))
}

// UnknownTypeError is returned for a name that no type has.
type UnknownTypeError struct {
	Service string // where it was looked for; empty for everywhere
	Name    string
	Similar []string // types whose names are alike, the likeliest first
}

func (e *UnknownTypeError) Error() string {
	where := "no service has a type"
	if e.Service != "" {
		where = "service " + e.Service + " has no type"
	}
	return fmt.Sprintf("%s %q", where, e.Name) + didYouMean(e.Similar)
}

// AmbiguousTypeError is returned for the name of types of several services. They may differ: a
// service has of a type what its operations need.
type AmbiguousTypeError struct {
	Name     string
	Services []string
}

func (e *AmbiguousTypeError) Error() string {
	var names []string
	for _, service := range e.Services {
		names = append(names, service+"."+e.Name)
	}
	return fmt.Sprintf("several services have a type %q: use %s", e.Name, either(names))
}

// UnavailableError is returned if a gateway responds without its schema, for example because
// introspection is disabled.
type UnavailableError struct {
	// Host is the gateway's host, with its port if it has one.
	Host string
	// Gateway is the path below the base URL, for example "/graphql".
	Gateway string
	// Err is the gateway's response, in most cases a [*core.ResponseError].
	Err error
}

func (e *UnavailableError) Error() string { return (*introspection.UnavailableError)(e).Error() }

// Unwrap returns the gateway's response.
func (e *UnavailableError) Unwrap() error { return e.Err }

const (
	maxSimilar   = 3 // names that an error proposes
	shortestPart = 3 // letters by which a name is recognised in another
)

// similar returns the names that are spelled much like the given one, else those that hold it or
// are held by it, whatever their case.
func similar(given string, names []string) []string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	alike := spelling.SuggestionList(given, names)
	if len(alike) == 0 && len(given) >= shortestPart {
		lower := strings.ToLower(given)
		for _, name := range names {
			if l := strings.ToLower(name); strings.Contains(l, lower) || strings.Contains(lower, l) {
				alike = append(alike, name)
			}
		}
	}
	return alike[:min(maxSimilar, len(alike))]
}

func didYouMean(similar []string) string {
	if len(similar) == 0 {
		return ""
	}
	return ": did you mean " + either(similar) + "?"
}

// either joins names as a choice.
func either(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
