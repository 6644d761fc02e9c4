package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/core"
)

// parseSelection returns the selection for an operation with its braces, or "" for an empty
// text. It checks the syntax, and that nothing stands outside the braces.
func parseSelection(op *core.Operation, given string) (string, error) {
	text := strings.TrimSpace(given)
	switch {
	case text == "":
		return "", nil
	case op.Selection == "":
		return "", fmt.Errorf("%s answers a plain value, which has no fields", op.Name)
	case !strings.HasPrefix(text, "{"):
		text = "{ " + text + "\n}" // a comment ends with its line
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: "{ root " + text + "\n}"})
	if err != nil {
		return "", fmt.Errorf("%q: %s", given, reasonOf(err))
	}
	if len(doc.Operations) != 1 || len(doc.Fragments) != 0 || len(doc.Operations[0].SelectionSet) != 1 {
		return "", fmt.Errorf("%q: the braces do not match", given)
	}
	return text, nil
}

// reasonOf is a syntax error without a position, which would be that in a text that nobody sees.
func reasonOf(err error) string {
	if syntax, ok := errors.AsType[*gqlerror.Error](err); ok {
		return syntax.Message
	}
	return err.Error()
}
