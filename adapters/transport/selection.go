package transport

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// ParseSelection parses a selection, for example "id name" or "{ id name }", and returns it with
// its braces, as [core.Request] requires it. It returns an error for invalid syntax, an empty
// selection, or text outside the braces. It does not check whether the fields exist.
func ParseSelection(given string) (string, error) {
	text := trimIgnored(given)
	if !strings.HasPrefix(text, "{") {
		text = "{ " + text + "\n}" // the line break ends a comment
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

// trimIgnored removes white space, commas and comments from the beginning of a text, and white
// space from its end.
func trimIgnored(text string) string {
	for {
		text = strings.TrimLeft(text, "\ufeff \t\r\n,")
		if !strings.HasPrefix(text, "#") {
			return strings.TrimSpace(text)
		}
		end := strings.IndexAny(text, "\r\n")
		if end < 0 {
			return ""
		}
		text = text[end:]
	}
}

// reasonOf returns a syntax error without its position, which is not that in the caller's text.
func reasonOf(err error) string {
	if syntax, ok := errors.AsType[*gqlerror.Error](err); ok {
		return syntax.Message
	}
	return err.Error()
}
