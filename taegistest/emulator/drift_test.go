package emulator_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

const seeds = 20

// served returns the schema of a gateway, drifted by a seed.
func gatewaySchema(t *testing.T, e *emulator.Emulator, path string, seed uint64) *ast.Schema {
	t.Helper()
	e.Configure(func(c *emulator.Config) { c.Drift.Seed = seed })
	s, err := e.Schema(path)
	if err != nil {
		t.Fatalf("%s, seed %d: %v", path, seed, err)
	}
	return s
}

// text prints a schema.
func text(s *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b).FormatSchema(s)
	return b.String()
}

func TestDriftedSchemasAreValidAndDifferInEveryWay(t *testing.T) {
	e := emulator.New(emulator.Config{})
	defer e.Close()
	differences := map[string]int{}
	operations, hit := 0, 0
	for path := range gateways(t) {
		base := gatewaySchema(t, e, path, 0)
		for seed := uint64(1); seed <= seeds; seed++ {
			drifted := gatewaySchema(t, e, path, seed)
			if _, err := gqlparser.LoadSchema(&ast.Source{Name: path, Input: text(drifted)}); err != nil {
				t.Errorf("%s, seed %d: %v", path, seed, err)
			}
			diff(differences, base, drifted)
			if seed > 2 { // validating all operations takes longest
				continue
			}
			for _, document := range documents(base) {
				operations++
				if !valid(t, drifted, document) {
					hit++
				}
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(differences)) {
		t.Logf("%-24s %6d", kind, differences[kind])
	}
	for _, kind := range []string{
		"operation removed", "operation renamed", "field removed", "field renamed", "field retyped", "field reshaped", "alias removed",
		"argument removed", "argument renamed", "argument retyped", "argument requalified",
		"input field removed", "input field renamed", "input field retyped", "input field requalified",
		"OBJECT removed", "OBJECT renamed", "INPUT_OBJECT renamed", "ENUM renamed",
		"union member removed", "enum value removed", "enum value renamed",
	} {
		if differences[kind] == 0 {
			t.Errorf("never: %s", kind)
		}
	}
	share := float64(hit) / float64(operations)
	t.Logf("%.0f %% of %d documents are invalid in the drifted schema", 100*share, operations)
	if share < 0.5 || share > 0.95 {
		t.Error("drift should hit most operations, and leave some")
	}
}

// documents are calls of all operations, with required arguments and all that can be selected.
func documents(s *ast.Schema) []string {
	var list []string
	for kind, root := range roots(s) {
		for _, f := range root.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				list = append(list, string(kind)+" { "+example(s, f)+" }")
			}
		}
	}
	return list
}

func roots(s *ast.Schema) map[ast.Operation]*ast.Definition {
	all := map[ast.Operation]*ast.Definition{ast.Query: s.Query, ast.Mutation: s.Mutation, ast.Subscription: s.Subscription}
	maps.DeleteFunc(all, func(_ ast.Operation, def *ast.Definition) bool { return def == nil })
	return all
}

func valid(t *testing.T, s *ast.Schema, document string) bool {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		t.Fatal(err)
	}
	return len(validator.ValidateWithRules(s, doc, rules.NewDefaultRules())) == 0
}

// second tells what a thing of the base is called in the drifted schema, if it is there.
func second(name string, there func(string) bool) (now, how string) {
	if there(name) {
		return name, ""
	}
	for _, other := range []string{name + "V2", name + "_v2", name + "_V2"} {
		if there(other) {
			return other, " renamed"
		}
	}
	return "", " removed"
}

// diff counts what differs, by kind. A thing in its other spelling counts as removed.
func diff(count map[string]int, base, drifted *ast.Schema) {
	for name, def := range base.Types {
		now, how := second(name, func(n string) bool { return drifted.Types[n] != nil })
		if how != "" {
			count[string(def.Kind)+how]++
		}
		other := drifted.Types[now]
		if other == nil || def.BuiltIn {
			continue
		}
		diffFields(count, base, drifted, def, other)
		for _, v := range def.EnumValues {
			if _, how := second(v.Name, func(n string) bool { return other.EnumValues.ForName(n) != nil }); how != "" {
				count["enum value"+how]++
			}
		}
		for _, member := range def.Types {
			if typ, _ := second(member, func(n string) bool { return drifted.Types[n] != nil }); typ != "" && !slices.Contains(other.Types, typ) {
				count["union member removed"]++
			}
		}
	}
}

