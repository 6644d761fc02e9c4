package cql

import "strings"

// Position is a position in the text of a query. It is zero for a node that was not parsed.
type Position struct {
	Offset int // in bytes, from 0
	Line   int // from 1
	Column int // in characters, from 1
}

// Query is the syntax tree of a query. The zero value is the empty query, which finds everything in
// the server's default window.
//
// Positions and [Value.Source] are not part of its meaning; see [Query.Equal].
type Query struct {
	// Types are the types after FROM: none without FROM, one "*" for all types of the service.
	Types []TypeName
	// Where is the condition, nil for none.
	Where Expr
	// Earliest and Latest bound the time of the records, both ends included; nil if absent.
	Earliest, Latest *Bound
	// Functions are the steps after the pipes, in order.
	Functions []Function
}

// TypeName is the name of a type after FROM, as it was written. The case of names does not matter.
type TypeName struct {
	Name string // "*" for all types
	Pos  Position
}

// Expr is a condition: an [*AndExpr], [*OrExpr], [*Comparison] or [*NullCheck].
type Expr interface {
	// Position returns the place of the expression's first field.
	Position() Position
	isExpr()
}

// AndExpr holds if all of its operands do. It has at least two.
type AndExpr struct{ Operands []Expr }

// OrExpr holds if one of its operands does. It has at least two.
type OrExpr struct{ Operands []Expr }

// Comparison compares a field with values.
type Comparison struct {
	Field    Field
	Operator Operator
	// Values are the right side: at least one for IN and MATCHES and their relatives, one for the
	// other operators.
	Values []Value
}

// NullCheck is IS NULL, or IS NOT NULL if Not is set.
type NullCheck struct {
	Field Field
	Not   bool
}

func (*AndExpr) isExpr()    {}
func (*OrExpr) isExpr()     {}
func (*Comparison) isExpr() {}
func (*NullCheck) isExpr()  {}

// Position returns the place of the first field.
func (e *AndExpr) Position() Position { return firstPosition(e.Operands) }

// Position returns the place of the first field.
func (e *OrExpr) Position() Position { return firstPosition(e.Operands) }

// Position returns the place of the field.
func (e *Comparison) Position() Position { return e.Field.Pos }

// Position returns the place of the field.
func (e *NullCheck) Position() Position { return e.Field.Pos }

func firstPosition(operands []Expr) Position {
	if len(operands) == 0 || operands[0] == nil {
		return Position{}
	}
	return operands[0].Position()
}

// Inspect calls f for e and all expressions below it, each before its operands. If f returns false,
// Inspect skips the operands of that expression. If e is nil, Inspect does nothing.
func Inspect(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	for _, operand := range operandsOf(e) {
		Inspect(operand, f)
	}
}

// operandsOf returns the operands of AND and OR, nil for other expressions.
func operandsOf(e Expr) []Expr {
	switch e := e.(type) {
	case *AndExpr:
		return e.Operands
	case *OrExpr:
		return e.Operands
	}
	return nil
}

// Field is a field of a record, or with Logical all fields of a logical type, for example "@ip".
type Field struct {
	Name    string // for example "metadata.title", or "ip" for @ip
	Logical bool
	Pos     Position
}

// String returns the field as it is written in a query.
func (f Field) String() string {
	if f.Logical {
		return "@" + f.Name
	}
	return f.Name
}

// ValueKind is the type of a literal.
type ValueKind int

// The kinds of literals.
const (
	StringValue ValueKind = iota
	NumberValue
	BoolValue
)

// Value is a literal.
type Value struct {
	Kind ValueKind
	// Text is the text of a string without quotes and escapes, a number exactly as it was written,
	// or "true" or "false".
	Text string
	// Source is the literal as it was written, "" for one that was not parsed.
	Source string
	Pos    Position
}

// Bool reports whether v is the boolean true.
func (v Value) Bool() bool { return v.Kind == BoolValue && v.Text == "true" }

// Operator is an operator between a field and its values, as it is written in a query.
type Operator string

// The operators of a [Comparison].
const (
	OpEqual           Operator = "="
	OpNotEqual        Operator = "!="
	OpLess            Operator = "<"
	OpLessEqual       Operator = "<="
	OpGreater         Operator = ">"
	OpGreaterEqual    Operator = ">="
	OpIn              Operator = "IN"
	OpNotIn           Operator = "!IN"
	OpContains        Operator = "CONTAINS"
	OpNotContains     Operator = "!CONTAINS"
	OpMatches         Operator = "MATCHES"
	OpNotMatches      Operator = "!MATCHES"
	OpMatchesRegex    Operator = "MATCHES_REGEX"
	OpNotMatchesRegex Operator = "!MATCHES_REGEX"
)

// Negated reports whether the operator begins with "!".
func (o Operator) Negated() bool { return strings.HasPrefix(string(o), "!") }

// Positive returns the operator without its negation, for example IN for !IN.
func (o Operator) Positive() Operator {
	if o == OpNotEqual {
		return OpEqual
	}
	return Operator(strings.TrimPrefix(string(o), "!"))
}

// operand says which values an operator takes.
type operand int

const (
	noOperator   operand = iota
	oneValue             // one literal
	listOfValues         // (v, …)
	oneString            // one string
	stringOrList         // one string or a list of strings
)

// operand returns which values o takes, noOperator if there is no such operator.
func (o Operator) operand() operand {
	switch o {
	case OpEqual, OpNotEqual, OpLess, OpLessEqual, OpGreater, OpGreaterEqual:
		return oneValue
	case OpIn, OpNotIn:
		return listOfValues
	case OpContains, OpNotContains:
		return oneString
	case OpMatches, OpNotMatches, OpMatchesRegex, OpNotMatchesRegex:
		return stringOrList
	}
	return noOperator
}
