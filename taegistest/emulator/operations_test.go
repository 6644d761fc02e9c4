package emulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// keeping are the operations on clients, which answer what is kept and not what is generated.
var keeping = []string{"client", "rotateClientSecret", "forceRotateClientSecret", "appendClientRoles", "removeClientRoles", "deleteClient"}

func TestEveryOperationAnswers(t *testing.T) {
	s := start(t, emulator.Config{})
	again := start(t, emulator.Config{})
	environment, err := core.NewEnvironment("loopback", s.URL)
	if err != nil {
		t.Fatal(err)
	}
	access := token(t, s)
	services, err := schema.Services()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, service := range services {
		def := sdl(t, service.Name)
		for kind, root := range map[core.OperationKind]*ast.Definition{core.KindQuery: def.Query, core.KindMutation: def.Mutation, core.KindSubscription: def.Subscription} {
			if root == nil {
				continue
			}
			for _, field := range root.Fields {
				if strings.HasPrefix(field.Name, "__") {
					continue
				}
				total++
				if service.Name == "clients" && slices.Contains(keeping, field.Name) {
					continue // these find no client of a made-up id
				}
				req := &core.Request{
					Operation:   &core.Operation{Name: field.Name, Kind: kind, Gateway: service.Gateway},
					Document:    string(kind) + " " + field.Name + " { " + example(def, field) + " }",
					Environment: environment, Token: core.NewSecret(access),
				}
				first := run(t, req)
				if kind != core.KindQuery || service.Name == "clients" || service.Name == "subjects" {
					continue
				}
				req.Environment, _ = core.NewEnvironment("loopback", again.URL)
				req.Token = core.NewSecret(token(t, again))
				if second := run(t, req); string(first) != string(second) {
					t.Errorf("%s differs between two servers:\n%s\n%s", field.Name, first, second)
				}
			}
		}
	}
	t.Logf("%d operations of %d services answer", total, len(services))
	if total != 950 {
		t.Errorf("%d operations, want 950", total)
	}
}

// run makes a call and checks that there is an answer without errors; of a subscription it
// returns the last message.
func run(t *testing.T, req *core.Request) json.RawMessage {
	t.Helper()
	wire := &transport.HTTP{}
	var value json.RawMessage
	if req.Operation.Kind != core.KindSubscription {
		if err := wire.Execute(t.Context(), req, &value); err != nil {
			t.Errorf("%s: %v\n%s", req.Operation.Name, err, req.Document)
		}
		return value
	}
	messages := 0
	for message, err := range wire.Subscribe(t.Context(), req) {
		if err != nil {
			t.Errorf("%s: %v\n%s", req.Operation.Name, err, req.Document)
		}
		value = message
		messages++
	}
	if messages == 0 {
		t.Errorf("%s: no message", req.Operation.Name)
	}
	return value
}

// example writes a call of a field with its required arguments and all that it selects.
func example(s *ast.Schema, field *ast.FieldDefinition) string {
	var arguments []string
	for _, a := range field.Arguments {
		if a.Type.NonNull {
			arguments = append(arguments, a.Name+": "+literal(s, a.Type, 0))
		}
	}
	text := field.Name
	if len(arguments) > 0 {
		text += "(" + strings.Join(arguments, ", ") + ")"
	}
	return text + " " + selection(s, field.Type.Name(), 3)
}

// selection selects what needs no arguments, so many levels deep.
func selection(s *ast.Schema, typeName string, depth int) string {
	def := s.Types[typeName]
	switch def.Kind {
	case ast.Scalar, ast.Enum:
		return ""
	case ast.Union:
		var members strings.Builder
		for _, member := range def.Types {
			members.WriteString(" ... on " + member + " { __typename }")
		}
		return "{ __typename" + members.String() + " }"
	}
	fields := []string{"__typename"}
	for _, f := range def.Fields {
		composite := s.Types[f.Type.Name()].IsCompositeType()
		required := slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull })
		if required || composite && depth == 0 {
			continue
		}
		fields = append(fields, f.Name+" "+selection(s, f.Type.Name(), depth-1))
	}
	return "{ " + strings.Join(fields, " ") + " }"
}

// literal writes a value of a type.
func literal(s *ast.Schema, t *ast.Type, depth int) string {
	if t.Elem != nil {
		return "[" + literal(s, t.Elem, depth) + "]"
	}
	def := s.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		return def.EnumValues[0].Name
	case ast.InputObject:
		var members []string
		for _, f := range def.Fields {
			if f.Type.NonNull {
				members = append(members, f.Name+": "+literal(s, f.Type, depth+1))
			}
		}
		return "{" + strings.Join(members, ", ") + "}"
	}
	switch t.NamedType {
	case "Boolean":
		return "true"
	case "Int", "Float", "Int64", "Uint64", "Uint32", "Uint8", "Long", "BigInt":
		return "1"
	case "JSON", "Map", "Any", "JSONObject":
		return `{a: 1}`
	}
	return `"x"`
}
