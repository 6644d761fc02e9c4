package catalog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/services/schema"
)

// Every operation, with random arguments and a random answer: the document and its variables are
// valid in the service's schema, the arguments reach the server unchanged, and the response reaches
// the caller unchanged. The values are generated from the SDL, not from the Go types. An
// operation's values depend on the seed and its name only.
func TestRoundTrips(t *testing.T) {
	seed := testutil.Seed(t, testutil.SeedVariable)
	schemas := map[string]*ast.Schema{}
	var values atomic.Int64
	for _, c := range everyCall(t) {
		sdl := schemas[c.op.Service]
		if sdl == nil {
			text, err := schema.SDL(c.op.Service)
			if err != nil {
				t.Fatal(err)
			}
			sdl = gqlparser.MustLoadSchema(&ast.Source{Input: text})
			schemas[c.op.Service] = sdl
		}
		name := fnv.New64()
		_, _ = name.Write([]byte(c.name))
		trip := roundTrip{call: c, sdl: sdl, random: rand.New(rand.NewPCG(seed, name.Sum64()))}
		for round := range 3 {
			if err := trip.run(t, round); err != nil {
				t.Errorf("%s, round %d: %v", c.name, round, err)
				break
			}
		}
		values.Add(int64(trip.values))
	}
	t.Logf("%d values", values.Load())
}

// roundTrip generates values for one operation.
type roundTrip struct {
	call
	sdl    *ast.Schema
	random *rand.Rand
	values int
}

func (r *roundTrip) run(t *testing.T, round int) error {
	root := map[core.OperationKind]*ast.Definition{core.KindQuery: r.sdl.Query, core.KindMutation: r.sdl.Mutation, core.KindSubscription: r.sdl.Subscription}[r.op.Kind]
	field := root.Fields.ForName(r.op.Name)
	given := map[string]any{}
	for _, a := range field.Arguments {
		if a.Type.NonNull || round > 0 && r.random.IntN(3) > 0 {
			given[a.Name] = r.input(a.Type, 0)
		}
	}
	args, err := r.arguments(given)
	if err != nil {
		return fmt.Errorf("arguments %s: %w", text(given), err)
	}
	sent, want := r.output(field.Type, r.selection(t), false)
	got, err := r.call.run(t, text(sent), args)
	if err != nil {
		return fmt.Errorf("answer %s: %w", text(sent), err)
	}
	if err := r.checkDocument(t, given); err != nil {
		return err
	}
	if difference := differ(r.op.Name, tree(t, encode(t, got)), tree(t, text(want))); difference != "" {
		return errors.New(difference)
	}
	return nil
}

// arguments returns the Go value of arguments, which has to have a field for each.
func (r *roundTrip) arguments(given map[string]any) (reflect.Value, error) {
	if r.args == nil {
		if len(given) > 0 {
			return reflect.Value{}, fmt.Errorf("there is no Go type for them")
		}
		return reflect.Value{}, nil
	}
	args := reflect.New(r.args)
	d := json.NewDecoder(strings.NewReader(text(given)))
	d.DisallowUnknownFields()
	err := d.Decode(args.Interface())
	return args.Elem(), err
}

// checkDocument validates what was sent, and compares the arguments in it.
func (r *roundTrip) checkDocument(t *testing.T, given map[string]any) error {
	asked := r.wire.asked
	doc, err := validDocument(r.sdl, r.op, asked.Query)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, asked.Query)
	}
	variables := map[string]any{}
	for name, value := range asked.Variables {
		variables[name] = tree(t, string(value))
	}
	// The validator sets what it reads to another type.
	if _, err := validator.VariableValues(r.sdl, doc.Operations[0], maps.Clone(variables)); err != nil {
		return fmt.Errorf("%w\n%s", err, text(variables))
	}
	arrived := map[string]any{}
	for _, a := range doc.Operations[0].SelectionSet[0].(*ast.Field).Arguments {
		if a.Value.Kind == ast.Variable {
			arrived[a.Name] = tree(t, string(asked.Variables[a.Value.Raw]))
		} else {
			arrived[a.Name] = valueOf(a.Value)
		}
	}
	if difference := cmp.Diff(tree(t, text(given)), any(arrived)); difference != "" {
		return fmt.Errorf("arguments arrived as\n%s", difference)
	}
	return nil
}

func (r *roundTrip) selection(t *testing.T) ast.SelectionSet {
	if r.op.Selection == "" {
		return nil
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: r.op.Selection})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Operations[0].SelectionSet
}

