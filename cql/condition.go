package cql

import (
	"errors"
	"strings"

	"github.com/taegis-go/taegis/internal/text"
)

// Condition is a condition for [Builder.Where]. If it has an error, [Builder.Query] and
// [Builder.Text] return it.
//
// Fields are written as in a query: "severity", "metadata.title", or "@ip" for a logical type.
type Condition struct {
	expr Expr
	err  error
}

// And holds if all of the conditions hold. At least one is required. Precedence does not matter:
// nested conditions are written in parentheses.
func And(conditions ...Condition) Condition {
	return join("And", conditions, func(operands []Expr) Expr { return &AndExpr{Operands: operands} })
}

// Or holds if at least one of the conditions holds. At least one is required.
func Or(conditions ...Condition) Condition {
	return join("Or", conditions, func(operands []Expr) Expr { return &OrExpr{Operands: operands} })
}

func join(name string, conditions []Condition, expr func([]Expr) Expr) Condition {
	var (
		operands []Expr
		errs     []error
	)
	for _, c := range conditions {
		switch {
		case c.err != nil:
			errs = append(errs, c.err)
		case c.expr == nil:
			errs = append(errs, valueError("", "%s has an empty condition", name))
		default:
			operands = append(operands, c.expr)
		}
	}
	switch {
	case len(errs) > 0:
		return Condition{err: joinErrors(errs...)}
	case len(operands) == 0:
		return failed(valueError("without a condition a query finds everything", "%s has no conditions",
			name))
	case len(operands) == 1:
		return Condition{expr: operands[0]}
	}
	return Condition{expr: expr(operands)}
}

// ConditionOf returns an expression, for example of a parsed query, as a condition, so that it can
// be combined with others.
func ConditionOf(e Expr) Condition {
	var p printer
	p.expr(e, false, 0)
	if len(p.errs) > 0 {
		return Condition{err: joinErrors(p.errs...)}
	}
	return Condition{expr: cloner{pos: samePosition, source: sameSource}.expr(e)}
}

// Expr returns the expression of the condition, or the errors in it.
func (c Condition) Expr() (Expr, error) {
	c = And(c)
	return c.expr, c.err
}

func failed(err error) Condition { return Condition{err: err} }

// compare returns the comparison of a field with values that were checked.
func compare(field string, o Operator, values []Value, err error) Condition {
	f, fieldErr := fieldOf(field)
	if bad, ok := errors.AsType[*ValueError](err); ok {
		err = &ValueError{Reason: text.Short(field, 60) + ": " + bad.Reason, HintText: bad.HintText}
	}
	if err = joinErrors(fieldErr, err); err != nil {
		return failed(err)
	}
	return Condition{expr: &Comparison{Field: f, Operator: o, Values: values}}
}

// fieldForm is the hint of a name that is not a field.
const fieldForm = "a field has names of letters, digits and _, joined by dots, and is no " +
	"keyword; @ begins a logical type"

// fieldOf returns the field or the logical type of that name.
func fieldOf(name string) (Field, error) {
	f := Field{Name: name}
	f.Name, f.Logical = strings.CutPrefix(name, "@")
	if f.Logical && !isName(f.Name) || !f.Logical && !isPath(f.Name) {
		return Field{}, valueError(fieldForm, "%q is not a field", text.Short(name, 60))
	}
	return f, nil
}

func one(field string, o Operator, v any) Condition {
	value, err := valueOf(field, v)
	return compare(field, o, []Value{value}, err)
}

// Eq holds if the field equals the value, ignoring case. A value is one of
//
//   - a string, or a type based on one; a type with MarshalText is written as its text
//   - an integer, a float or a [encoding/json.Number] without an exponent; NaN and infinity are
//     errors
//   - a bool
//   - a [time.Time], which is written in UTC with milliseconds, rounded down, if it has a fraction
//     of a second, and as a number of microseconds if the name of the field ends with "_usec"
//   - a pointer to one of them
//   - a [Value]
func Eq(field string, value any) Condition { return one(field, OpEqual, value) }

// NotEq holds if the field does not equal the value. See [Eq] for values.
func NotEq(field string, value any) Condition { return one(field, OpNotEqual, value) }

// LT holds if the field is less than the value. See [Eq] for values.
func LT(field string, value any) Condition { return one(field, OpLess, value) }

// LTE holds if the field is at most the value. See [Eq] for values.
func LTE(field string, value any) Condition { return one(field, OpLessEqual, value) }

// GT holds if the field is greater than the value. See [Eq] for values.
func GT(field string, value any) Condition { return one(field, OpGreater, value) }

// GTE holds if the field is at least the value. See [Eq] for values.
func GTE(field string, value any) Condition { return one(field, OpGreaterEqual, value) }

// In holds if the field equals one of the values, ignoring case. See [Eq] for values; a slice
// stands for its elements. An empty list is an error, so that it does not become a query that finds
// everything.
func In(field string, values ...any) Condition {
	list, err := valuesOf(field, values)
	return compare(field, OpIn, list, err)
}

// NotIn holds if the field equals none of the values. See [In].
func NotIn(field string, values ...any) Condition {
	list, err := valuesOf(field, values)
	return compare(field, OpNotIn, list, err)
}

// Contains holds if the field contains part, ignoring case. No character in part has a special
// meaning.
func Contains(field, part string) Condition { return ofStrings(field, OpContains, []string{part}) }

// NotContains holds if the field does not contain part.
func NotContains(field, part string) Condition {
	return ofStrings(field, OpNotContains, []string{part})
}

// Matches holds if one of the globs matches the whole field. "*" stands for any characters and
// cannot be escaped; see [QuoteGlob].
func Matches(field string, globs ...string) Condition { return ofStrings(field, OpMatches, globs) }

// NotMatches holds if none of the globs matches the field.
func NotMatches(field string, globs ...string) Condition {
	return ofStrings(field, OpNotMatches, globs)
}

// MatchesRegex holds if one of the regular expressions matches the field. It is not known whether
// the server anchors expressions, so write ^(?:…)$ to match the whole field, or .*(?:…).* to match
// a part. See [QuoteRegex] for literal text in an expression.
func MatchesRegex(field string, expressions ...string) Condition {
	return ofStrings(field, OpMatchesRegex, expressions)
}

// NotMatchesRegex holds if none of the regular expressions matches the field.
func NotMatchesRegex(field string, expressions ...string) Condition {
	return ofStrings(field, OpNotMatchesRegex, expressions)
}

func ofStrings(field string, o Operator, list []string) Condition {
	values, err := valuesOf(field, []any{list})
	return compare(field, o, values, err)
}

// IsNull holds if the field is absent. Stored events have zero values instead of absent ones; [Eq]
// with 0, false or "" finds them.
func IsNull(field string) Condition { return nullCheck(field, false) }

// IsNotNull holds if the field is present.
func IsNotNull(field string) Condition { return nullCheck(field, true) }

func nullCheck(field string, not bool) Condition {
	f, err := fieldOf(field)
	if err != nil {
		return failed(err)
	}
	return Condition{expr: &NullCheck{Field: f, Not: not}}
}
