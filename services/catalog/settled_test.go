package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/schema"
)

// validDocument parses a document that calls an operation. It returns an error unless the variables
// have the settled types, and the document is valid for the SDL with the SDL's types.
func validDocument(sdl *ast.Schema, op *core.Operation, text string) (*ast.QueryDocument, error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil, err
	}
	for _, v := range doc.Operations[0].VariableDefinitions {
		i := slices.IndexFunc(op.Arguments, func(a core.Argument) bool { return a.Name == v.Variable })
		if i < 0 || v.Type.String() != op.Arguments[i].Declared() {
			return nil, fmt.Errorf("$%s is declared as %s", v.Variable, v.Type)
		}
		v.Type = typeOf(op.Arguments[i].Type)
	}
	if faults := validator.ValidateWithRules(sdl, doc, rules.NewDefaultRules()); len(faults) > 0 {
		return nil, faults
	}
	return doc, nil
}

// typeOf parses a type, for example "[ID!]!".
func typeOf(text string) *ast.Type {
	text, required := strings.CutSuffix(text, "!")
	if inner, list := strings.CutPrefix(text, "["); list {
		return &ast.Type{Elem: typeOf(strings.TrimSuffix(inner, "]")), NonNull: required}
	}
	return &ast.Type{NamedType: text, NonNull: required}
}

// A settled argument is a variable of the settled type. Of the uncertain ones that are left,
// secrets are variables and all others literals.
func TestSettledArguments(t *testing.T) {
	settled, err := schema.Settled()
	if err != nil {
		t.Fatal(err)
	}
	left, err := schema.Unsettled()
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{}
	for service, of := range settled {
		for _, s := range of.Arguments {
			if s.Note == "" {
				types[service+" "+s.On+" "+s.Name] = s.Type
			}
		}
	}
	open := map[string]bool{}
	for service, of := range left {
		for _, p := range of.Arguments {
			open[service+" "+p.On+" "+p.Name] = true
		}
	}
	variables, literals, secrets := 0, 0, 0
	for _, service := range catalog.Services() {
		operations, err := catalog.Operations(service)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			for _, a := range op.Arguments {
				kind := string(op.Kind)
				place := service + " " + strings.ToUpper(kind[:1]) + kind[1:] + "." + op.Name + " " + a.Name
				secret := holdsSecretWord(a.Name)
				switch known := types[place]; {
				case known != "" && a.Declared() == known && !a.Inline:
					variables++
				case known != "" || open[place] && a.Inline == secret:
					t.Errorf("%s: %+v, settled %q", place, a, known)
				case open[place] && secret:
					secrets++
				case open[place]:
					literals++
				}
			}
		}
	}
	if variables != 210 || literals != 520 || secrets != 17 {
		t.Errorf("%d settled, %d literals, %d secrets in variables", variables, literals, secrets)
	}
}

// secretWords are in the names of the uncertain arguments that can be a secret.
var secretWords = []string{"secret", "password", "token", "pin", "credential", "key", "cert"}

func holdsSecretWord(name string) bool {
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(folded(name), word) })
}
