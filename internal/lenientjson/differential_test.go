package lenientjson_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/lenientjson"
)

// asTyped rewrites a text for encoding/json if this package accepts more: a number for a string as
// a string, and an integer without fraction and exponent. Invalid JSON stays as it is.
func asTyped(text []byte, t reflect.Type) []byte {
	if !json.Valid(text) {
		return text
	}
	return rewrite(bytes.TrimSpace(text), t)
}

func rewrite(value []byte, t reflect.Type) []byte {
	if isSpecial(t) {
		return value
	}
	switch begin := value[0]; t.Kind() {
	case reflect.Pointer:
		return rewrite(value, t.Elem())
	case reflect.Slice:
		if begin == '[' {
			return rewriteList(value, t.Elem())
		}
	case reflect.Struct:
		if begin == '{' && isPlain(t) {
			return rewriteObject(value, t)
		}
	case reflect.String:
		if isNumber(begin) {
			return []byte(`"` + string(value) + `"`)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if isNumber(begin) && len(value) < 50 && bytes.ContainsAny(value, ".eE") {
			if n, ok := exactly(string(value)); ok {
				return []byte(n)
			}
		}
	}
	return value
}

func isNumber(begin byte) bool { return begin == '-' || '0' <= begin && begin <= '9' }

// exactly returns the integer that a number is, if it is one.
func exactly(number string) (string, bool) {
	if _, exponent, _ := strings.Cut(strings.ToLower(number), "e"); len(exponent) > 4 {
		return "", false
	}
	n, ok := new(big.Rat).SetString(number)
	if !ok || !n.IsInt() {
		return "", false
	}
	return n.Num().String(), true
}

func rewriteList(value []byte, item reflect.Type) []byte {
	var items []json.RawMessage
	_ = json.Unmarshal(value, &items) // it is a list
	var list [][]byte
	for _, text := range items {
		list = append(list, rewrite(text, item))
	}
	return append(append([]byte("["), bytes.Join(list, []byte(","))...), ']')
}

func rewriteObject(value []byte, t reflect.Type) []byte {
	d := json.NewDecoder(bytes.NewReader(value))
	_, _ = d.Token() // the brace
	var members [][]byte
	for d.More() {
		token, _ := d.Token()
		name, _ := token.(string)
		var member json.RawMessage
		_ = d.Decode(&member) // it is valid
		key, _ := json.Marshal(name)
		if f, ok := fieldOf(t, name); ok {
			member = rewrite(member, f)
		}
		members = append(members, append(append(key, ':'), member...))
	}
	return append(append([]byte("{"), bytes.Join(members, []byte(","))...), '}')
}

// fieldOf finds the type of the field for a member as encoding/json does.
func fieldOf(t reflect.Type, name string) (reflect.Type, bool) {
	for _, equal := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for f := range t.Fields() {
			tag := f.Tag.Get("json")
			known, _, _ := strings.Cut(tag, ",")
			if known == "" {
				known = f.Name
			}
			if f.IsExported() && tag != "-" && equal(known, name) {
				return f.Type, true
			}
		}
	}
	return nil, false
}

// isSpecial reports whether encoding/json decodes a type in a way of its own.
func isSpecial(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) ||
		t == reflect.TypeFor[json.Number]() || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// isPlain reports whether a struct is decoded field by field, and not left to encoding/json.
func isPlain(t reflect.Type) bool {
	for f := range t.Fields() {
		if f.Anonymous || strings.Contains(f.Tag.Get("json"), ",string") {
			return false
		}
	}
	return true
}

type level string

// appended has a method of its own, which shows how often it is called.
type appended struct{ seen string }

func (a *appended) UnmarshalJSON(text []byte) error {
	a.seen += "<" + string(text) + ">"
	if strings.Contains(string(text), "bad") {
		return errors.New("bad")
	}
	return nil
}

type nested struct {
	Text    string          `json:"a"`
	Number  *int            `json:"b"`
	Nested  []nested        `json:"c"`
	Map     map[string]any  `json:"d"`
	Raw     json.RawMessage `json:"r"`
	Letter  string          `json:"K"`
	LongEss string          `json:"ſ"`
}

// varied has types in combinations that [everything] does not have, all of their names alike but
// for the case.
type varied struct {
	S      string            `json:"s"`
	PS     *string           `json:"ps"`
	PPS    **string          `json:"pps"`
	I      int               `json:"i"`
	I8     int8              `json:"i8"`
	I64    int64             `json:"i64"`
	U      uint              `json:"u"`
	U8     uint8             `json:"u8"`
	F      float64           `json:"f"`
	F32    float32           `json:"f32"`
	B      bool              `json:"b"`
	PB     *bool             `json:"pb"`
	L      []string          `json:"l"`
	LP     []*string         `json:"lp"`
	LL     [][]int           `json:"ll"`
	LO     []nested          `json:"lo"`
	LPO    []*nested         `json:"lpo"`
	O      nested            `json:"o"`
	PO     *nested           `json:"po"`
	M      map[string]string `json:"m"`
	MO     map[string]nested `json:"mo"`
	MI     map[int]int       `json:"mi"`
	A      any               `json:"a"`
	R      json.RawMessage   `json:"r"`
	PR     *json.RawMessage  `json:"pr"`
	T      time.Time         `json:"t"`
	PT     *time.Time        `json:"pt"`
	N      json.Number       `json:"n"`
	Bytes  []byte            `json:"by"`
	Array  [2]int            `json:"arr"`
	Level  level             `json:"en"`
	Levels []level           `json:"len"`
	Own    appended          `json:"cu"`
	POwn   *appended         `json:"pcu"`
	Empty  struct{}          `json:"x"`
	PA     *any              `json:"pa"`
	LA     []any             `json:"la"`
	Skip   string            `json:"-"`
	Dash   string            `json:"-,"` //nolint:staticcheck // the name is "-"
	NoTag  string
	Omit   string `json:"om,omitempty"`
}

