package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Yamashou/gqlgenc/parsequery"
	"github.com/Yamashou/gqlgenc/querydocument"
	"github.com/vektah/gqlparser/v2/ast"
)

// model is the data of a service for the templates.
type model struct {
	Package, Folder string
	// Import is the name under which the catalog imports the package.
	Import string
	service
	Operations []*operation
	Types      []*goType
	Pagers     []*pager
	Waiters    []*waiter
}

// operation is a root field.
type operation struct {
	Wire, Go          string
	Kind              string // Query, Mutation or Subscription, as core names them
	Arguments         []argument
	RequiredInputs    []requiredInput
	Doc               string  // the first sentence of its documentation
	Args              *goType // the arguments' struct; nil if there are none
	Result            string  // the result's Go type
	ResultName        string  // the result's GraphQL type
	ResultDoc         string  // the result in words, with a link if Go documentation can have one
	Selection         string
	DeprecatedAliases []alias
	Deprecated        string // the replacement, in words
	Alternative       string // the operation to use if a server lacks this one
	// DeprecatedDoc is the same with a link if Go documentation can have one.
	DeprecatedDoc string
	// NonIdempotent marks a query that must not be repeated.
	NonIdempotent bool
	Pager         *pager // nil if the operation has none
	document      string
}

type argument struct {
	Name, Type string
	Settled    string // the type of the variable if Type is not certain
	Required   bool
	Inline     bool
}

// builder collects the model of one service.
type builder struct {
	api      *api
	service  service
	schema   *ast.Schema
	selector *selector
	names    names // of the package
	methods  names // of its Service
	typeName map[string]string
	coverage coverage
	model    *model
	errs     []error // names that collide
}

func build(a *api, s service) (*model, error) {
	schema, err := a.load(s.Name)
	if err != nil {
		return nil, err
	}
	b := &builder{
		api: a, service: s, schema: schema, selector: newSelector(schema, a.omitted[s.Name]), coverage: newCoverage(schema),
		names: names{}, methods: names{}, typeName: map[string]string{},
	}
	folder := folderName(s.Name)
	b.model = &model{Package: packageName(s.Name), Folder: folder, Import: strings.ReplaceAll(folder, "/", ""), service: s}
	b.names.reserve("New", "Service", "Operations")
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		if root != nil {
			b.addOperations(root)
		}
	}
	if err := b.checkAlternatives(); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	inputs, err := b.analyse()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	b.addTypes(inputs)
	if err := b.addPagers(); err != nil {
		return nil, err
	}
	if err := b.addWaiters(); err != nil {
		return nil, err
	}
	for _, op := range b.model.Operations {
		b.pick(b.names, "the description of "+op.Wire, "Op"+op.Go)
	}
	if err := errors.Join(b.errs...); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return b.model, nil
}

// addOperations names the operations of one root type. The structs of their arguments are
// filled later, when the types have their names.
func (b *builder) addOperations(root *ast.Definition) {
	kind := map[*ast.Definition]ast.Operation{b.schema.Query: ast.Query, b.schema.Mutation: ast.Mutation, b.schema.Subscription: ast.Subscription}[root]
	for _, field := range root.Fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		op := &operation{
			Wire: field.Name, Kind: capital(string(kind)),
			Alternative: b.service.rootField(kind, field.Name).Alternative,
			Selection:   b.selector.selection(field.Type.Name()), ResultName: field.Type.String(),
		}
		op.Go = b.pick(b.methods, op.Kind+" "+field.Name, goName(field.Name), goName(field.Name)+op.Kind)
		op.Doc = b.operationDoc(op, field.Description)
		b.coverage.add(op, field, b.selector.tree(field.Type.Name()))
		for _, arg := range field.Arguments {
			at := position{On: root.Name + "." + field.Name, Name: arg.Name}
			settled := b.api.settledType(b.service.Name, at)
			uncertain := b.api.isUncertain(b.service.Name, at) || arg.Type.Name() == "JSON"
			op.Arguments = append(op.Arguments, argument{
				Name: arg.Name, Type: arg.Type.String(), Required: arg.Type.NonNull && arg.DefaultValue == nil,
				Settled: settled, Inline: uncertain && settled == "" && !isSecret(arg.Name),
			})
		}
		if isDeprecated(field.Directives) {
			op.Deprecated, op.DeprecatedDoc = b.replacement(kind, field.Name)
		}
		op.RequiredInputs = b.requiredInputs(field)
		op.document = document(op)
		b.model.Operations = append(b.model.Operations, op)
	}
}

