package emulator

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Drift makes the schema of every gateway differ from the SDK's schema, as in regions that run
// other versions. A zero Drift does not change the schema.
type Drift struct {
	// Seed selects random changes of types, fields, arguments and enum values. Equal seeds select
	// equal changes; zero selects none. Every changed schema is valid, and no optional argument
	// becomes required.
	Seed uint64
	// NoIntrospection removes __schema and __type from the schema, so that a query for them is
	// invalid. [Config].NoIntrospection keeps them and returns an error.
	NoIntrospection bool
	// NoIncludeDeprecated removes the argument includeDeprecated from all fields of introspection.
	NoIncludeDeprecated bool
	// Status is the HTTP status of the response to an invalid document. Zero selects 422.
	Status int
}

// ofSchema returns the drift without the fields that do not change the schema.
func (d Drift) ofSchema() Drift {
	d.Status = 0
	return d
}

// origins maps changed definitions to their originals. Unchanged definitions have no entry.
type origins struct {
	fields    map[*ast.FieldDefinition]origin
	arguments map[*ast.ArgumentDefinition]string // their original names
	types     map[string]string                  // the new names by the original ones
}

// origin is the original of a field.
type origin struct {
	name     string
	reshaped bool // an object became a scalar, or a scalar an object
}

// before returns the original of a field, and its arguments by their original names.
func (o origins) before(f graphql.CollectedField, variables map[string]any) (origin, map[string]any) {
	args := f.ArgumentMap(variables)
	for _, a := range f.Definition.Arguments {
		value, given := args[a.Name]
		if name, drifted := o.arguments[a]; drifted && given {
			delete(args, a.Name)
			args[name] = value
		}
	}
	if was, drifted := o.fields[f.Definition]; drifted {
		return was, args
	}
	return origin{name: f.Name}, args
}

// typeName returns the new name of a type.
func (o origins) typeName(before string) string { return cmp.Or(o.types[before], before) }

// enumValue returns the text, or the first value of an enum that has lost the value.
func (s *gatewaySchema) enumValue(t *ast.Type, text string) string {
	if s.fields == nil { // no drift
		return text
	}
	def := s.Types[t.NamedType]
	if def != nil && def.Kind == ast.Enum && def.EnumValues.ForName(text) == nil {
		return def.EnumValues[0].Name
	}
	return text
}

// drifter changes the definitions of one gateway.
type drifter struct {
	seed    uint64
	gateway string
	defs    ast.DefinitionList // without those of the specification, sorted by name
	byName  map[string]*ast.Definition
	objects []string // the types that can replace a scalar
	was     origins
}

// drift changes the definitions of a document at random.
func drift(doc *ast.SchemaDocument, seed uint64, gateway string) origins {
	d := &drifter{seed: seed, gateway: gateway, byName: map[string]*ast.Definition{}}
	d.was = origins{map[*ast.FieldDefinition]origin{}, map[*ast.ArgumentDefinition]string{}, map[string]string{}}
	doc.Definitions = slices.DeleteFunc(doc.Definitions, func(def *ast.Definition) bool {
		d.byName[def.Name] = def
		if !def.BuiltIn {
			d.defs = append(d.defs, def)
		}
		return !def.BuiltIn
	})
	slices.SortFunc(d.defs, func(a, b *ast.Definition) int { return cmp.Compare(a.Name, b.Name) })
	d.removeTypes()
	for _, def := range d.defs {
		if def.Kind == ast.Object && !isRoot(def) {
			d.objects = append(d.objects, def.Name)
		}
	}
	for _, def := range d.defs {
		d.changeMembers(def)
	}
	d.renameTypes()
	doc.Definitions = slices.Concat(doc.Definitions, d.defs, d.newScalars())
	return d.was
}

// random returns the source of random numbers for one definition. It depends on the definition's
// name only, so that the order of the changes does not matter.
func (d *drifter) random(path ...string) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%q %q", d.gateway, path) // a hash accepts all input
	return rand.New(rand.NewPCG(d.seed, h.Sum64())) //nolint:gosec // must be predictable
}

// change is a change of a definition.
type change int

const (
	unchanged change = iota
	removed
	renamed
	retyped     // to another scalar
	reshaped    // from an object to a scalar, or from a scalar to an object
	requalified // nullable instead of required, or the reverse
)

// odds holds the probability of each change, per mille.
type odds [requalified + 1]int

// With these odds most operations change somewhere, and most of each operation stays as it is.
var (
	ofOperations  = odds{removed: 5, renamed: 5}
	ofFields      = odds{removed: 35, renamed: 25, retyped: 50, reshaped: 10}
	ofNewerTwins  = odds{removed: 200, renamed: 20, retyped: 40}
	ofOlderTwins  = odds{} // a caller can fall back to these
	ofArguments   = odds{removed: 40, renamed: 40, retyped: 90, requalified: 40}
	ofInputFields = odds{removed: 30, renamed: 25, retyped: 60, requalified: 40}
	ofValues      = odds{removed: 30, renamed: 25}
	ofMembers     = odds{removed: 80}
	ofTypes       = map[ast.DefinitionKind]odds{
		ast.Object:      {removed: 25, renamed: 35},
		ast.InputObject: {renamed: 50},
		ast.Enum:        {renamed: 50},
	}
)

func (o odds) draw(rng *rand.Rand) change {
	n := rng.IntN(1000)
	for f, chance := range o {
		if n -= chance; n < 0 {
			return change(f)
		}
	}
	return unchanged
}

// isRoot reports whether the fields of the type are operations.
func isRoot(def *ast.Definition) bool { return def.OneOf("Query", "Mutation", "Subscription") }