func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// scalar returns a value of a type that has no fields, or of JSON.
func (r *roundTrip) scalar(def *ast.Definition) any {
	r.values++
	switch {
	case def.Kind == ast.Enum:
		return pick(r.random, def.EnumValues...).Name
	case def.Name == "Int", def.Name == "Int64":
		return json.Number(pick(r.random, "0", "1", "-1", "2147483647", "-2147483648", "9007199254740993", fmt.Sprint(r.values)))
	case def.Name == "Float", def.Name == "Float32":
		return json.Number(pick(r.random, "0", "3", "1.5", "-1e-7", "0.1", "1.5e+300", fmt.Sprint(r.values)))
	case def.Name == "Boolean":
		return pick(r.random, true, false)
	case slices.Contains([]string{"ID", "Time", "UUID", "ResourceName"}, def.Name):
		return fmt.Sprint("x", r.values)
	case def.Name == "String":
		return pick(r.random, "x", "", "a\"b\\c\nd\x00\x7f", "\u2028é😀", "$name {x} \t", "</script>&", "null", `"""`, fmt.Sprint(r.values))
	}
	number := json.Number(fmt.Sprint(r.values))
	return pick[any](r.random, "", "text", number, json.Number("1e400"), true, []any{}, map[string]any{},
		map[string]any{"k": []any{number, nil, "two", map[string]any{"__typename": "x", "b": "é"}}})
}

// input returns a value of an input's type. At some depth, only what is required is set.
func (r *roundTrip) input(t *ast.Type, depth int) any {
	if t.Elem != nil {
		list := []any{}
		for range pick(r.random, 0, 1, 2) {
			if depth < 4 {
				list = append(list, r.input(t.Elem, depth+1))
			}
		}
		return list
	}
	def := r.sdl.Types[t.NamedType]
	if def.Kind != ast.InputObject {
		return r.scalar(def)
	}
	object := map[string]any{}
	for _, f := range def.Fields {
		if f.Type.NonNull || depth < 3 && r.random.IntN(2) == 0 {
			object[f.Name] = r.input(f.Type, depth+1)
		}
		if object[f.Name] == "" && f.Type.NonNull && r.op.Platform == core.PlatformFusion {
			object[f.Name] = "x" // a required text must not be empty there
		}
	}
	return object
}

// output returns a value of a result's type as a server sends it, and as Go encodes what comes of
// it.
func (r *roundTrip) output(t *ast.Type, set ast.SelectionSet, member bool) (sent, want any) {
	if !t.NonNull && r.random.IntN(16) == 0 {
		return nil, nil
	}
	if t.Elem != nil {
		sentList, wantList := []any{}, []any{}
		for range pick(r.random, 0, 1, 1, 2) {
			s, w := r.output(t.Elem, set, member)
			sentList, wantList = append(sentList, s), append(wantList, w)
		}
		return sentList, wantList
	}
	def := r.sdl.Types[t.NamedType]
	if !def.IsCompositeType() {
		value := r.scalar(def)
		return value, value
	}
	if def.IsAbstractType() {
		def = pick(r.random, r.sdl.GetPossibleTypes(def)...)
	}
	s, w := map[string]any{}, map[string]any{}
	r.fields(def, set, s, w)
	return s, w
}

// fields adds the fields of an object that a selection names.
func (r *roundTrip) fields(def *ast.Definition, set ast.SelectionSet, sent, want map[string]any) {
	for _, node := range set {
		switch node := node.(type) {
		case *ast.InlineFragment:
			if node.TypeCondition == def.Name {
				r.fields(def, node.SelectionSet, sent, want)
			}
		case *ast.Field:
			if node.Name == "__typename" {
				sent[node.Alias], want[node.Alias] = def.Name, def.Name
				continue
			}
			sent[node.Alias], want[node.Alias] = r.output(def.Fields.ForName(node.Name).Type, node.SelectionSet, false)
		}
	}
}

// differ returns the first difference, with its path. An object may have further members, and what
// has no fields is zero in Go if it is null.
func differ(path string, got, want any) string {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			break
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if difference := differ(path+"."+name, object[name], want[name]); difference != "" {
				return difference
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			break
		}
		for i := range want {
			if difference := differ(fmt.Sprintf("%s[%d]", path, i), list[i], want[i]); difference != "" {
				return difference
			}
		}
		return ""
	}
	if want == nil && slices.Contains([]any{"", json.Number("0"), false}, got) || reflect.DeepEqual(got, want) {
		return ""
	}
	return fmt.Sprintf("%s came as %s, not as %s", path, text(got), text(want))
}

// text writes a value as it is, without escapes for HTML.
func text(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
