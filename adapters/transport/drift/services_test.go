package drift_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/schema"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// TestEveryOperationUnderDrift calls every operation on drifted schemas. It computes the expected
// fields and the expected errors from the server's schema independently of the package.
func TestEveryOperationUnderDrift(t *testing.T) {
	operations, seeds := allOperations(t), 20
	if testing.Short() { // the race detector takes ten times as long
		seeds = 2
	}
	var sum tally
	for seed := range uint64(seeds + 1) { // 0 is the schema as it is
		for _, hidden := range []bool{false, true} {
			t.Run(fmt.Sprintf("seed %d, introspection hidden %t", seed, hidden), func(t *testing.T) {
				t.Parallel()
				sum.add(runAll(t, operations, emulator.Drift{
					Seed: seed, NoIntrospection: hidden, NoIncludeDeprecated: seed%3 == 2, Status: []int{0, 200, 400}[seed%3],
				}))
			})
		}
	}
	t.Cleanup(func() {
		t.Logf("%d operations, %d seeds, %d calls, %d failures (%d succeeded, %d of them adapted with %.2f additional requests; %d rejected with the reason)",
			len(operations), seeds, sum.calls, sum.failures, sum.answered, sum.adapted, float64(sum.more)/float64(max(1, sum.adapted)), sum.rejected)
		if len(operations) != 1092 || sum.failures > 0 || sum.adapted == 0 || sum.rejected == 0 {
			t.Fail()
		}
	})
}

// described is an operation with the required arguments that a call needs.
type described struct {
	*core.Operation
	args map[string]any
}

func allOperations(t *testing.T) (list []described) {
	for _, service := range catalog.Services() {
		text, err := schema.SDL(service)
		if err != nil {
			t.Fatal(err)
		}
		sdl, err := gqlparser.LoadSchema(&ast.Source{Name: service, Input: text})
		if err != nil {
			t.Fatal(err)
		}
		operations, err := catalog.Operations(service)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			args := map[string]any{}
			for _, a := range op.Arguments {
				if strings.HasSuffix(a.Type, "!") {
					args[a.Name] = exampleOf(sdl, strings.Trim(a.Type, "[]!"), strings.Count(a.Type, "["))
				}
			}
			if op.Name == "appendClientRoles" { // the emulator stores roles
				args["roles"] = []any{map[string]any{"roleID": "r"}}
			}
			list = append(list, described{op, args})
		}
	}
	return list
}

func exampleOf(sdl *ast.Schema, typeName string, lists int) any {
	if lists > 0 {
		return []any{exampleOf(sdl, typeName, lists-1)}
	}
	switch def := sdl.Types[typeName]; def.Kind {
	case ast.Enum:
		return def.EnumValues[0].Name
	case ast.InputObject:
		object := map[string]any{}
		for _, f := range def.Fields {
			if f.Type.NonNull {
				object[f.Name] = exampleOf(sdl, f.Type.Name(), strings.Count(f.Type.String(), "["))
			}
		}
		return object
	}
	switch typeName {
	case "Boolean":
		return true
	case "Int", "Float", "Int64", "Uint64", "Uint32", "Uint8", "Long", "BigInt":
		return 1
	case "JSON", "Map", "Any", "JSONObject":
		return map[string]any{"a": 1}
	}
	return "x"
}

type tally struct{ calls, answered, adapted, more, rejected, failures int }

// runAll calls every operation once on one server.
func runAll(t *testing.T, operations []described, deviation emulator.Drift) (sum tally) {
	server := taegistest.NewServer(t, func(c *emulator.Config) { c.Drift = deviation })
	server.AddClient(emulator.Client{ID: "x", Secret: "s", Tenant: emulator.DemoTenant})
	wire := &recorder{next: &transport.HTTP{}}
	middleware := drift.Middleware(drift.Config{Logger: discard})(wire)
	for _, op := range operations {
		live, err := server.Schema(cmpGateway(op.Operation))
		if err != nil {
			t.Fatal(err)
		}
		expect := expectation(live, op)
		wire.requests = 0
		req := &core.Request{
			Operation: op.Operation, Args: op.args, Environment: server.Environment,
			Token: core.NewSecret(server.Token(emulator.DemoClientID)), Timeout: time.Minute,
		}
		if op.Platform == core.PlatformFusion {
			req.Environment, req.Tenant = server.Fusion, server.FusionTenant(emulator.DemoTenant)
			req.Token = core.NewSecret(server.Token(emulator.DemoSophosClientID))
		}
		if err = callOnce(t.Context(), middleware, req); refusesValue(err) {
			err = nil
		}
		sum.calls++
		got := leaves(t, op.Name, wire.selection)
		switch fault, unfit := errors.AsType[*core.SchemaError](err); {
		case unfit && expect.rejects(fault):
			sum.rejected++
		case err != nil, expect.rejections != nil && !expect.open:
			sum.failures++
			t.Errorf("%s %s: %v; want %q", op.Service, op.Name, err, expect.rejections)
		case !expect.leads(got):
			sum.failures++
			t.Errorf("%s %s: did not select %v", op.Service, op.Name, without(expect.leaves, got))
		default:
			sum.answered++
			if wire.requests > 1 {
				sum.adapted++
				sum.more += wire.requests - 1
			}
			if deviation.Seed == 0 && wire.requests != 1 {
				t.Errorf("%s %s: %d requests on the original schema", op.Service, op.Name, wire.requests)
			}
		}
	}
	return sum
}

