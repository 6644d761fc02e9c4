package cql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of [Parse].
const (
	// MaxBytes is the largest length of a query.
	MaxBytes = 4 << 20
	// MaxDepth is the largest depth of parentheses.
	MaxDepth = 500
)

var tooLong = fmt.Sprintf("the query is longer than %d bytes", MaxBytes)

const shorter = "send several shorter queries"

// Parse returns the syntax tree of a query. If text is not a query, or exceeds [MaxBytes] or
// [MaxDepth], Parse returns a [*SyntaxError]. The grammar is that of
// docs/protocol.md#query-language.
//
// Parse does not check whether a server accepts the query; see [Lint].
func Parse(text string) (*Query, error) {
	q, _, err := parse(text)
	return q, err
}

// parse also returns the place of each OR with an AND that has no parentheses.
func parse(text string) (q *Query, mixed []Position, err error) {
	start := Position{Line: 1, Column: 1}
	if len(text) > MaxBytes {
		return nil, nil, &SyntaxError{Position: start, Reason: tooLong, HintText: shorter}
	}
	if err := checkText(text); err != nil {
		return nil, nil, err
	}
	p := &parser{lexer: newLexer(text)}
	p.token = p.lexer.next()
	p.ahead = p.lexer.next()
	q = p.query()
	if p.err != nil {
		return nil, nil, p.err
	}
	return q, p.mixed, nil
}

// checkText finds bytes that are no UTF-8, and a string that does not end. That error comes first,
// since all that follows the wrong quote is misread.
func checkText(text string) error {
	l := newLexer(text)
	if !utf8.ValidString(text) {
		for i, r := range text {
			if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
				l.advance(i)
				break
			}
		}
		return &SyntaxError{
			Position: l.pos, Reason: "invalid UTF-8",
			HintText: "send text as UTF-8, and binary data not at all",
		}
	}
	var short token
	for t := l.next(); t.kind != endToken; t = l.next() {
		if t.open {
			if short.kind == stringToken {
				t.err.HintText = joined(text, short)
			}
			return t.err
		}
		if short.kind != stringToken && isCutShort(text, t) {
			short = t
		}
	}
	return nil
}

// parser reads tokens. After the first error all of its methods return at once.
type parser struct {
	lexer  *lexer
	before token // the token before
	token  token
	ahead  token
	depth  int
	left   Comparison // the field and the operator before the current token
	mixed  []Position // see parse
	err    error
}

// next moves to the next token.
func (p *parser) next() {
	if p.err != nil {
		return
	}
	p.before, p.token = p.token, p.ahead
	p.ahead = p.lexer.next()
}

// end makes the rest of the text empty, so that every loop ends.
func (p *parser) end() {
	p.token, p.ahead = token{}, token{}
}

// fail stores the error that the current token is not what was expected. The hint is used if the
// token does not have a better one.
func (p *parser) fail(expected, hint string) {
	if p.err != nil {
		return
	}
	if better := p.hintFor(p.token); better != "" {
		hint = better
	}
	p.failAt(p.token, fmt.Sprintf("%s expected, not %s", expected, shown(p.token)), hint)
}

// hintFor returns the hint for a token that does not fit, "" if none is known.
func (p *parser) hintFor(t token) string {
	isNull := t.is("null") || t.is("none") || t.is("nil")
	switch {
	case isCutShort(p.lexer.text, p.before):
		return joined(p.lexer.text, p.before)
	case t.kind == stringToken && p.before.kind == stringToken &&
		p.before.pos.Offset+len(p.before.text) == t.pos.Offset:
		return "write " + literal(p.before.value+"'"+t.value) + ": an apostrophe ends a plain string"
	case t.is("NOT") && (p.ahead.is("LIKE") || p.ahead.is("ILIKE")):
		return "write !CONTAINS '…', or !MATCHES '…' with * for any characters"
	case t.is("LIKE"), t.is("ILIKE"):
		return likeHint(p.ahead)
	case t.is("NOT") && p.ahead.kind == wordToken &&
		Operator(strings.ToUpper(p.ahead.text)).operand() != noOperator:
		return "negation is ! before the operator: !" + strings.ToUpper(p.ahead.text)
	case isNull && p.left.Operator == OpEqual:
		return "write " + p.left.Field.String() + " IS NULL"
	case isNull && p.left.Operator == OpNotEqual:
		return "write " + p.left.Field.String() + " IS NOT NULL"
	}
	return hintFor(p.before, t)
}

