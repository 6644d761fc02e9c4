package cql

import (
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// String returns s as one literal, quoted and escaped so that nothing in it can end the literal.
// The rule is that of docs/protocol.md#query-values. It returns a [*ValueError] if s is not UTF-8.
func String(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", valueError("", "%s", notUTF8)
	}
	var b strings.Builder
	writeString(&b, s)
	return b.String(), nil
}

// Literal returns v as one literal, or as a list of literals in parentheses if v is a slice or an
// array. [Eq] documents the types of v. Literal returns a [*ValueError] if v cannot be a value or
// is an empty list.
func Literal(v any) (string, error) {
	values, err := valuesOf("", []any{v})
	if err != nil {
		return "", err
	}
	var p printer
	if !isList(v) {
		p.value(values[0])
		return p.b.String(), nil
	}
	for i, value := range values {
		p.b.WriteString([]string{"(", ","}[min(i, 1)])
		p.value(value)
	}
	return p.b.String() + ")", nil
}

// isList reports whether v is a slice or an array that is not a text by itself, or a pointer to
// one.
func isList(v any) bool {
	r := pointedTo(v)
	return (r.Kind() == reflect.Slice || r.Kind() == reflect.Array) && !isText(r)
}

// pointedTo returns what v points to, or v itself.
func pointedTo(v any) reflect.Value {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer && !r.IsNil() && !isText(r) {
		r = r.Elem()
	}
	return r
}

// isText reports whether v has its own text, for example a net.IP.
func isText(v reflect.Value) bool {
	_, ok := reflect.TypeAssert[encoding.TextMarshaler](v)
	return ok
}

// valuesOf returns the values of a list for the field. An element that is a list gives its
// elements.
func valuesOf(field string, list []any) ([]Value, error) {
	var values []Value
	for _, v := range list {
		if !isList(v) {
			value, err := valueOf(field, v)
			if err != nil {
				return nil, err
			}
			values = append(values, value)
			continue
		}
		r := pointedTo(v)
		if r.Type().Elem().Kind() == reflect.Uint8 {
			return nil, valueError("convert it to a string", "a %T is not a value", v)
		}
		elements := make([]any, r.Len())
		for i := range elements {
			elements[i] = r.Index(i).Interface()
		}
		inside, err := valuesOf(field, elements)
		if err != nil {
			return nil, err
		}
		values = append(values, inside...)
	}
	if len(values) == 0 {
		return nil, valueError("do not send the query: no record can match", "a list has no values")
	}
	return values, nil
}

// valueOf returns the value of a field. See [Eq] for the types.
func valueOf(field string, v any) (Value, error) {
	switch v := v.(type) {
	case nil:
		return Value{}, errNil
	case Value:
		return checkedValue(v)
	case time.Time:
		return timeValue(field, v), checkYear(v)
	case time.Duration:
		return Value{},
			valueError("convert it to the unit of the field", "a time.Duration is not a value")
	case json.Number:
		return checkedValue(Value{Kind: NumberValue, Text: string(v)})
	}
	r := reflect.ValueOf(v)
	switch {
	case (r.Kind() == reflect.Pointer || r.Kind() == reflect.Slice) && r.IsNil():
		return Value{}, errNil
	case r.Kind() == reflect.Pointer:
		return valueOf(field, r.Elem().Interface())
	case r.Kind() != reflect.String && isText(r):
		text, err := v.(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return Value{}, valueError("", "a %T is not a value: %v", v, err)
		}
		return checkedValue(Value{Text: string(text)})
	}
	return plainValue(r)
}

var errNil = valueError("use IsNull or IsNotNull", "nil is not a value")

// plainValue returns the value of a basic type, or of a type based on one.
func plainValue(r reflect.Value) (Value, error) {
	switch kind := r.Kind(); kind {
	case reflect.String:
		return checkedValue(Value{Text: r.String()})
	case reflect.Bool:
		return Value{Kind: BoolValue, Text: strconv.FormatBool(r.Bool())}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Value{Kind: NumberValue, Text: strconv.FormatInt(r.Int(), 10)}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return Value{Kind: NumberValue, Text: strconv.FormatUint(r.Uint(), 10)}, nil
	case reflect.Float32, reflect.Float64:
		if f := r.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return Value{}, valueError("", "%v is not a value", f)
		}
		return Value{Kind: NumberValue, Text: strconv.FormatFloat(r.Float(), 'f', -1, r.Type().Bits())},
			nil
	}
	return Value{},
		valueError("use a string, a number, a bool or a time.Time", "a %s is not a value", r.Type())
}

// checkedValue returns v if it can be written.
func checkedValue(v Value) (Value, error) {
	var p printer
	p.value(v)
	if len(p.errs) > 0 {
		return Value{}, p.errs[0]
	}
	return Value{Kind: v.Kind, Text: v.Text}, nil
}

// timeValue returns t in the form of the field: microseconds if its name ends with "_usec", else
// text in UTC with milliseconds if t has any.
func timeValue(field string, t time.Time) Value {
	if strings.HasSuffix(strings.ToLower(field), "_usec") {
		return Value{Kind: NumberValue, Text: strconv.FormatInt(t.UnixMicro(), 10)}
	}
	t = t.UTC().Truncate(time.Millisecond)
	if t.Nanosecond() == 0 {
		return Value{Text: t.Format(timeLayout)}
	}
	return Value{Text: t.Format("2006-01-02T15:04:05.000Z")}
}
