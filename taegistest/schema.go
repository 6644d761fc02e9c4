package taegistest

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	spelling "github.com/vektah/gqlparser/v2/validator/core"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
)

// result is the type that an operation returns, in the schema that declares it.
type result struct {
	schema *ast.Schema
	typ    *ast.Type
}

// results returns the types that operations with the name return. Most names have one type; some
// are a query and a subscription, or exist on several gateways.
func results(operation string) []result {
	return operations()[operation]
}

// operations returns the results of all operations by name. Its first call parses the SDL.
var operations = sync.OnceValue(func() map[string][]result {
	services, err := schema.Services()
	if err != nil {
		panic(err) // embedded, and checked by that package's tests
	}
	sources := []string{schema.Merged}
	for _, s := range services {
		if s.Gateway != core.DefaultGateway || s.Host != core.HostAPI || s.Platform != core.PlatformTaegis {
			sources = append(sources, s.Name)
		}
	}
	all := map[string][]result{}
	for _, name := range sources {
		types := parse(name)
		for _, root := range []*ast.Definition{types.Query, types.Mutation, types.Subscription} {
			if root == nil {
				continue
			}
			for _, f := range root.Fields {
				all[f.Name] = append(all[f.Name], result{types, f.Type})
			}
		}
	}
	return all
})

// parse parses an SDL that is known to be valid.
func parse(name string) *ast.Schema {
	text, err := schema.SDL(name)
	if err != nil {
		panic(err) // embedded, as above
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: name, Input: text})
	if err != nil {
		panic(err) // embedded, as above
	}
	s := &ast.Schema{}
	s.AddTypes(doc.Definitions...)
	s.Query, s.Mutation, s.Subscription = s.Types["Query"], s.Types["Mutation"], s.Types["Subscription"]
	return s
}

// definition returns the composite type with that name, or nil for a scalar or an enum.
func (r result) definition(name string) *ast.Definition {
	if def := r.schema.Types[name]; def != nil && def.IsCompositeType() {
		return def
	}
	return nil
}

// objects returns the object types that a value of a composite type can have.
func (r result) objects(def *ast.Definition) []*ast.Definition {
	switch def.Kind {
	case ast.Union:
	case ast.Interface:
		var list []*ast.Definition
		for _, name := range slices.Sorted(maps.Keys(r.schema.Types)) {
			if slices.Contains(r.schema.Types[name].Interfaces, def.Name) {
				list = append(list, r.schema.Types[name])
			}
		}
		return list
	default:
		return []*ast.Definition{def}
	}
	var list []*ast.Definition
	for _, name := range def.Types {
		if member := r.schema.Types[name]; member != nil {
			list = append(list, member)
		}
	}
	return list
}

// didYouMean returns a hint with the names that are similar to the given one.
func didYouMean(given string, names []string) string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	similar := spelling.SuggestionList(given, names)
	if len(similar) == 0 {
		return ""
	}
	return ": did you mean " + strings.Join(similar[:min(3, len(similar))], " or ") + "?"
}
