// Package catalog finds services, operations and types of Taegis and of its successor, fusion. Use
// it if a program receives their names at run time or searches for them. The package links every
// service, and parses a schema when it is first used. A program that knows the service imports that
// service's package instead.
package catalog

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

//go:generate go -C ../../tools run ./generate

// Services returns the wire names of the services of these platforms, sorted; without platforms, of
// all. The names of the services of fusion begin with "fusion/".
func Services(platforms ...core.Platform) []string {
	return slices.DeleteFunc(slices.Clone(everyService), func(name string) bool {
		return len(platforms) > 0 && !slices.Contains(platforms, operations(name)[0].Platform)
	})
}

// Operations returns the descriptions of a service's operations, by its wire name with or without
// the underscores: "alerts_history" or "alertshistory", "fusion/threat_timeline" or
// "fusion/threattimeline". An unknown name returns an
// [*UnknownServiceError].
func Operations(service string) ([]*core.Operation, error) {
	if list := operations(cmp.Or(otherNames[service], service)); list != nil {
		return list, nil
	}
	return nil, &UnknownServiceError{Name: service, Similar: similar(service, Services())}
}

// Operation returns the description of an operation by its wire name, for example "createClient" or
// "clients.createClient". A name without its service is that of an operation of fusion only if
// Taegis has none of that name. If an operation exists as a query and as a subscription, kinds
// selects one; without kinds, any kind matches.
//
// It returns an [*UnknownServiceError], an [*UnknownOperationError], or an [*AmbiguousError] if
// several operations have the name.
func Operation(name string, kinds ...core.OperationKind) (*core.Operation, error) {
	if service, plain, qualified := strings.Cut(name, "."); qualified {
		list, err := Operations(service)
		if err != nil {
			return nil, err
		}
		return choose(list, service, plain, kinds)
	}
	op, err := choose(everyOperation(core.PlatformTaegis), "", name, kinds)
	if _, unknown := errors.AsType[*UnknownOperationError](err); unknown {
		return choose(everyOperation(), "", name, kinds)
	}
	return op, err
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

// everyOperation returns the operations of these platforms; without platforms, all.
func everyOperation(platforms ...core.Platform) []*core.Operation {
	var all []*core.Operation
	for _, service := range Services(platforms...) {
		all = append(all, operations(service)...)
	}
	return all
}
