package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/schema"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// keeping are the operations on clients that find no client of a made-up id.
var keeping = []string{"client", "rotateClientSecret", "forceRotateClientSecret", "appendClientRoles", "removeClientRoles", "deleteClient"}

// Every operation goes over the wire as its generated description says: its default selection,
// and its required arguments as variables or literals.
func TestEveryOperationRuns(t *testing.T) {
	server := taegistest.NewServer(t)
	tokens := map[core.Platform]core.Secret{
		core.PlatformTaegis: core.NewSecret(server.Token(emulator.DemoClientID)),
		core.PlatformFusion: core.NewSecret(server.Token(emulator.DemoSophosClientID)),
	}
	environments := map[core.Platform]core.Environment{core.PlatformTaegis: server.Environment, core.PlatformFusion: server.Fusion}
	tenants := map[core.Platform]string{core.PlatformFusion: server.FusionTenant(emulator.DemoTenant)}
	wire := &transport.HTTP{}
	totals := map[core.Platform]int{}
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
			totals[op.Platform]++
			if service == "clients" && slices.Contains(keeping, op.Name) {
				continue
			}
			req := &core.Request{Operation: op, Args: arguments(sdl, op), Environment: environments[op.Platform], Token: tokens[op.Platform], Tenant: tenants[op.Platform]}
			if op.Kind != core.KindSubscription {
				if err := wire.Execute(t.Context(), req, nil); err != nil && !isRefusedValue(err) {
					t.Errorf("%s %s: %v", service, op.Name, err)
				}
				continue
			}
			messages := 0
			for _, err := range wire.Subscribe(t.Context(), req) {
				if messages++; err != nil && !isRefusedValue(err) {
					t.Errorf("%s %s: %v", service, op.Name, err)
				}
			}
			if messages == 0 {
				t.Errorf("%s %s: no message", service, op.Name)
			}
		}
	}
	if totals[core.PlatformTaegis] != 1002 || totals[core.PlatformFusion] != 90 {
		t.Errorf("%d operations of Taegis and %d of fusion, want 1002 and 90", totals[core.PlatformTaegis], totals[core.PlatformFusion])
	}
}

// isRefusedValue reports whether the operation was executed, and refused one of the made-up values.
func isRefusedValue(err error) bool {
	fault, ok := errors.AsType[*core.GraphQLError](err)
	return ok && slices.Contains([]string{"NOT_FOUND", "BAD_USER_INPUT", "DOWNSTREAM_SERVICE_ERROR", "BAD_REQUEST"}, fault.Code())
}

// arguments are the required arguments of an operation, with values of their types.
func arguments(sdl *ast.Schema, op *core.Operation) map[string]any {
	args := map[string]any{}
	for _, a := range op.Arguments {
		if required := strings.HasSuffix(a.Type, "!"); required {
			lists := strings.Count(a.Type, "[")
			args[a.Name] = value(sdl, strings.Trim(a.Type, "[]!"), lists)
		}
	}
	return args
}

func value(sdl *ast.Schema, typeName string, lists int) any {
	if lists > 0 {
		return []any{value(sdl, typeName, lists-1)}
	}
	switch def := sdl.Types[typeName]; def.Kind {
	case ast.Enum:
		return def.EnumValues[0].Name
	case ast.InputObject:
		object := map[string]any{}
		for _, f := range def.Fields {
			if f.Type.NonNull {
				object[f.Name] = value(sdl, f.Type.Name(), strings.Count(f.Type.String(), "["))
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
