package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Facts compare the schemas of gateways with those of the SDK. They contain names and types of the
// schemas only: no value, no description, no host, and nothing about a tenant or an account.
type Facts struct {
	Gateways []GatewayFacts `json:"gateways"`
	Services []ServiceFacts `json:"services"`
}

// GatewayFacts are the facts about one gateway.
type GatewayFacts struct {
	Gateway string    `json:"gateway"` // the path below the base URL
	Host    core.Host `json:"host,omitempty"`
	// Operations is the number of operations in the gateway's schema.
	Operations int `json:"operations"`
	// New are the operations that no service of the SDK has, for example "Mutation.suspendClient".
	New []string `json:"new,omitempty"`
	// Unavailable is set if the gateway did not return its schema. Err is its answer.
	Unavailable bool  `json:"unavailable,omitempty"`
	Err         error `json:"-"`
}

// ServiceFacts are the facts about one service. Names have the forms "Query.client",
// "Query.client(id)", "Client", and "Client.name" for a field, a value or a member.
type ServiceFacts struct {
	Service string `json:"service"`
	// Missing are the names that the SDK has and the gateway does not.
	Missing []string `json:"missing,omitempty"`
	// New are the names that the gateway has, the SDK does not, and no other service of the gateway
	// has in the SDK.
	New []string `json:"new,omitempty"`
	// Arguments and InputFields are those with a type that was uncertain or settled, and those with
	// another type than in the SDK.
	Arguments   []TypeFact `json:"arguments,omitempty"`
	InputFields []TypeFact `json:"inputFields,omitempty"`
	// Results are the types of results and of their fields that differ from the SDK's. For services
	// of Taegis these are other forms only, for example a list or a number in place of a text.
	Results []TypeFact `json:"results,omitempty"`
}

// Basis is how certain the SDK was of a type.
type Basis string

// The three bases.
const (
	BasisCertain   Basis = "certain"   // as in the SDL
	BasisSettled   Basis = "settled"   // public clients declare it, or the vendor published it
	BasisUncertain Basis = "uncertain" // only its form is known
)

// TypeFact is the gateway's type of an argument, a field or a result.
type TypeFact struct {
	// On is "Query.client" for an argument, the name of the type for a field, and "Query" for the
	// result of an operation.
	On   string `json:"on"`
	Name string `json:"name"`
	// Type is the gateway's type in GraphQL notation, and Assumed that of the SDK.
	Type    string `json:"type"`
	Assumed string `json:"assumed"`
	Basis   Basis  `json:"basis"`
}

// Differs reports whether the gateway has another type than the SDK assumed.
func (f TypeFact) Differs() bool { return f.Type != f.Assumed }

// FetchFacts fetches the schema of every gateway of a platform by introspection, and compares it with
// that of the SDK. t has to send to an environment of that platform. A gateway that answers, but not with its schema, is marked as unavailable. If
// all are, FetchFacts returns the error of the first, in most cases an [*UnavailableError]. Other
// errors are those of the transport.
func FetchFacts(ctx context.Context, t ports.Transport, platform core.Platform) (*Facts, error) {
	var facts Facts
	var failed error
	answered := false
	for _, at := range gateways(platform) {
		g, err := fetch(ctx, t, &core.Operation{Gateway: at.Gateway, Host: at.Host, Platform: platform})
		switch {
		case err == nil:
			answered = true
			services, err := g.compare()
			if err != nil {
				return nil, err
			}
			at.Operations, at.New = len(g.fields()), g.newOperations()
			facts.Services = append(facts.Services, services...)
		case isAnswer(err):
			at.Unavailable, at.Err = true, err
			failed = cmp.Or(failed, err)
		default:
			return nil, err
		}
		facts.Gateways = append(facts.Gateways, at)
	}
	if !answered {
		return nil, failed
	}
	slices.SortFunc(facts.Services, func(a, b ServiceFacts) int { return cmp.Compare(a.Service, b.Service) })
	return &facts, nil
}

// isAnswer reports whether a gateway answered, and accepted the token.
func isAnswer(err error) bool {
	_, answered := errors.AsType[*core.ResponseError](err)
	return answered && !errors.Is(err, core.ErrUnauthorized)
}

// gateways returns the gateways of all services of a platform, the default one first.
func gateways(platform core.Platform) (list []GatewayFacts) {
	for _, service := range Services(platform) {
		op := operations(service)[0]
		at := GatewayFacts{Gateway: gatewayOf(op), Host: op.Host}
		if !slices.ContainsFunc(list, func(g GatewayFacts) bool { return g.Gateway == at.Gateway && g.Host == at.Host }) {
			list = append(list, at)
		}
	}
	slices.SortStableFunc(list, func(a, b GatewayFacts) int {
		return cmp.Compare(rankOf(a.Gateway), rankOf(b.Gateway))
	})
	return list
}

