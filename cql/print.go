package cql

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/taegis-go/taegis/internal/text"
)

// String returns the text of the query. Parsing it returns an equal tree. If the tree has no valid
// text, String returns text that does not parse, and [Query.Text] returns an error.
func (q *Query) String() string {
	s, _ := q.Text()
	return s
}

// Text returns the text of the query. If the tree has no text that [Parse] accepts, for example
// because a list is empty, it returns a [*ValueError], joined with others if there are several.
func (q *Query) Text() (string, error) {
	var p printer
	p.query(q)
	if p.b.Len() > MaxBytes {
		p.errs = append(p.errs, valueError(shorter, "%s", tooLong))
	}
	return p.b.String(), joinErrors(p.errs...)
}

// printer writes a tree as text.
type printer struct {
	b    strings.Builder
	errs []error
}

// invalid writes what no parser takes, so that the text is not sent by mistake, and stores the
// error.
func (p *printer) invalid(format string, args ...any) {
	err := valueError("", format, args...)
	p.errs = append(p.errs, err)
	p.b.WriteString("!(" + err.Error() + ")")
}

func (p *printer) query(q *Query) {
	var parts []func()
	if len(q.Types) > 0 {
		parts = append(parts, func() { p.types(q.Types) })
	}
	if q.Where != nil {
		parts = append(parts, func() { p.b.WriteString("WHERE "); p.expr(q.Where, false, 0) })
	}
	if q.Earliest != nil {
		parts = append(parts, func() { p.b.WriteString("EARLIEST="); p.bound(q.Earliest) })
	}
	if q.Latest != nil {
		parts = append(parts, func() { p.b.WriteString("LATEST="); p.bound(q.Latest) })
	}
	for _, f := range q.Functions {
		parts = append(parts, func() { p.b.WriteString("| "); p.function(f) })
	}
	for i, write := range parts {
		if i > 0 {
			p.b.WriteByte(' ')
		}
		write()
	}
}

func (p *printer) types(types []TypeName) {
	p.b.WriteString("FROM ")
	for i, t := range types {
		if i > 0 {
			p.b.WriteString(", ")
		}
		if isColumn(t.Name) || t.Name == "*" && len(types) == 1 {
			p.b.WriteString(t.Name)
		} else {
			p.invalid("%q is not a type", text.Short(t.Name, 40))
		}
	}
}

// expr writes a condition. Those inside another one stand in parentheses if they have operands, so
// that precedence does not matter.
func (p *printer) expr(e Expr, inside bool, depth int) {
	switch e := e.(type) {
	case *AndExpr:
		p.operands(e.Operands, " AND ", inside, depth)
	case *OrExpr:
		p.operands(e.Operands, " OR ", inside, depth)
	case *Comparison:
		p.comparison(e)
	case *NullCheck:
		p.field(e.Field, true)
		p.b.WriteString(" IS ")
		if e.Not {
			p.b.WriteString("NOT ")
		}
		p.b.WriteString("NULL")
	default:
		p.invalid("a condition is nil")
	}
}

func (p *printer) operands(operands []Expr, join string, inside bool, depth int) {
	switch {
	case len(operands) < 2:
		p.invalid("%s has %d operands", strings.TrimSpace(join), len(operands))
		return
	case depth > MaxDepth:
		p.invalid("conditions are nested deeper than %d", MaxDepth)
		return
	}
	if inside {
		p.b.WriteByte('(')
	}
	for i, operand := range operands {
		if i > 0 {
			p.b.WriteString(join)
		}
		p.expr(operand, true, depth+1)
	}
	if inside {
		p.b.WriteByte(')')
	}
}

func (p *printer) comparison(c *Comparison) {
	p.field(c.Field, true)
	takes := c.Operator.operand()
	isList := takes == listOfValues || takes == stringOrList && len(c.Values) > 1
	switch {
	case takes == noOperator:
		p.invalid("%q is not an operator", text.Short(string(c.Operator), 20))
		return
	case len(c.Values) == 0 || len(c.Values) > 1 && !isList:
		p.invalid("%s has %d values", c.Operator, len(c.Values))
		return
	}
	p.b.WriteString(" " + string(c.Operator) + " ")
	if isList {
		p.b.WriteByte('(')
	}
	for i, v := range c.Values {
		if i > 0 {
			p.b.WriteByte(',')
		}
		if v.Kind != StringValue && (takes == oneString || takes == stringOrList) {
			p.invalid("%s takes strings only", c.Operator)
		}
		p.value(v)
	}
	if isList {
		p.b.WriteByte(')')
	}
}

func (p *printer) field(f Field, mayBeLogical bool) {
	if f.Logical && mayBeLogical && isName(f.Name) || !f.Logical && isPath(f.Name) {
		p.b.WriteString(f.String())
	} else {
		p.invalid("%q is not a field", text.Short(f.String(), 40))
	}
}

func (p *printer) value(v Value) {
	switch {
	case v.Kind == StringValue:
		p.string(v.Text)
	case v.Kind == NumberValue && isNumber(v.Text), v.Kind == BoolValue &&
		(v.Text == "true" || v.Text == "false"):
		p.b.WriteString(v.Text)
	default:
		p.invalid("%q is not a value of its kind", text.Short(v.Text, 40))
	}
}

func (p *printer) string(s string) {
	if !utf8.ValidString(s) {
		p.invalid("%s", notUTF8)
		return
	}
	writeString(&p.b, s)
}

const notUTF8 = "a string is not UTF-8"

// writeString writes s as a literal. The rule is that of docs/protocol.md#query-values.
func writeString(b *strings.Builder, s string) {
	isControl := func(r rune) bool { return r < ' ' || r == 0x7f }
	if !strings.Contains(s, "'") && strings.IndexFunc(s, isControl) < 0 {
		b.WriteString("'" + s + "'")
		return
	}
	b.WriteString("e'")
	_, _ = escaper.WriteString(b, s)
	b.WriteByte('\'')
}

// escaper escapes what cannot stand in e'…' as it is, and the control characters that have an
// escape.
var escaper = strings.NewReplacer(
	`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`,
)

func (p *printer) bound(b *Bound) {
	switch {
	case !b.Relative():
		p.string(b.Text)
	case b.problem() != "":
		p.invalid("%s", b.problem())
	default:
		p.b.WriteString(relativeText(b))
	}
}

// relativeText returns a relative bound as it is written.
func relativeText(b *Bound) string {
	s := "-" + strconv.Itoa(b.Amount) + string(b.Unit)
	if b.Snap != "" {
		s += "@" + string(b.Snap)
	}
	return s
}
