package cql

import (
	"fmt"
	"strings"
)

// condition parses alternatives.
func (p *parser) condition() Expr {
	first, joined := p.all()
	operands := []Expr{first}
	for p.accept("OR") {
		next, nextJoined := p.all()
		operands = append(operands, next)
		joined = joined || nextJoined
	}
	if len(operands) == 1 {
		return first
	}
	e := &OrExpr{Operands: operands}
	if joined && p.err == nil {
		p.mixed = append(p.mixed, e.Position())
	}
	return e
}

// all parses conditions joined by AND, and reports whether there are several. An AND before a bound
// does not belong to them.
func (p *parser) all() (e Expr, joined bool) {
	operands := []Expr{p.one()}
	for p.token.is("AND") && (p.depth > 0 || !p.ahead.isBound()) {
		p.next()
		operands = append(operands, p.one())
	}
	if len(operands) == 1 {
		return operands[0], false
	}
	return &AndExpr{Operands: operands}, true
}

// one parses a comparison, or a condition in parentheses.
func (p *parser) one() Expr {
	if !p.token.is("(") {
		if p.token.isBound() && !p.before.is("WHERE") {
			p.fail("a field", "bounds stand behind the condition, outside of parentheses and OR")
			return nil
		}
		return p.comparison()
	}
	if p.depth == MaxDepth {
		p.failAt(p.token, fmt.Sprintf("more than %d parentheses are open", MaxDepth),
			"join alternatives by IN")
		return nil
	}
	p.depth++
	p.next()
	e := p.condition()
	p.depth--
	if !p.accept(")") {
		hint := "close the parentheses before the bounds and functions"
		if p.token.is(",") {
			hint = "a list stands behind IN: field IN ('a','b')"
		}
		p.fail("AND, OR or )", hint)
		return nil
	}
	return e
}

// comparison parses a field with its operator and values.
func (p *parser) comparison() Expr {
	f := p.field()
	if p.accept("IS") {
		return p.nullCheck(f)
	}
	o := Operator(strings.ToUpper(p.token.text))
	if p.token.kind == stringToken || o.operand() == noOperator {
		p.failOperator(f)
		return nil
	}
	p.next()
	c := &Comparison{Field: f, Operator: o}
	p.left = *c
	isList := p.token.is("(")
	switch o.operand() {
	case oneValue:
		if isList {
			p.failAt(p.token, "a value expected, not a list",
				"write IN (…) or !IN (…) for several values")
		}
		c.Values = []Value{p.value()}
	case oneString:
		if isList {
			p.failAt(p.token, "a string expected, not a list",
				"join several by OR: a CONTAINS 'x' OR a CONTAINS 'y'")
		}
		c.Values = []Value{p.stringValue()}
	case listOfValues:
		if !isList {
			p.fail("(", "a list stands in parentheses, for example IN ('a','b')")
		}
		c.Values = p.list(p.value)
	case stringOrList:
		if isList {
			c.Values = p.list(p.stringValue)
		} else {
			c.Values = []Value{p.stringValue()}
		}
	}
	return c
}

// failOperator stores the error that no operator follows a field.
func (p *parser) failOperator(f Field) {
	hint := wordsOfSQL[strings.ToUpper(f.Name)]
	switch {
	case hint != "":
	case serviceOf(f.Name) != "" && p.before.kind == wordToken:
		hint = "types are separated by commas, for example FROM process, auth"
	case p.token.kind == wordToken && !p.token.isBound() && p.ahead.is("="):
		hint = "join conditions by AND, and types by commas"
	default:
		hint = operators
	}
	p.fail("an operator", hint)
}

// nullCheck parses what follows IS.
func (p *parser) nullCheck(f Field) Expr {
	not := p.accept("NOT")
	if !p.accept("NULL") {
		hint := "write IS NULL or IS NOT NULL"
		if p.token.kind != endToken && !p.token.is("NULL") {
			hint += ", and = or != for values"
		}
		p.failAt(p.token, fmt.Sprintf("NULL expected, not %s", shown(p.token)), hint)
		return nil
	}
	return &NullCheck{Field: f, Not: not}
}

// list parses values in parentheses.
func (p *parser) list(value func() Value) []Value {
	p.next()
	if p.token.is(")") {
		p.failAt(p.token, "the list is empty", "list at least one value, or do not send the query")
		return nil
	}
	var values []Value
	for p.err == nil {
		values = append(values, value())
		if p.accept(",") {
			continue
		}
		if !p.accept(")") {
			p.fail(", or )", "separate values by commas, and close the list with )")
		}
		break
	}
	return values
}

// value parses a literal.
func (p *parser) value() Value {
	v := Value{Source: p.token.text, Text: p.token.text, Pos: p.token.pos}
	switch t := p.token; {
	case t.kind == stringToken:
		return p.stringValue()
	case t.kind == amountToken && isNumber(t.text):
		v.Kind = NumberValue
	case t.kind == amountToken:
		p.fail("a value", numberHint(t.text))
		return Value{}
	case t.is("true"), t.is("false"):
		v.Kind, v.Text = BoolValue, strings.ToLower(t.text)
	case t.kind == wordToken:
		p.fail("a value", "quote strings and enum values: '"+shortWord(t)+"'")
		return Value{}
	default:
		p.fail("a value", "write a string in single quotes, a number, true or false")
		return Value{}
	}
	p.next()
	return v
}

// numberHint returns the right form of what begins like a number.
func numberHint(text string) string {
	if strings.Count(text, ".") > 1 {
		return "quote addresses: " + literal(text[:min(len(text), 40)])
	}
	return "a number has digits and one point, without exponent and unit; quote times"
}

// shortWord returns the text of a word for a hint.
func shortWord(t token) string { return t.text[:min(len(t.text), 30)] }

// stringValue parses a string.
func (p *parser) stringValue() Value {
	v := Value{Text: p.token.value, Source: p.token.text, Pos: p.token.pos}
	if p.token.kind != stringToken {
		hint := "this operator takes a string in single quotes"
		if p.token.kind == wordToken {
			hint += ": '" + shortWord(p.token) + "'"
		}
		p.fail("a string", hint)
		return Value{}
	}
	p.next()
	return v
}

// isNumber reports whether s is a number: digits, with a minus and a fraction if there are any.
func isNumber(s string) bool {
	whole, fraction, isFraction := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return whole != "" && isDigits(whole) && isFraction == (fraction != "") && isDigits(fraction)
}
