package operation

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/redact"
)

// documentKinds returns the kind of a type in a document. Types that GraphQL itself does not define are
// scalars, because only the server has their definitions.
func documentKinds(name string) kind {
	if base := baseKind(name); base != (kind{}) {
		return base
	}
	return scalarKind
}

// Variables are the values of the command line for the variables of a document.
type Variables struct {
	Values    []string // of --var
	Object    string   // of --variables, "" for none
	Document  string   // the document, if it is an argument, which may contain a secret
	StdinRead bool     // the document was read from stdin
}

// DocumentVariables reads the variables that an operation of a document declares. It warns of secrets
// on the command line.
func DocumentVariables(ctx context.Context, a *cmdutil.App, op *ast.OperationDefinition, given Variables) (map[string]json.RawMessage, error) {
	r := &argumentReader{what: "variable", owner: "the document", stdin: a.In, kind: documentKinds, usedIn: given.StdinRead}
	for _, v := range op.VariableDefinitions {
		r.declared = append(r.declared, parameter{name: v.Variable, typ: v.Type.String(), required: v.Type.NonNull && v.DefaultValue == nil})
	}
	for _, text := range given.Values {
		if err := r.read(ctx, "--var", text); err != nil {
			return nil, err
		}
	}
	if given.Object != "" {
		object, _, err := r.content(ctx, given.Object)
		if err != nil {
			return nil, fmt.Errorf("--variables: %w", err)
		}
		if err := r.merge("--variables", object); err != nil {
			return nil, err
		}
	}
	if redact.InDocument(given.Document) {
		r.inArgv = append(r.inArgv, "the document")
	}
	if !strings.HasPrefix(given.Object, "@") && redact.InDocument(given.Object) {
		r.inArgv = append(r.inArgv, "--variables")
	}
	warnOfArgv(a, r.inArgv)
	return r.complete()
}