// refusesValue reports whether the server has executed the operation and found no record with a
// made-up ID, or refused a made-up text as a query.
func refusesValue(err error) bool {
	response, ok := errors.AsType[*core.ResponseError](err)
	if !ok || len(response.Errors) != 1 {
		return false
	}
	code := response.Errors[0].Extensions["code"]
	return slices.Contains([]any{"NOT_FOUND", "BAD_USER_INPUT", "DOWNSTREAM_SERVICE_ERROR", "BAD_REQUEST"}, code)
}

// callOnce runs an operation, or takes the first message of a subscription.
func callOnce(ctx context.Context, through ports.Transport, req *core.Request) error {
	if req.Operation.Kind != core.KindSubscription {
		var out json.RawMessage
		return through.Execute(ctx, req, &out)
	}
	for _, err := range through.Subscribe(ctx, req) {
		return err
	}
	return errors.New("no message")
}

// recorder records the latest selection and counts requests.
type recorder struct {
	next      ports.Transport
	requests  int
	selection string
}

func (r *recorder) record(req *core.Request) {
	if r.requests++; req.Document == "" {
		r.selection = req.Operation.Selection
	}
}

func (r *recorder) Execute(ctx context.Context, req *core.Request, out any) error {
	r.record(req)
	return r.next.Execute(ctx, req, out)
}

func (r *recorder) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	r.record(req)
	return r.next.Subscribe(ctx, req)
}

// expected is the expected result of a call on a schema: the leaves of the default selection that
// the schema has, and leaves in another spelling, which a client finds only if the server suggests
// them. Alternatively it lists parts of the error, of which one must match.
type expected struct {
	leaves     []string
	respelt    []string
	rejections []string
	open       bool // depends on a field in another spelling
}

func (e expected) rejects(err error) bool {
	return slices.ContainsFunc(e.rejections, func(words string) bool { return strings.Contains(err.Error(), words) })
}

// leads reports whether the selected leaves are the expected ones. The server has all of them,
// since it rejects others.
func (e expected) leads(got []string) bool {
	return len(without(e.leaves, got)) == 0 && len(without(without(got, e.leaves), e.respelt)) == 0
}

func expectation(live *ast.Schema, op described) (e expected) {
	root := map[core.OperationKind]*ast.Definition{core.KindQuery: live.Query, core.KindMutation: live.Mutation, core.KindSubscription: live.Subscription}[op.Kind]
	var field *ast.FieldDefinition
	if root != nil {
		if field = root.Fields.ForName(op.Name); field == nil {
			field = root.Fields.ForName(op.Alternative)
		}
	}
	if field == nil {
		e.rejections = []string{"does not have this operation"}
		return e
	}
	for _, name := range slices.Sorted(maps.Keys(op.args)) {
		if declared := field.Arguments.ForName(name); declared == nil {
			e.rejections = append(e.rejections, "argument "+name+": the server does not have it")
		} else {
			e.rejections = append(e.rejections, unknownIn(live, declared.Type, op.args[name], name)...)
		}
	}
	result := live.Types[field.Type.Name()]
	if composite(result) != (op.Selection != "") {
		e.rejections = append(e.rejections, "has another shape")
	}
	if e.rejections != nil || op.Selection == "" {
		return e
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: op.Selection})
	if err != nil {
		panic(err)
	}
	sure := func(typ, field, other string) bool {
		return slices.Contains(op.DeprecatedAliases, core.DeprecatedAlias{Type: typ, Field: field, Deprecated: other})
	}
	e.leaves = offered(live, sure, result, op.Name, doc.Operations[0].SelectionSet)
	alike := func(_, field, other string) bool { return plain(field) == plain(other) }
	e.respelt = without(offered(live, alike, result, op.Name, doc.Operations[0].SelectionSet), e.leaves)
	lost := without(leavesOf(op.Name, "", doc.Operations[0].SelectionSet), e.leaves)
	switch {
	case e.leaves == nil:
		e.rejections = []string{"has no field of the result"}
		e.open = e.respelt != nil
	case op.Kind == core.KindMutation && slices.ContainsFunc(lost, holdsSecret):
		e.rejections = []string{"does not return the secret"}
		e.open = !slices.ContainsFunc(without(lost, e.respelt), holdsSecret)
	}
	return e
}

