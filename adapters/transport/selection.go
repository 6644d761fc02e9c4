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
	text := trimIgnored(given)
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

// trimIgnored cuts what GraphQL ignores off the beginning of a text, comments included, and white
// space off its end.
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

// reasonOf is a syntax error without a position, which would be that in a text that nobody sees.
func reasonOf(err error) string {
	if syntax, ok := errors.AsType[*gqlerror.Error](err); ok {
		return syntax.Message
	}
	return err.Error()
}
