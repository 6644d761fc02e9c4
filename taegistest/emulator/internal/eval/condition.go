package eval

import (
	"regexp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/cql"
)

// Condition compiles a condition. A nil condition holds for every record.
func Condition(e cql.Expr) (func(Record) bool, error) {
	switch e := e.(type) {
	case nil:
		return func(Record) bool { return true }, nil
	case *cql.AndExpr:
		all, err := conditions(e.Operands)
		return func(r Record) bool {
			return !slices.ContainsFunc(all, func(holds func(Record) bool) bool { return !holds(r) })
		}, err
	case *cql.OrExpr:
		some, err := conditions(e.Operands)
		return func(r Record) bool {
			return slices.ContainsFunc(some, func(holds func(Record) bool) bool { return holds(r) })
		}, err
	case *cql.NullCheck:
		return func(r Record) bool { return isNull(r, e.Field) != e.Not }, nil
	case *cql.Comparison:
		return comparison(e)
	}
	return nil, Errorf(e.Position(), "the condition is not supported")
}

func conditions(operands []cql.Expr) ([]func(Record) bool, error) {
	list := make([]func(Record) bool, len(operands))
	for i, operand := range operands {
		holds, err := Condition(operand)
		if err != nil {
			return nil, err
		}
		list[i] = holds
	}
	return list, nil
}

// isNull reports whether a field is absent, or an empty list.
func isNull(r Record, f cql.Field) bool {
	if f.Logical {
		return len(r.Logical(key(f))) == 0
	}
	switch v := r.Value(key(f)).(type) {
	case nil:
		return true
	case []string:
		return len(v) == 0
	}
	return false
}

// test reports whether one value of a field satisfies an operator.
type test func(value any) bool

// comparison compiles a comparison. A negated operator holds if no value satisfies the positive
// one, and so on an absent field too.
func comparison(e *cql.Comparison) (func(Record) bool, error) {
	satisfies, err := testOf(e)
	if err != nil {
		return nil, err
	}
	name, negated := key(e.Field), e.Operator.Negated()
	if e.Field.Logical {
		return func(r Record) bool { return slices.ContainsFunc(r.Logical(name), satisfies) != negated }, nil
	}
	return func(r Record) bool { return anyElement(r.Value(name), satisfies) != negated }, nil
}

// anyElement reports whether the value, or an element of a list, satisfies the test.
func anyElement(value any, satisfies test) bool {
	switch v := value.(type) {
	case nil:
		return false
	case []string:
		return slices.ContainsFunc(v, func(element string) bool { return satisfies(element) })
	}
	return satisfies(value)
}

// testOf compiles the positive operator of a comparison.
func testOf(e *cql.Comparison) (test, error) {
	switch e.Operator.Positive() {
	case cql.OpEqual, cql.OpIn:
		literals := newLiterals(e.Values)
		return func(value any) bool {
			return slices.ContainsFunc(literals, func(l literal) bool { return l.equal(value) })
		}, nil
	case cql.OpLess, cql.OpLessEqual, cql.OpGreater, cql.OpGreaterEqual:
		return order(e.Operator, newLiteral(e.Values[0])), nil
	case cql.OpContains:
		part := strings.ToLower(e.Values[0].Text)
		return ofText(func(text string) bool { return strings.Contains(strings.ToLower(text), part) }), nil
	case cql.OpMatches:
		return patterns(e.Values, glob)
	case cql.OpMatchesRegex:
		return patterns(e.Values, func(text string) string { return "(?i)" + text })
	}
	return nil, Errorf(e.Field.Pos, "the operator %s is not supported", e.Operator)
}

func order(operator cql.Operator, l literal) test {
	return func(value any) bool {
		sign, ok := l.compare(value)
		if !ok {
			return false
		}
		switch operator {
		case cql.OpLess:
			return sign < 0
		case cql.OpLessEqual:
			return sign <= 0
		case cql.OpGreater:
			return sign > 0
		}
		return sign >= 0
	}
}

// ofText returns a test of strings; it fails for other values.
func ofText(holds func(string) bool) test {
	return func(value any) bool {
		text, ok := value.(string)
		return ok && holds(text)
	}
}

// patterns returns a test for one of several regular expressions, found anywhere in the text.
func patterns(values []cql.Value, expression func(string) string) (test, error) {
	list := make([]*regexp.Regexp, len(values))
	for i, v := range values {
		compiled, err := regexp.Compile(expression(v.Text))
		if err != nil {
			return nil, Errorf(v.Pos, "not a regular expression: %v", err)
		}
		list[i] = compiled
	}
	return ofText(func(text string) bool {
		return slices.ContainsFunc(list, func(r *regexp.Regexp) bool { return r.MatchString(text) })
	}), nil
}

// glob returns the regular expression for a pattern over the whole value, in which only "*" is
// special.
func glob(pattern string) string {
	parts := strings.Split(pattern, "*")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return `(?is)\A` + strings.Join(parts, ".*") + `\z`
}
