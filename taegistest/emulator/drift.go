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

// Drift makes the schema of every gateway another version of itself, since regions run different
// ones. Its zero value leaves the schema as it is.
type Drift struct {
	// Seed selects random changes of types, fields, arguments and enum values, the same for the
	// same seed; zero means none. Every drifted schema is valid, and no argument that a caller
	// could leave out becomes required.
	Seed uint64
	// NoIntrospection takes __schema and __type out of the schema, so that a query for them is
	// invalid; Config.NoIntrospection leaves them there and refuses to answer.
	NoIntrospection bool
	// NoIncludeDeprecated makes the argument includeDeprecated unknown wherever there is one.
	NoIncludeDeprecated bool
	// Status is the HTTP status of an answer to an invalid document; zero means 422.
	Status int
}

// ofSchema is the drift without what plays no part in the schema.
func (d Drift) ofSchema() Drift {
	d.Status = 0
	return d
}

// origins tells what drifted things were before. What has no entry is as it was.
type origins struct {
	fields    map[*ast.FieldDefinition]origin
	arguments map[*ast.ArgumentDefinition]string // their names
	types     map[string]string                  // the present names, by the earlier ones
}

// origin is what a field was.
type origin struct {
	name     string
	reshaped bool // was an object and is a scalar, or the other way round
}

// before is what a field was before it drifted, with its arguments by the names that they had.
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

// typeName is the present name of a type.
func (o origins) typeName(before string) string { return cmp.Or(o.types[before], before) }

// drifter changes the definitions of one gateway.
type drifter struct {
	seed    uint64
	gateway string
	defs    ast.DefinitionList // without those of the specification, ordered by their names
	byName  map[string]*ast.Definition
	objects []string // the types that a scalar can become
	was     origins
}

// drift changes a document of definitions at random.
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

// dice are the source of chance of one thing in the schema. It depends on the thing's name and
// on nothing else, so the order in which things are looked at plays no part.
func (d *drifter) dice(path ...string) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%q %q", d.gateway, path) // a hash takes everything
	return rand.New(rand.NewPCG(d.seed, h.Sum64())) //nolint:gosec // to be predictable is the point
}

// fate is what becomes of a thing.
type fate int

const (
	stays fate = iota
	removed
	renamed
	retyped     // to another scalar
	reshaped    // from an object to a scalar, or from a scalar to an object
	requalified // nullable or not
)

// odds are the chances of each fate, in a thousand.
type odds [requalified + 1]int

// The odds hit most operations somewhere and leave most of each operation as it is.
var (
	ofOperations  = odds{removed: 5, renamed: 5}
	ofFields      = odds{removed: 35, renamed: 25, retyped: 50, reshaped: 10}
	ofNewerTwins  = odds{removed: 200, renamed: 20, retyped: 40}
	ofOlderTwins  = odds{} // what a caller can fall back to
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

func (o odds) fate(dice *rand.Rand) fate {
	n := dice.IntN(1000)
	for f, chance := range o {
		if n -= chance; n < 0 {
			return fate(f)
		}
	}
	return stays
}

// isRoot reports whether the fields of the type are operations.
func isRoot(def *ast.Definition) bool { return def.OneOf("Query", "Mutation", "Subscription") }