func rankOf(gateway string) int {
	if gateway == core.DefaultGateway {
		return 0
	}
	return 1
}

// newOperations returns the gateway's operations that no service of the SDK has.
func (g *gateway) newOperations() (names []string) {
	for _, f := range g.fields() {
		if len(g.claims[claim{f.kind, f.def.Name}]) == 0 {
			names = append(names, rootNames[f.kind]+"."+f.def.Name)
		}
	}
	slices.Sort(names)
	return names
}

// compare compares the gateway's services with the SDK.
func (g *gateway) compare() (list []ServiceFacts, err error) {
	for _, service := range g.services {
		own, err := SchemaFor(service)
		if err != nil {
			return nil, err
		}
		c := comparison{live: g, own: own, facts: ServiceFacts{Service: service}}
		if c.marks, err = marksOf([]string{service}); err != nil {
			return nil, err
		}
		if c.foreign, err = g.foreign(service); err != nil {
			return nil, err
		}
		for _, op := range own.operations {
			c.operation(op)
		}
		for _, name := range own.Types() {
			c.definition(own.types.Types[name])
		}
		list = append(list, c.facts)
	}
	return list, nil
}

// comparison compares one service.
type comparison struct {
	live    *gateway
	own     *Schema
	marks   map[string]mark
	foreign func(def *ast.Definition, part string) bool
	facts   ServiceFacts
}

func (c *comparison) missing(name string) { c.facts.Missing = append(c.facts.Missing, name) }

func (c *comparison) added(name string) { c.facts.New = append(c.facts.New, name) }

func (c *comparison) operation(op *core.Operation) {
	on := rootNames[op.Kind] + "." + op.Name
	known := c.own.root(op.Kind, op.Name)
	var live *ast.FieldDefinition
	if root := rootType(c.live.types, op.Kind); root != nil {
		live = root.Fields.ForName(op.Name)
	}
	if live == nil {
		c.missing(on)
		return
	}
	c.compareResult(rootNames[op.Kind], op.Name, live.Type, known.Type)
	for _, a := range known.Arguments {
		if found := live.Arguments.ForName(a.Name); found == nil {
			c.missing(fmt.Sprintf("%s(%s)", on, a.Name))
		} else {
			c.compareType(&c.facts.Arguments, on, a.Name, found.Type, a.Type)
		}
	}
	for _, a := range live.Arguments {
		if known.Arguments.ForName(a.Name) == nil {
			c.added(fmt.Sprintf("%s(%s: %s)", on, a.Name, a.Type))
		}
	}
}

// definition compares a type with the one of the same name. Scalars are compared as the types of
// what has them: the SDL's names of scalars are conventions.
func (c *comparison) definition(known *ast.Definition) {
	if known.Kind == ast.Scalar {
		return
	}
	live := c.live.types.Types[known.Name]
	if live == nil || live.Kind != known.Kind {
		c.missing(known.Name)
		return
	}
	for _, f := range known.Fields {
		found := live.Fields.ForName(f.Name)
		switch {
		case found == nil:
			c.missing(known.Name + "." + f.Name)
		case known.Kind == ast.InputObject:
			c.compareType(&c.facts.InputFields, known.Name, f.Name, found.Type, f.Type)
		default:
			c.compareResult(known.Name, f.Name, found.Type, f.Type)
		}
	}
	have := partsOf(live)
	for _, name := range partsOf(known)[len(known.Fields):] { // values and members
		if !slices.Contains(have, name) {
			c.missing(known.Name + "." + name)
		}
	}
	for _, name := range have {
		if !slices.Contains(partsOf(known), name) && !c.foreign(live, name) {
			c.added(known.Name + "." + name)
		}
	}
}

// partsOf returns the names of the fields, then of the values, then of the members of a type.
func partsOf(def *ast.Definition) (names []string) {
	for _, f := range def.Fields {
		names = append(names, f.Name)
	}
	return slices.Concat(names, valuesOf(def), def.Types)
}

// compareType records a type that was not certain, or that differs.
func (c *comparison) compareType(list *[]TypeFact, on, name string, live, known *ast.Type) {
	m := c.marks[on+" "+name]
	f := TypeFact{On: on, Name: name, Type: live.String(), Assumed: cmp.Or(m.settled, known.String()), Basis: BasisCertain}
	switch {
	case m.settled != "":
		f.Basis = BasisSettled
	case m.uncertain:
		f.Basis = BasisUncertain
	}
	if f.Basis != BasisCertain || f.Differs() {
		*list = append(*list, f)
	}
}