// values are of every kind, at the edges of each.
var values = []string{
	`null`, `""`, `"x"`, `"X\u0000y"`, `"\ud800"`, `"\ud83d\ude00"`, `"\udc00\ud800"`, `"\u0041\n\/"`, "\"\xff\xfe\"", `"é"`, "\"\xe2\x82\"",
	`0`, `-0`, `-0.0`, `1`, `127`, `128`, `-1`, `-128.0`, `255`, `256`, `1.0`, `3.00`, `1.5`, `1e2`, `1.20E+1`, `120e-1`, `125e-1`, `1e-1`, `1E400`, `-1e400`, `1e-400`,
	`9223372036854775807`, `9223372036854775807.0`, `9223372036854775808`, `9223372036854775808.0`, `18446744073709551615.0`, `18446744073709551616`,
	`1e18`, `1e19`, `1e99999999999999999999`, `0e99999999999999999999`, `3.4e39`, `0.1`, `123456789012345678901234567890`,
	`true`, `false`, `"2026-01-02T15:04:05Z"`, `"2026-01-02"`, `"12"`, `"bad"`, `"YWJj"`, `"YW=J"`, `[]`, `{}`, `[1,2,3]`, `[1.0,2e0,0.3]`, `["a",null]`, `["a",7,1.50]`,
	`[[1],[],null,["x"]]`, `{"a":"q"}`, `{"A":"q","a":"r"}`, `{"a":7,"b":7.0}`, `[{"a":"1"},{"a":2,"b":5},{}]`, `{"1":2,"x":3}`,
	`{"b":null,"c":[{"a":"z"}],"d":{"k":[1,{}]},"r": [ 1 , 2 ] }`, `{"k":"low","K":"up","\u212a":"kelvin","s":"es","S":"ES","ſ":"long"}`, "{\"\xff\":1}", ` [ 1 , 2 ] `,
}

// membersOf are the names of varied, in both cases, and others.
func membersOf(t reflect.Type) []string {
	names := []string{"unknown", "", "hidden"}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		names = append(names, name, strings.ToUpper(name))
	}
	return names
}

// document writes an object of random members, sometimes damaged.
func document(r *rand.Rand, names []string) string {
	var members []string
	for range 1 + r.IntN(12) {
		members = append(members, fmt.Sprintf("%q:%s", names[r.IntN(len(names))], values[r.IntN(len(values))]))
	}
	text := "{" + strings.Join(members, ",") + "}"
	switch r.IntN(12) {
	case 0: // a byte, or none, in place of a byte or before it
		at, other := r.IntN(len(text)), " ,:{}[]\"\\0en\x00\x1f"
		text = text[:at] + other[r.IntN(len(other)):][:1] + text[at+r.IntN(2):]
	case 1:
		text = text[:r.IntN(len(text))]
	case 2:
		text += []string{" ", "x", "{}", "\x00", "\ufeff", "\n"}[r.IntN(6)]
	case 3:
		text = "\ufeff" + text
	}
	return text
}

// TestRandomDocumentsDecodeAsByEncodingJSON compares values and errors, also in a destination that
// has been used before.
func TestRandomDocumentsDecodeAsByEncodingJSON(t *testing.T) {
	names := membersOf(reflect.TypeFor[varied]())
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 1))
		for range 1500 {
			var got, want varied
			if r.IntN(3) == 0 {
				before := asTyped([]byte(document(r, names)), reflect.TypeFor[varied]())
				_, _ = json.Unmarshal(before, &got), json.Unmarshal(before, &want)
			}
			if compare(t, []byte(document(r, names)), &got, &want); t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	}
}

// TestNumbersInAnotherForm are those for strings and integers.
func TestNumbersInAnotherForm(t *testing.T) {
	for text, want := range map[string]varied{
		`{"s":12345678901234567890,"en":7,"l":[1.50,"a",-0]}`: {S: "12345678901234567890", Level: "7", L: []string{"1.50", "a", "-0"}},
		`{"i":3.0,"i8":-128.00,"i64":9223372036854775807.0}`:  {I: 3, I8: -128, I64: 9223372036854775807},
		`{"i":1.2e3,"u":120e-1,"u8":255.0}`:                   {I: 1200, U: 12, U8: 255},
		`{"o":{"a":7},"ll":[[1.0]]}`:                          {O: nested{Text: "7"}, LL: [][]int{{1}}},
	} {
		var got varied
		if err := lenientjson.Unmarshal([]byte(text), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{`{"i":3.5}`, `{"i8":128.0}`, `{"u":-1.0}`, `{"i64":9223372036854775808.0}`, `{"i":1e400}`, `{"i":1e-1}`, `{"s":true}`, `{"i":"3"}`, `{"b":1}`} {
		var got varied
		if err := lenientjson.Unmarshal([]byte(text), &got); err == nil || !reflect.DeepEqual(got, varied{}) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}