// failAt stores an error about the token.
func (p *parser) failAt(t token, reason, hint string) {
	if p.err != nil {
		return
	}
	if t.err != nil {
		p.err = t.err
	} else {
		p.err = &SyntaxError{Position: t.pos, Reason: reason, HintText: hint}
	}
	p.end()
}

// accept moves on if the token is the word or symbol.
func (p *parser) accept(text string) bool {
	if !p.token.is(text) {
		return false
	}
	p.next()
	return true
}

// query parses all of the text.
func (p *parser) query() *Query {
	q := &Query{}
	if p.accept("FROM") {
		q.Types = p.types()
	}
	if p.accept("WHERE") || p.beginsCondition() {
		q.Where = p.condition()
	}
	for p.isBound() {
		p.bound(q)
	}
	for p.accept("|") {
		q.Functions = append(q.Functions, p.function())
	}
	if p.err == nil && p.token.kind != endToken {
		p.fail(p.continuation(q), p.orderHint())
	}
	return q
}

// beginsCondition reports whether the token begins a condition without WHERE.
func (p *parser) beginsCondition() bool {
	switch t := p.token; t.kind {
	case wordToken:
		return !p.isBound()
	case logicalToken, stringToken: // a string is an error with a hint
		return true
	default:
		return t.is("(")
	}
}

// continuation names what can follow what was parsed.
func (p *parser) continuation(q *Query) string {
	switch {
	case len(q.Functions) > 0:
		return "| or the end"
	case q.Earliest != nil || q.Latest != nil:
		return "a bound, | or the end"
	default:
		return "AND, OR, a bound, | or the end"
	}
}

// orderHint says what is wrong if a condition or a bound comes too late.
func (p *parser) orderHint() string {
	switch {
	case p.token.isBound(), p.token.is("AND"), p.token.is("OR"), p.token.is("("),
		p.token.kind == wordToken, p.token.kind == logicalToken:
		return wordsOfSQL["WHERE"]
	case p.token.is(")"):
		return "parentheses are not balanced"
	case p.token.is(",") && p.before.is("*"):
		return "* stands alone: it is all event types"
	case p.token.is(","):
		return "a list stands behind IN, and numbers have a decimal point"
	}
	return ""
}

// types parses what follows FROM.
func (p *parser) types() []TypeName {
	if p.token.is("*") {
		all := TypeName{Name: "*", Pos: p.token.pos}
		p.next()
		return []TypeName{all}
	}
	var types []TypeName
	for {
		if p.token.kind != wordToken || !isColumn(p.token.text) {
			if p.token.kind == badToken && strings.ContainsAny(p.token.text, "\"`‘’“”") {
				p.token.err.HintText = "types stand without quotes, for example FROM alert"
			}
			p.failAt(p.token, "a type expected, not "+shown(p.token),
				"write FROM alert, FROM process, auth, or FROM * for all event types")
			return nil
		}
		types = append(types, TypeName{Name: p.token.text, Pos: p.token.pos})
		p.next()
		if !p.accept(",") {
			return types
		}
	}
}

// field parses a field or a logical type.
func (p *parser) field() Field {
	f := Field{Name: p.token.text, Pos: p.token.pos}
	switch {
	case p.token.kind == logicalToken:
		f.Name, f.Logical = f.Name[1:], true
	case p.token.kind != wordToken || !isPath(p.token.text):
		hint := "a comparison begins with a field, for example status = 'OPEN'"
		if p.before.is("WHERE") && p.token.isBound() {
			hint = "leave WHERE out, or write a condition"
		}
		p.fail("a field", hint)
		return Field{}
	}
	p.next()
	return f
}

// path parses a field that is not a logical type.
func (p *parser) path() Field {
	if p.token.kind == logicalToken {
		p.fail("a field", "functions take no logical types; name a field, for example username")
		return Field{}
	}
	return p.field()
}
