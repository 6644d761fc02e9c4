// Package catalog finds services, operations and types of Taegis. Use it if a program receives their
// names at run time or searches for them. The package links every service, and parses a schema when
// it is first used. A program that knows the service imports that service's package instead.
package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

//go:generate go -C ../../tools run ./generate

// Operations returns the descriptions of a service's operations, by its wire name with or without
// the underscores: "alerts_history" or "alertshistory". An unknown name returns an
// [*UnknownServiceError].
func Operations(service string) ([]*core.Operation, error) {
	if list := operations(service); list != nil {
		return list, nil
	}
	return nil, &UnknownServiceError{Name: service, Similar: similar(service, Services())}
}

// Operation returns the description of an operation by its wire name, for example "createClient" or
// "clients.createClient". If an operation exists as a query and as a subscription, kinds selects one;
// without kinds, any kind matches.
//
// It returns an [*UnknownServiceError], an [*UnknownOperationError], or an [*AmbiguousError] if
// several operations have the name.
func Operation(name string, kinds ...core.OperationKind) (*core.Operation, error) {
	var candidates []*core.Operation
	service, plain, qualified := strings.Cut(name, ".")
	if qualified {
		list, err := Operations(service)
		if err != nil {
			return nil, err
		}
		candidates = list
	} else {
		service, plain, candidates = "", name, everyOperation()
	}
	return choose(candidates, service, plain, kinds)
}

// choose returns the only candidate with that name and one of the kinds.
func choose(candidates []*core.Operation, service, name string, kinds []core.OperationKind) (*core.Operation, error) {
	var found []*core.Operation
	var names []string
	for _, op := range candidates {
		if op.Name == name && (len(kinds) == 0 || slices.Contains(kinds, op.Kind)) {
			found = append(found, op)
		}
		names = append(names, op.Name)
	}
	switch len(found) {
	case 0:
		return nil, &UnknownOperationError{Service: service, Name: name, Similar: similar(name, names)}
	case 1:
		return found[0], nil
	}
	return nil, &AmbiguousError{Name: name, Candidates: found}
}

// gatewayOf returns the path of an operation's gateway below the base URL, for example "/graphql".
func gatewayOf(op *core.Operation) string { return cmp.Or(op.Gateway, core.DefaultGateway) }

// kinds are the kinds of operations in the order of schemas.
var kinds = []core.OperationKind{core.KindQuery, core.KindMutation, core.KindSubscription}

func everyOperation() []*core.Operation {
	var all []*core.Operation
	for _, service := range Services() {
		all = append(all, operations(service)...)
	}
	return all
}
