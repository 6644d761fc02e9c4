package eval

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/cql"
)

// literal is a value of a query with its readings as other types.
type literal struct {
	text     string
	kind     cql.ValueKind
	number   float64
	isNumber bool
	at       time.Time
	isTime   bool
}

func newLiteral(v cql.Value) literal {
	l := literal{text: v.Text, kind: v.Kind}
	if v.Kind != cql.BoolValue {
		number, err := strconv.ParseFloat(v.Text, 64)
		l.number, l.isNumber = number, err == nil
	}
	if v.Kind == cql.StringValue {
		at, err := (&cql.Bound{Text: v.Text}).Time(time.Time{})
		l.at, l.isTime = at, err == nil
	}
	return l
}

func newLiterals(values []cql.Value) []literal {
	list := make([]literal, len(values))
	for i, v := range values {
		list[i] = newLiteral(v)
	}
	return list
}

// equal compares with a value of a field. Text compares without case, and a quoted number equals a
// number.
func (l literal) equal(value any) bool {
	switch v := value.(type) {
	case string:
		return strings.EqualFold(v, l.text)
	case bool:
		return strings.EqualFold(l.text, strconv.FormatBool(v))
	}
	sign, ok := l.compare(value)
	return ok && sign == 0
}

// compare returns the order of a value of a field and the literal: negative if the value is less.
// It returns false if they have no order.
func (l literal) compare(value any) (int, bool) {
	switch v := value.(type) {
	case int64:
		return cmp.Compare(float64(v), l.number), l.isNumber
	case float64:
		return cmp.Compare(v, l.number), l.isNumber
	case time.Time:
		return v.Compare(l.at), l.isTime
	case string:
		return strings.Compare(strings.ToLower(v), strings.ToLower(l.text)), l.kind == cql.StringValue
	}
	return 0, false
}

// Compare orders two values of a field. Absent values come first; text compares without case.
func Compare(a, b any) int {
	if left, right := rank(a), rank(b); left != right {
		return cmp.Compare(left, right)
	}
	switch a := a.(type) {
	case string:
		return strings.Compare(strings.ToLower(a), strings.ToLower(b.(string)))
	case bool:
		return cmp.Compare(boolNumber(a), boolNumber(b.(bool)))
	case time.Time:
		return a.Compare(b.(time.Time))
	case []string:
		return strings.Compare(strings.Join(a, "\x00"), strings.Join(b.([]string), "\x00"))
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	}
	left, _ := number(a)
	right, _ := number(b)
	return cmp.Compare(left, right)
}

// rank orders the types of values.
func rank(value any) int {
	switch value.(type) {
	case nil:
		return 0
	case bool:
		return 1
	case int64, float64:
		return 2
	case time.Time:
		return 3
	case string:
		return 4
	}
	return 5
}

func number(value any) (float64, bool) {
	switch v := value.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func boolNumber(b bool) int {
	if b {
		return 1
	}
	return 0
}
