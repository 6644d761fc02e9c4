package introspection

import (
	"errors"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// parseValue reads a default value, which introspection has as text. Some servers write their own
// language's notation there: what is no GraphQL is taken for a string.
func parseValue(text string) *ast.Value {
	r := &valueReader{lexer: lexer.New(&ast.Source{Input: text})}
	r.next()
	value := r.value()
	if r.err != nil || r.token.Kind != lexer.EOF {
		return &ast.Value{Kind: ast.StringValue, Raw: text}
	}
	return value
}

// valueReader reads constant values. gqlparser's own parser comes with the whole language, 57 KB
// more in every program.
type valueReader struct {
	lexer lexer.Lexer
	token lexer.Token
	depth int
	err   error
}

// deepest bounds nesting, since the text comes from elsewhere.
const deepest = 100

var errNoValue = errors.New("not a value")

func (r *valueReader) next() {
	token, err := r.lexer.ReadToken()
	if r.err == nil {
		r.token, r.err = token, err
	}
}

func (r *valueReader) value() *ast.Value {
	token := r.token
	switch token.Kind {
	case lexer.BracketL:
		return r.children(ast.ListValue, lexer.BracketR)
	case lexer.BraceL:
		return r.children(ast.ObjectValue, lexer.BraceR)
	}
	kind, ok := scalars[token.Kind]
	if !ok {
		r.err = errNoValue
		return nil
	}
	if token.Kind == lexer.Name {
		switch token.Value {
		case "true", "false":
			kind = ast.BooleanValue
		case "null":
			kind = ast.NullValue
		}
	}
	r.next()
	return &ast.Value{Kind: kind, Raw: token.Value}
}

var scalars = map[lexer.Type]ast.ValueKind{
	lexer.Int: ast.IntValue, lexer.Float: ast.FloatValue, lexer.Name: ast.EnumValue,
	lexer.String: ast.StringValue, lexer.BlockString: ast.BlockValue,
}

// children reads the items of a list, or the members of an object, and what closes it.
func (r *valueReader) children(kind ast.ValueKind, end lexer.Type) *ast.Value {
	if r.depth++; r.depth > deepest {
		r.err = errNoValue
		return nil
	}
	defer func() { r.depth-- }()
	value := &ast.Value{Kind: kind}
	for r.next(); r.err == nil && r.token.Kind != end; {
		child := &ast.ChildValue{}
		if kind == ast.ObjectValue {
			child.Name = r.token.Value
			r.take(lexer.Name)
			r.take(lexer.Colon)
		}
		child.Value = r.value()
		value.Children = append(value.Children, child)
	}
	r.take(end)
	return value
}

// take reads over a token that must be there.
func (r *valueReader) take(kind lexer.Type) {
	if r.err == nil && r.token.Kind != kind {
		r.err = errNoValue
	}
	r.next()
}