func composite(def *ast.Definition) bool {
	return def.Kind == ast.Object || def.Kind == ast.Union || def.Kind == ast.Interface
}

// holdsSecret reports whether a leaf's name ends like the secrets of the schemas.
func holdsSecret(leaf string) bool {
	name := strings.ToLower(strings.ReplaceAll(leaf[strings.LastIndex(leaf, ".")+1:], "_", ""))
	for _, word := range []string{"secret", "token", "registrationkey"} {
		if strings.HasSuffix(name, word) {
			return true
		}
	}
	return false
}

// unknownIn returns parts of the errors for fields and values that a type does not have.
func unknownIn(live *ast.Schema, typ *ast.Type, value any, path string) (list []string) {
	def := live.Types[typ.Name()]
	switch value := value.(type) {
	case []any:
		return unknownIn(live, typ, value[0], path)
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if field := def.Fields.ForName(name); field != nil {
				list = append(list, unknownIn(live, field.Type, value[name], path+"."+name)...)
			} else if def.Kind == ast.InputObject {
				list = append(list, name+": the server does not have it")
			}
		}
	case string:
		if def.Kind == ast.Enum && def.EnumValues.ForName(value) == nil {
			list = []string{"has no value " + value}
		}
	}
	return list
}

// sameField reports whether a type may have a field under another name.
type sameField func(typ, field, other string) bool

// offered returns the leaves of a selection that a type has, under their own or another name.
func offered(live *ast.Schema, same sameField, def *ast.Definition, path string, set ast.SelectionSet) (list []string) {
	for _, node := range set {
		switch node := node.(type) {
		case *ast.InlineFragment:
			member := live.Types[node.TypeCondition]
			if member != nil && composite(member) && slices.Contains(live.GetPossibleTypes(def), member) {
				list = append(list, offered(live, same, member, path+"."+node.TypeCondition, node.SelectionSet)...)
			}
		case *ast.Field:
			list = append(list, offeredField(live, same, def, path, node)...)
		}
	}
	return list
}

func offeredField(live *ast.Schema, same sameField, def *ast.Definition, path string, node *ast.Field) []string {
	if node.Name == "__typename" {
		return []string{path + ".__typename"}
	}
	field := def.Fields.ForName(node.Name)
	for _, f := range def.Fields {
		if field == nil && same(def.Name, node.Name, f.Name) {
			field = f
		}
	}
	here := path + "." + node.Name
	switch {
	case field == nil:
		return nil
	case len(node.SelectionSet) > 0 && composite(live.Types[field.Type.Name()]):
		return offered(live, same, live.Types[field.Type.Name()], here, node.SelectionSet)
	case len(node.SelectionSet) == 0 && !composite(live.Types[field.Type.Name()]):
		return []string{here}
	}
	return nil
}

func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// leaves returns the leaves of a selection.
func leaves(t *testing.T, name, text string) []string {
	if text == "" {
		return nil
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return leavesOf(name, "", doc.Operations[0].SelectionSet)
}

// leavesOf uses the name of a union member's field, not its alias.
func leavesOf(path, member string, set ast.SelectionSet) (list []string) {
	for _, node := range set {
		switch node := node.(type) {
		case *ast.InlineFragment:
			list = append(list, leavesOf(path+"."+node.TypeCondition, node.TypeCondition, node.SelectionSet)...)
		case *ast.Field:
			here := path + "." + node.Alias
			if member != "" {
				here = path + "." + strings.TrimPrefix(node.Alias, member+"_")
			}
			if len(node.SelectionSet) > 0 {
				list = append(list, leavesOf(here, "", node.SelectionSet)...)
			} else {
				list = append(list, here)
			}
		}
	}
	return list
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// cmpGateway returns the path of an operation's gateway at the emulator.
func cmpGateway(op *core.Operation) string {
	path := cmpOr(op.Gateway, core.DefaultGateway)
	if op.Platform == core.PlatformFusion {
		return "/fusion" + path
	}
	return path
}

func (s *tally) add(other tally) {
	s.calls += other.calls
	s.answered += other.answered
	s.adapted += other.adapted
	s.more += other.more
	s.rejected += other.rejected
	s.failures += other.failures
}

// without returns the items of a that b lacks.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(item string) bool { return slices.Contains(b, item) })
}
