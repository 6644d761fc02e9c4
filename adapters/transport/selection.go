package transport

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// ParseSelection returns a selection that somebody wrote as a [core.Request] carries it: with its
// braces, which may be left out. Its error says what is wrong with the syntax, which includes a
// selection of nothing and anything outside the braces. Whether there are such fields is for the
// server to say.
func ParseSelection(given string) (string, error) {
	text := strings.TrimSpace(given)
	if !strings.HasPrefix(text, "{") {
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
