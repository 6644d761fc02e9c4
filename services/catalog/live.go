package catalog

import (
	"context"
	"errors"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/introspection"
	"github.com/taegis-go/taegis/ports"
)

// FetchSchema returns the schema of a service, which it fetches from the service's gateway by
// introspection. The transport, for example a client, selects the environment and the account.
//
// Several services can share a gateway. The schema contains the operations of the gateway that the
// SDK assigns to the service, and those that also names. [Schema.UnknownOperations] returns the
// other new operations of the gateway.
//
// FetchSchema returns an [*UnknownServiceError], an [*UnknownOperationError] for a name of also
// that the gateway does not have, an [*UnavailableError], or an error of the transport.
func FetchSchema(ctx context.Context, t ports.Transport, service string, also ...string) (*Schema, error) {
	known, err := Operations(service)
	if err != nil {
		return nil, err
	}
	home := known[0]
	g, err := fetch(ctx, t, &core.Operation{Service: home.Service, Platform: home.Platform, Gateway: home.Gateway, Host: home.Host})
	if err != nil {
		return nil, err
	}
	s := &Schema{service: home.Service}
	for _, f := range g.fields() {
		claims := g.claims[claim{f.kind, f.def.Name}]
		own := slices.IndexFunc(claims, func(op *core.Operation) bool { return op.Service == home.Service })
		switch named := slices.Contains(also, f.def.Name); {
		case own >= 0:
			s.operations = append(s.operations, g.operation(f, claims[own]))
		case named, len(claims) == 0 && len(g.services) == 1:
			s.operations = append(s.operations, g.operation(f, &core.Operation{Service: home.Service}))
		case len(claims) == 0:
			s.unknown = append(s.unknown, f.def.Name)
		}
	}
	for _, name := range also {
		if !slices.ContainsFunc(s.operations, func(op *core.Operation) bool { return op.Name == name }) {
			return nil, &UnknownOperationError{Service: home.Service, Name: name, Similar: similar(name, s.unknown)}
		}
	}
	s.types = prune(g.types, s.operations, nil)
	foreign, err := g.foreign(home.Service)
	if err != nil {
		return nil, err
	}
	s.sdl = func() string { return introspection.Print(prune(g.types, s.operations, foreign)) }
	return s, nil
}

// FetchGatewaySchema returns the whole schema of a gateway, for example "/graphql", of the platform
// of the transport's environment. Its errors are those of [FetchSchema]. Operations name their
// service if the SDK knows it.
func FetchGatewaySchema(ctx context.Context, t ports.Transport, platform core.Platform, gateway string, host core.Host) (*Schema, error) {
	g, err := fetch(ctx, t, &core.Operation{Platform: platform, Gateway: gateway, Host: host})
	if err != nil {
		return nil, err
	}
	s := &Schema{types: g.types, sdl: func() string { return introspection.Print(g.types) }}
	for _, f := range g.fields() {
		claims := g.claims[claim{f.kind, f.def.Name}]
		if len(claims) == 0 {
			s.unknown = append(s.unknown, f.def.Name)
			claims = []*core.Operation{{}}
		}
		for _, op := range claims {
			s.operations = append(s.operations, g.operation(f, op))
		}
	}
	return s, nil
}

// gateway is a gateway's schema, together with the operations that the SDK knows there.
type gateway struct {
	path     string
	host     core.Host
	platform core.Platform
	types    *ast.Schema
	services []string
	claims   map[claim][]*core.Operation // the operations of the SDK's services there
}

type claim struct {
	kind core.OperationKind
	name string
}

// fetch asks for the schema of the gateway that at describes.
func fetch(ctx context.Context, t ports.Transport, at *core.Operation) (*gateway, error) {
	path := gatewayOf(at)
	at.Gateway = path
	types, err := introspection.Fetch(ctx, t, &core.Request{Operation: at})
	if unavailable, ok := errors.AsType[*introspection.UnavailableError](err); ok {
		return nil, (*UnavailableError)(unavailable)
	}
	if err != nil {
		return nil, err
	}
	g := &gateway{
		path: path, host: at.Host, platform: at.Platform, types: types,
		services: ServicesAt(at.Platform, path, at.Host), claims: map[claim][]*core.Operation{},
	}
	for _, service := range g.services {
		for _, op := range operations(service) {
			key := claim{op.Kind, op.Name}
			g.claims[key] = append(g.claims[key], op)
		}
	}
	return g, nil
}

// ServicesAt returns the wire names of the services of a platform's gateway, sorted.
func ServicesAt(platform core.Platform, gateway string, host core.Host) []string {
	var names []string
	for _, service := range Services(platform) {
		op := operations(service)[0]
		if gatewayOf(op) == gateway && op.Host == host {
			names = append(names, service)
		}
	}
	return names
}

// rootField is the gateway's declaration of an operation.
type rootField struct {
	kind core.OperationKind
	def  *ast.FieldDefinition
}

// fields returns the gateway's operations.
func (g *gateway) fields() []rootField {
	var all []rootField
	for _, kind := range kinds {
		if root := rootType(g.types, kind); root != nil {
			for _, def := range root.Fields {
				all = append(all, rootField{kind, def})
			}
		}
	}
	return all
}

// foreign reports the parts that a service's SDL omits: the fields and members of its types that
// the SDK knows from other services of the gateway only. They refer to types of those services,
// which would make default selections very large.
func (g *gateway) foreign(service string) (func(def *ast.Definition, part string) bool, error) {
	own, err := SchemaFor(service)
	if err != nil {
		return nil, err
	}
	others := map[claimedPart]bool{}
	for _, name := range g.services {
		other, err := SchemaFor(name)
		if err != nil {
			return nil, err
		}
		for _, def := range other.types.Types {
			for _, f := range def.Fields {
				others[claimedPart{def.Name, f.Name}] = true
			}
			for _, name := range slices.Concat(def.Types, valuesOf(def)) {
				others[claimedPart{def.Name, name}] = true
			}
		}
	}
	return func(def *ast.Definition, part string) bool {
		known := own.types.Types[def.Name]
		return known != nil && others[claimedPart{def.Name, part}] &&
			known.Fields.ForName(part) == nil && !slices.Contains(known.Types, part)
	}, nil
}

func valuesOf(def *ast.Definition) (names []string) {
	for _, v := range def.EnumValues {
		names = append(names, v.Name)
	}
	return names
}

// claimedPart is a field, a value or a member of a type.
type claimedPart struct{ typ, name string }

// operation describes an operation by the gateway's current declaration. Other parts, for example
// the default selection, come from the SDK's description.
func (g *gateway) operation(f rootField, known *core.Operation) *core.Operation {
	op := &core.Operation{
		Service: known.Service, Name: f.def.Name, Kind: f.kind, Platform: g.platform, Gateway: g.path, Host: g.host,
		Selection: known.Selection, DeprecatedAliases: known.DeprecatedAliases, Deprecated: deprecation(f.def.Directives),
	}
	if known.Deprecated != "" && op.Deprecated != "" {
		op.Deprecated = known.Deprecated // it names the service of the replacement
	}
	if def := g.types.Types[f.def.Type.Name()]; op.Selection == "" && def != nil && def.IsCompositeType() {
		op.Selection = "{ __typename }"
	}
	for _, a := range f.def.Arguments {
		op.Arguments = append(op.Arguments, core.Argument{Name: a.Name, Type: a.Type.String()})
	}
	return op
}