func diffFields(count map[string]int, base, drifted *ast.Schema, def, other *ast.Definition) {
	what := map[ast.DefinitionKind]string{ast.Object: "field", ast.InputObject: "input field"}[def.Kind]
	if def == base.Query || def == base.Mutation || def == base.Subscription {
		what = "operation"
	}
	for _, f := range def.Fields {
		now, how := second(f.Name, func(n string) bool { return other.Fields.ForName(n) != nil })
		if how == "" {
			how = diffType(base, drifted, f.Type, other.Fields.ForName(now).Type)
		}
		if how != "" {
			count[what+how]++
		}
		if how == " removed" && slices.ContainsFunc(other.Fields, func(g *ast.FieldDefinition) bool {
			return g.Directives.ForName("deprecated") != nil && strings.EqualFold(strings.ReplaceAll(g.Name, "_", ""), f.Name)
		}) {
			count["alias removed"]++
		}
		if now == "" {
			continue
		}
		arguments := other.Fields.ForName(now).Arguments
		for _, a := range f.Arguments {
			now, how := second(a.Name, func(n string) bool { return arguments.ForName(n) != nil })
			if how == "" {
				how = diffType(base, drifted, a.Type, arguments.ForName(now).Type)
			}
			if how != "" {
				count["argument"+how]++
			}
		}
	}
}

func diffType(base, drifted *ast.Schema, before, now *ast.Type) string {
	was, is := base.Types[before.Name()], drifted.Types[now.Name()]
	switch {
	case was.IsLeafType() != is.IsLeafType():
		return " reshaped"
	case was.Kind == ast.Scalar && was.Name != is.Name:
		return " retyped"
	case was.Name == is.Name && before.String() != now.String():
		return " requalified"
	}
	return ""
}

// A call with the arguments that the original schema requires succeeds.
func TestDriftRequiresNothingNew(t *testing.T) {
	e := emulator.New(emulator.Config{})
	defer e.Close()
	for path := range gateways(t) {
		base := gatewaySchema(t, e, path, 0)
		for seed := uint64(1); seed <= seeds; seed++ {
			for name, def := range gatewaySchema(t, e, path, seed).Types {
				before := base.Types[strings.TrimSuffix(name, "V2")]
				for _, f := range def.Fields {
					if def.Kind == ast.InputObject && f.Type.NonNull && !before.Fields.ForName(f.Name).Type.NonNull {
						t.Errorf("%s, seed %d: the field %s of %s", path, seed, f.Name, name)
					}
					for _, a := range f.Arguments {
						if !a.Type.NonNull || def.BuiltIn || strings.HasPrefix(f.Name, "__") {
							continue
						}
						was := slices.ContainsFunc(before.Fields, func(old *ast.FieldDefinition) bool {
							argument := old.Arguments.ForName(a.Name)
							return argument != nil && argument.Type.NonNull
						})
						if !was {
							t.Errorf("%s, seed %d: the argument %s of %s.%s", path, seed, a.Name, name, f.Name)
						}
					}
				}
			}
		}
	}
}

func TestASeedIsOneSchema(t *testing.T) {
	one, other := emulator.New(emulator.Config{}), emulator.New(emulator.Config{})
	defer one.Close()
	defer other.Close()
	paths := slices.Sorted(maps.Keys(gateways(t)))
	first := map[string]string{}
	for _, path := range paths {
		first[path] = text(gatewaySchema(t, one, path, 7))
	}
	slices.Reverse(paths)
	for _, path := range paths {
		if text(gatewaySchema(t, other, path, 7)) != first[path] {
			t.Errorf("%s: the same seed gives another schema", path)
		}
		if text(gatewaySchema(t, other, path, 8)) == first[path] {
			t.Errorf("%s: another seed gives the same schema", path)
		}
	}
	if _, err := one.Schema("/nowhere"); err == nil {
		t.Error("a gateway that does not exist has a schema")
	}
}
