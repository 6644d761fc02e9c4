package schema_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
)

func load(t *testing.T, name string) *ast.Schema {
	t.Helper()
	text, err := schema.SDL(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := gqlparser.LoadSchema(&ast.Source{Name: name, Input: text})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

func root(s *ast.Schema, kind core.OperationKind) *ast.Definition {
	switch kind {
	case core.KindMutation:
		return s.Mutation
	case core.KindSubscription:
		return s.Subscription
	}
	return s.Query
}

func TestServicesDescribeTheirSDL(t *testing.T) {
	services, err := schema.Services()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(services, func(a, b schema.Service) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("services are not sorted by name")
	}
	operations := 0
	for _, service := range services {
		s := load(t, service.Name)
		operations += len(service.Operations)
		for _, op := range service.Operations {
			var field *ast.FieldDefinition
			if def := root(s, op.Kind); def != nil {
				field = def.Fields.ForName(op.Name)
			}
			if field == nil {
				t.Errorf("%s: services.json has the %s %s, which is not in the SDL", service.Name, op.Kind, op.Name)
			} else if deprecated := field.Directives.ForName("deprecated") != nil; deprecated != op.Deprecated {
				t.Errorf("%s.%s: deprecated is %v, in the SDL %v", service.Name, op.Name, op.Deprecated, deprecated)
			}
		}
		for _, name := range service.Unreachable {
			if s.Types[name] == nil {
				t.Errorf("%s: services.json has the unreachable type %s, which is not in the SDL", service.Name, name)
			}
		}
	}
	for platform, want := range map[core.Platform]struct{ services, operations int }{
		core.PlatformTaegis: {65, 1002}, core.PlatformFusion: {5, 90},
	} {
		own, err := schema.Services(platform)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for _, service := range own {
			count += len(service.Operations)
			if (service.API != "") != (platform == core.PlatformFusion) {
				t.Errorf("%s: the vendor's name is %q", service.Name, service.API)
			}
		}
		if len(own) != want.services || count != want.operations {
			t.Errorf("%v: %d services with %d operations, want %v", platform, len(own), count, want)
		}
		operations -= count
	}
	if operations != 0 {
		t.Errorf("%d operations are of no platform", operations)
	}
}

func TestMerged(t *testing.T) {
	if s := load(t, schema.Merged); s.Query.Fields.ForName("clientsSearch") == nil {
		t.Error("the merged schema lacks clientsSearch")
	}
}

func TestServiceDetails(t *testing.T) {
	services, err := schema.Services()
	if err != nil {
		t.Fatal(err)
	}
	tenantsBase, withoutInputDeprecation := 0, 0
	for _, s := range services {
		if s.Host == core.HostTenants {
			tenantsBase++
		}
		if !s.InputValueDeprecation {
			withoutInputDeprecation++
		}
	}
	if tenantsBase != 1 || withoutInputDeprecation != 4 {
		t.Errorf("%d services on the tenants base and %d without input deprecation, want 1 and 4", tenantsBase, withoutInputDeprecation)
	}
}

func TestUnknownService(t *testing.T) {
	_, err := schema.SDL("nobody")
	if unknown, ok := errors.AsType[*schema.UnknownServiceError](err); !ok || unknown.Name != "nobody" {
		t.Errorf("got %v", err)
	}
}

func TestUncertainPositionsExist(t *testing.T) {
	uncertain, err := schema.Uncertain()
	if err != nil {
		t.Fatal(err)
	}
	for service, positions := range uncertain {
		s := load(t, service)
		for _, p := range positions.Arguments {
			on, field, _ := strings.Cut(p.On, ".")
			if arg := argument(s, on, field, p.Name); arg == nil || arg.Type.String() != p.Type {
				t.Errorf("%s: uncertain.json has %s(%s: %s), which is not in the SDL", service, p.On, p.Name, p.Type)
			}
		}
		for _, p := range positions.InputFields {
			if field := fieldOf(s, p.On, p.Name); field == nil || field.Type.String() != p.Type {
				t.Errorf("%s: uncertain.json has %s.%s: %s, which is not in the SDL", service, p.On, p.Name, p.Type)
			}
		}
	}
}

// What is settled exists in the SDL with the same list shape, and what is left is counted.
func TestSettledTypes(t *testing.T) {
	settled, err := schema.Settled()
	if err != nil {
		t.Fatal(err)
	}
	arguments, fields := 0, 0
	for service, types := range settled {
		s := load(t, service)
		for _, p := range types.Arguments {
			arguments++
			on, field, _ := strings.Cut(p.On, ".")
			if arg := argument(s, on, field, p.Name); arg == nil || !sameShape(arg.Type.String(), p) {
				t.Errorf("%s: settled.json has %s(%s: %s), which does not fit the SDL", service, p.On, p.Name, p.Type)
			}
		}
		for _, p := range types.InputFields {
			fields++
			if field := fieldOf(s, p.On, p.Name); field == nil || !sameShape(field.Type.String(), p) {
				t.Errorf("%s: settled.json has %s.%s: %s, which does not fit the SDL", service, p.On, p.Name, p.Type)
			}
		}
	}
	if arguments != 211 || fields != 223 {
		t.Errorf("%d arguments and %d input fields are settled, want 211 and 223", arguments, fields)
	}
	left, err := schema.Unsettled()
	if err != nil {
		t.Fatal(err)
	}
	arguments, fields = 0, 0
	for _, positions := range left {
		arguments += len(positions.Arguments)
		fields += len(positions.InputFields)
	}
	if arguments != 537 || fields != 1990 {
		t.Errorf("%d arguments and %d input fields are uncertain, want 537 and 1990", arguments, fields)
	}
}

// notMarks matches what is neither a list mark nor a non-null mark of a type.
var notMarks = regexp.MustCompile(`\w+`)

// sameShape compares list and non-null marks with those of the SDL. A scalar that holds a list has
// no marks of its own, and a server may have other non-null marks.
func sameShape(sdl string, settled schema.SettledType) bool {
	want, got := notMarks.ReplaceAllString(sdl, ""), notMarks.ReplaceAllString(settled.Type, "")
	if settled.Server {
		want, got = strings.ReplaceAll(want, "!", ""), strings.ReplaceAll(got, "!", "")
	}
	return want == got || strings.HasPrefix(sdl, "[") && !strings.ContainsAny(settled.Type, "[]")
}

// fieldOf returns a field of a type, or nil if there is none.
func fieldOf(s *ast.Schema, typeName, name string) *ast.FieldDefinition {
	if def := s.Types[typeName]; def != nil {
		return def.Fields.ForName(name)
	}
	return nil
}

// argument returns an argument of a field, or nil if there is none.
func argument(s *ast.Schema, typeName, field, name string) *ast.ArgumentDefinition {
	if f := fieldOf(s, typeName, field); f != nil {
		return f.Arguments.ForName(name)
	}
	return nil
}
