// Package catalog finds the operations of the generated services by their wire names. It is for
// callers that learn a name at run time; it links every service, and builds nothing before it is
// asked.
package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

//go:generate go -C ../../tools run ./generate

// UnknownServiceError is returned for a name that no generated service has.
type UnknownServiceError struct{ Name string }

func (e *UnknownServiceError) Error() string {
	return fmt.Sprintf("unknown service %q: use one of %s", e.Name, strings.Join(Services(), ", "))
}

// UnknownOperationError is returned for an operation that the service does not have.
type UnknownOperationError struct {
	Service, Name string
	// Similar are the service's operations whose names are alike, all of them where none is.
	Similar []string
}

func (e *UnknownOperationError) Error() string {
	return fmt.Sprintf("service %s has no operation %q: use one of %s", e.Service, e.Name, strings.Join(e.Similar, ", "))
}

// Operations returns the operations of a service by its wire name, with or without its
// underscores. Any other name gives an [*UnknownServiceError].
func Operations(service string) ([]*core.Operation, error) {
	if list := operations(service); list != nil {
		return list, nil
	}
	return nil, &UnknownServiceError{Name: service}
}

// Find returns an operation by the wire names of its service and of itself. It returns an
// [*UnknownServiceError] or an [*UnknownOperationError].
func Find(service, operation string) (*core.Operation, error) {
	list, err := Operations(service)
	if err != nil {
		return nil, err
	}
	var all, similar []string
	for _, op := range list {
		if op.Name == operation {
			return op, nil
		}
		all = append(all, op.Name)
		if alike(op.Name, operation) {
			similar = append(similar, op.Name)
		}
	}
	if len(similar) == 0 {
		similar = all
	}
	return nil, &UnknownOperationError{Service: service, Name: operation, Similar: slices.Sorted(slices.Values(similar))}
}

// alike reports whether one name holds the other, whatever their case.
func alike(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return b != "" && (strings.Contains(a, b) || strings.Contains(b, a))
}
