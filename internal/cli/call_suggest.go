package cli

import (
	"errors"
	"fmt"
	"strings"

	names "github.com/vektah/gqlparser/v2/validator/core"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/catalog"
)

// findOperation finds an operation of a service. Its errors say which names are alike.
func findOperation(service, operation string) (*core.Operation, error) {
	op, err := catalog.Find(service, operation)
	if _, ok := errors.AsType[*catalog.UnknownServiceError](err); ok {
		return nil, didYouMean(err, "unknown service", service, catalog.Services())
	}
	if _, ok := errors.AsType[*catalog.UnknownOperationError](err); ok {
		var all []string
		operations, _ := catalog.Operations(service) // the service is known
		for _, op := range operations {
			all = append(all, op.Name)
		}
		return nil, didYouMean(err, "service "+service+" has no operation", operation, all)
	}
	return op, err
}

// didYouMean names what is spelled much like the given name in place of all that err lists, which
// may be hundreds.
func didYouMean(err error, what, given string, all []string) error {
	similar := names.SuggestionList(given, all)
	if len(similar) == 0 {
		return err
	}
	return fmt.Errorf("%s %q: did you mean %s?", what, given, strings.Join(similar[:min(3, len(similar))], " or "))
}