// checkAlternatives returns an error if an alternative has other arguments or another result.
func (b *builder) checkAlternatives() error {
	for _, op := range b.model.Operations {
		if op.Alternative == "" {
			continue
		}
		i := slices.IndexFunc(b.model.Operations, func(other *operation) bool {
			return other.Wire == op.Alternative && other.Kind == op.Kind
		})
		if i < 0 || b.model.Operations[i].ResultName != op.ResultName ||
			!slices.EqualFunc(b.model.Operations[i].Arguments, op.Arguments, sameArgument) {
			return fmt.Errorf("the alternative %s of %s is not an operation of the same shape", op.Alternative, op.Wire)
		}
	}
	return nil
}

func sameArgument(a, b argument) bool { return a.Name == b.Name && a.Type == b.Type }

// replacement returns the replacement of a deprecated operation.
func (b *builder) replacement(kind ast.Operation, name string) (plain, doc string) {
	use := b.service.rootField(kind, name).Use
	if use == "" {
		return "no replacement is known", "no replacement is known"
	}
	home, found := b.api.home(b.service, use)
	switch {
	case !found:
		return "use " + use, "use " + use
	case home.Name == b.service.Name:
		return "use " + use, "use [Service." + goName(use) + "]"
	}
	return "use " + use + " of " + home.Name, "use " + goName(use) + " of package " + packageName(home.Name)
}

// document returns the operation's default document as a transport writes it, with a variable for
// every argument.
func document(op *operation) string {
	var variables, arguments []string
	for _, a := range op.Arguments {
		variables = append(variables, "$"+a.Name+": "+a.Type)
		arguments = append(arguments, a.Name+": $"+a.Name)
	}
	parens := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return "(" + strings.Join(list, ", ") + ")"
	}
	return strings.ToLower(op.Kind) + " " + op.Wire + parens(variables) + " { " + op.Wire + parens(arguments) + " " + op.Selection + " }"
}

// analyse parses and validates every default document, and returns the types that their
// arguments use.
func (b *builder) analyse() (map[string]bool, error) {
	var operations ast.OperationList
	for _, op := range b.model.Operations {
		source := &ast.Source{Name: op.Wire, Input: op.document}
		parsed, err := parsequery.ParseQueryDocuments(b.schema, []*ast.Source{source})
		if err != nil {
			return nil, err
		}
		operations = append(operations, parsed.Operations...)
		op.DeprecatedAliases = aliasesIn(parsed.Operations[0])
	}
	documents, err := querydocument.QueryDocumentsByOperations(b.schema, operations)
	if err != nil {
		return nil, err
	}
	return querydocument.CollectTypesFromQueryDocuments(b.schema, documents), nil
}

// pick names a thing in a scope. If all candidates are taken, it notes an error.
func (b *builder) pick(scope names, what string, candidates ...string) string {
	name, err := scope.unique(what, candidates...)
	if err != nil {
		b.errs = append(b.errs, err)
	}
	return name
}

// names are the identifiers of one scope, each with its meaning.
type names map[string]string

func (n names) reserve(list ...string) {
	for _, name := range list {
		n[name] = name
	}
}

// unique reserves the first free candidate for what. It returns an error if there is none.
func (n names) unique(what string, candidates ...string) (string, error) {
	for _, name := range candidates {
		if cmp.Or(n[name], what) == what {
			n[name] = what
			return name, nil
		}
	}
	last := candidates[len(candidates)-1]
	return last, fmt.Errorf("%s and %s have the same Go name %s", n[last], what, last)
}
