package emulator

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/services/schema"
)

// lenient lets clients declare variables with another scalar than the schema has, wherever the type
// is not certain: clients that do not come from this schema send ID, Time or JSONObject.
type lenient struct {
	schema *gatewaySchema

	mu    sync.Mutex
	known map[string]string // documents with their declarations replaced
}

var _ graphql.OperationParameterMutator = (*lenient)(nil)

// ExtensionName returns the name of the extension.
func (l *lenient) ExtensionName() string { return "LenientVariables" }

// Validate accepts every schema.
func (l *lenient) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters replaces the declarations of variables in a document.
func (l *lenient) MutateOperationParameters(_ context.Context, request *graphql.RawParams) *gqlerror.Error {
	if !strings.Contains(request.Query, "$") {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	text, known := l.known[request.Query]
	if !known {
		text = l.rewrite(request.Query)
		if l.known == nil || len(l.known) >= queryCacheSize {
			l.known = map[string]string{}
		}
		l.known[request.Query] = text
	}
	request.Query = text
	return nil
}

// rewrite returns the document with declarations that fit, or the document itself if all do. Errors
// are left to the validation.
func (l *lenient) rewrite(text string) string {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return text
	}
	changed := false
	for _, operation := range doc.Operations {
		root := l.schema.Query
		switch operation.Operation {
		case ast.Mutation:
			root = l.schema.Mutation
		case ast.Subscription:
			root = l.schema.Subscription
		}
		for _, definition := range operation.VariableDefinitions {
			wanted := l.position(doc, root, operation.SelectionSet, definition.Variable)
			if wanted != nil && l.replaces(definition.Type, wanted) {
				changed = true
			}
		}
	}
	if !changed {
		return text
	}
	var b strings.Builder
	formatter.NewFormatter(&b).FormatQueryDocument(doc)
	return b.String()
}

// replaces sets the scalar of a declaration to that of its position, and reports whether it
// differed. A settled type has to be declared as it is.
func (l *lenient) replaces(declared *ast.Type, wanted *ast.ArgumentDefinition) bool {
	own, other := innermost(declared), innermost(wanted.Type)
	if own.NamedType == other.NamedType || !l.isScalar(other.NamedType) || !l.isLoose(own.NamedType) {
		return false
	}
	if l.schema.settled[wanted] {
		return false
	}
	own.NamedType = other.NamedType
	return true
}

func (l *lenient) isScalar(name string) bool {
	def := l.schema.Types[name]
	return def != nil && def.Kind == ast.Scalar
}

// isLoose reports whether the name is that of a scalar, or of none that the schema has: a scalar of
// the server.
func (l *lenient) isLoose(name string) bool { return l.schema.Types[name] == nil || l.isScalar(name) }

// position returns the argument of a root field whose value is the variable.
func (l *lenient) position(doc *ast.QueryDocument, root *ast.Definition, set ast.SelectionSet, name string) *ast.ArgumentDefinition {
	if root == nil {
		return nil
	}
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			def := root.Fields.ForName(s.Name)
			for _, a := range s.Arguments {
				if def != nil && a.Value.Kind == ast.Variable && a.Value.Raw == name {
					return def.Arguments.ForName(a.Name)
				}
			}
		case *ast.InlineFragment:
			if found := l.position(doc, root, s.SelectionSet, name); found != nil {
				return found
			}
		case *ast.FragmentSpread:
			if f := doc.Fragments.ForName(s.Name); f != nil {
				if found := l.position(doc, root, f.SelectionSet, name); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// settle gives the arguments and input fields whose type public clients agree on that type, and
// returns the arguments.
func settle(doc *ast.SchemaDocument, services []schema.Service) (map[*ast.ArgumentDefinition]bool, error) {
	settled, err := schema.Settled()
	if err != nil {
		return nil, err
	}
	marked := map[*ast.ArgumentDefinition]bool{}
	known := map[string]string{}
	for _, service := range services {
		of := settled[service.Name]
		for _, s := range slices.Concat(of.Arguments, of.InputFields) {
			if s.Note == "" { // else clients differ
				known[s.On+"."+s.Name] = s.Type
			}
		}
	}
	names := map[string]bool{}
	used := func(t *ast.Type, path string) bool {
		text, ok := known[path]
		if ok {
			setType(t, text)
		}
		return ok
	}
	for _, def := range doc.Definitions {
		names[def.Name] = true
		for _, f := range def.Fields {
			if def.Kind == ast.InputObject {
				used(f.Type, def.Name+"."+f.Name)
			}
			for _, a := range f.Arguments {
				if used(a.Type, def.Name+"."+f.Name+"."+a.Name) {
					marked[a] = true
				}
			}
		}
	}
	for _, name := range []string{"Time", "JSONObject", "IDs", "Tags", "Any", "Map", "Float32"} {
		if !names[name] {
			doc.Definitions = append(doc.Definitions, &ast.Definition{Kind: ast.Scalar, Name: name})
		}
	}
	return marked, nil
}

// setType sets the scalar of a type to that of a text, for example "[ID!]!". A scalar that holds a
// list replaces the list.
func setType(t *ast.Type, text string) {
	name := strings.Trim(text, "[]!")
	if t.Elem != nil && !strings.HasPrefix(text, "[") {
		*t = ast.Type{NamedType: name, NonNull: t.NonNull}
		return
	}
	innermost(t).NamedType = name
}
