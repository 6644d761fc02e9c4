package catalog

import (
	"fmt"
	"slices"
	"strings"

	spelling "github.com/vektah/gqlparser/v2/validator/core"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/introspection"
)

// UnknownServiceError is returned for an unknown name of a service.
type UnknownServiceError struct {
	Name    string
	Similar []string // services with similar names, the most similar first
}

func (e *UnknownServiceError) Error() string {
	return fmt.Sprintf("unknown service %q", e.Name) + didYouMean(e.Similar)
}

// UnknownOperationError is returned for an unknown name of an operation.
type UnknownOperationError struct {
	Service string // the searched service; empty for all services
	Name    string
	Similar []string // operations with similar names, the most similar first
}

func (e *UnknownOperationError) Error() string {
	where := "no service has an operation"
	if e.Service != "" {
		where = "service " + e.Service + " has no operation"
	}
	return fmt.Sprintf("%s %q", where, e.Name) + didYouMean(e.Similar)
}

// AmbiguousError is returned for a name that several operations have.
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

// UnknownTypeError is returned for an unknown name of a type.
type UnknownTypeError struct {
	Service string // the searched service; empty for all services
	Name    string
	Similar []string // types with similar names, the most similar first
}

func (e *UnknownTypeError) Error() string {
	where := "no service has a type"
	if e.Service != "" {
		where = "service " + e.Service + " has no type"
	}
	return fmt.Sprintf("%s %q", where, e.Name) + didYouMean(e.Similar)
}

// AmbiguousTypeError is returned for a type's name that several services have. Their types may differ,
// because a service has only the parts that its operations need.
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
	maxSimilar   = 3 // maximum number of suggestions in an error
	shortestPart = 3 // minimum length of a name that is searched in others
)

// similar returns the names with a similar spelling. If there are none, it returns the names that
// contain the given one or are part of it, ignoring case.
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

// either joins names with commas and "or".
func either(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
