package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/schema"
)

// Every default document selects the fields of its schema that are not deprecated, and no others.
// The test reads the SDL and does not use the generator.
func TestDefaultDocuments(t *testing.T) {
	total := 0
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
			total++
			root := map[core.OperationKind]*ast.Definition{core.KindQuery: sdl.Query, core.KindMutation: sdl.Mutation, core.KindSubscription: sdl.Subscription}[op.Kind]
			result := root.Fields.ForName(op.Name).Type.Name()
			if op.Selection == "" {
				if def := sdl.Types[result]; def.Kind != ast.Scalar && def.Kind != ast.Enum {
					t.Errorf("%s %s selects nothing of %s", service, op.Name, result)
				}
				continue
			}
			doc, err := parser.ParseQuery(&ast.Source{Input: op.Selection})
			if err != nil {
				t.Fatalf("%s %s: %v", service, op.Name, err)
			}
			d := documents{t, sdl, service, service + " " + op.Name}
			d.check(sdl.Types[result], doc.Operations[0].SelectionSet, nil)
		}
	}
	t.Logf("%d default documents", total)
}

type documents struct {
	t         *testing.T
	sdl       *ast.Schema
	service   string
	matchedIn string
}

// check compares a selection with its type. Above are the types around it: one of these is not
// entered again.
func (d documents) check(def *ast.Definition, set ast.SelectionSet, above []string) {
	above = append(slices.Clip(above), def.Name)
	if def.IsAbstractType() {
		d.checkUnion(def, set, above)
		return
	}
	selected := map[string]bool{} // as the wire writes them, without case and underscores
	current := false
	for _, f := range def.Fields {
		current = current || !deprecated(f)
	}
	for _, node := range set {
		field := node.(*ast.Field)
		declared := def.Fields.ForName(field.Name)
		selected[folded(field.Name)] = true
		if declared == nil || current && deprecated(declared) {
			d.t.Errorf("%s: %s.%s is absent or deprecated", d.matchedIn, def.Name, field.Name)
			continue
		}
		if len(field.SelectionSet) > 0 {
			d.check(d.sdl.Types[declared.Type.Name()], field.SelectionSet, above)
		}
	}
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") || current && deprecated(f) || selected[folded(f.Name)] {
			if selected[folded(f.Name)] && leftOut(d.service, f) {
				d.t.Errorf("%s: %s.%s is selected", d.matchedIn, def.Name, f.Name)
			}
			continue
		}
		if leftOut(d.service, f) {
			continue
		}
		if result := d.sdl.Types[f.Type.Name()]; result.IsLeafType() {
			d.t.Errorf("%s: %s.%s is not selected", d.matchedIn, def.Name, f.Name)
		} else if !d.leadsBack(result, above, map[string]bool{}) {
			d.t.Errorf("%s: %s.%s is not selected, though %s leads to none of %v", d.matchedIn, def.Name, f.Name, result.Name, above)
		}
	}
}

func (d documents) checkUnion(def *ast.Definition, set ast.SelectionSet, above []string) {
	var members []string
	for _, possible := range d.sdl.GetPossibleTypes(def) {
		members = append(members, possible.Name)
	}
	typename := false
	for _, node := range set {
		switch node := node.(type) {
		case *ast.Field:
			typename = typename || node.Name == "__typename"
		case *ast.InlineFragment:
			members = slices.DeleteFunc(members, func(m string) bool { return m == node.TypeCondition })
			d.check(d.sdl.Types[node.TypeCondition], node.SelectionSet, above)
		}
	}
	if !typename || len(members) > 0 {
		d.t.Errorf("%s: the union %s lacks __typename or %v", d.matchedIn, def.Name, members)
	}
}

// leadsBack reports whether every way into a type that could be selected ends at one of the types
// above, so that nothing of it is left to select.
func (d documents) leadsBack(def *ast.Definition, above []string, seen map[string]bool) bool {
	if slices.Contains(above, def.Name) || seen[def.Name] {
		return true
	}
	seen[def.Name] = true
	for _, f := range def.Fields {
		result := d.sdl.Types[f.Type.Name()]
		if !strings.HasPrefix(f.Name, "__") && !deprecated(f) && (result.IsLeafType() || !d.leadsBack(result, above, seen)) {
			return false
		}
	}
	return def.Kind != ast.Union
}

// leftOut reports whether a field of fusion is left out: it needs an argument, or is a subject,
// which fails with an OAuth client.
func leftOut(service string, f *ast.FieldDefinition) bool {
	needs := slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil })
	return needs || service == "fusion/cases" && f.Type.Name() == "Subject"
}

func deprecated(f *ast.FieldDefinition) bool { return f.Directives.ForName("deprecated") != nil }

func folded(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
