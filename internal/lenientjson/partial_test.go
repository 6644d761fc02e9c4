package lenientjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/lenientjson"
)

// shape is a union, as the generator writes them.
type shape struct {
	Typename string
	Circle   *circle `on:"Circle"`
	Square   *square `on:"Square"`
	Raw      json.RawMessage
}

type circle struct {
	Size   int    `json:"size"`
	Label  string `json:"label"`
	Inner  *shape `json:"inner"`
	Square string `json:"Circle_square"` // a name of its own that looks like an alias
}

type square struct {
	Size  float64 `json:"size"`
	Label string  `json:"label"`
}

type drawing struct {
	Shapes []*shape `json:"shapes"`
	Title  string   `json:"title"`
}

func TestUnions(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       shape
		path       string // of the error, "-" for none
	}{
		{"a member", `{"__typename":"Circle","size":1,"label":"c"}`, shape{Typename: "Circle", Circle: &circle{Size: 1, Label: "c"}}, "-"},
		{"its name comes last", `{"size":1.5,"x":[{"__typename":"Circle"}],"__typename":"Square"}`, shape{Typename: "Square", Square: &square{Size: 1.5}}, "-"},
		{"aliases", `{"__typename":"Square","Square_size":2,"Square_label":"s","Circle_size":7}`, shape{Typename: "Square", Square: &square{2, "s"}}, "-"},
		{"a name, not an alias", `{"__typename":"Circle","Circle_square":"x"}`, shape{Typename: "Circle", Circle: &circle{Square: "x"}}, "-"},
		{"a misfit", `{"__typename":"Square","size":"big","label":"s"}`, shape{Typename: "Square", Square: &square{Label: "s"}}, "size"},
		{"a misfit under an alias", `{"__typename":"Square","Square_size":[]}`, shape{Typename: "Square", Square: &square{}}, "size"},
		{
			"a union in a union", `{"__typename":"Circle","inner":{"__typename":"Square","label":[7]},"size":3}`,
			shape{Typename: "Circle", Circle: &circle{Size: 3, Inner: &shape{Typename: "Square", Square: &square{}}}},
			"inner.label",
		},
		{"an unknown member", ` {"__typename":"Cube", "edge":3} `, shape{Typename: "Cube", Raw: json.RawMessage(`{"__typename":"Cube", "edge":3}`)}, "-"},
		{"a field of ours as member", `{"__typename":"Raw"}`, shape{Typename: "Raw", Raw: json.RawMessage(`{"__typename":"Raw"}`)}, "-"},
		{"no member", `{"size":1}`, shape{Raw: json.RawMessage(`{"size":1}`)}, "-"},
		{"a name that is null", `{"__typename":null}`, shape{Raw: json.RawMessage(`{"__typename":null}`)}, "-"},
		{"no object", `[1]`, shape{Raw: json.RawMessage(`[1]`)}, ""},
		{"no name", `{"__typename":7}`, shape{Raw: json.RawMessage(`{"__typename":7}`)}, ""},
		{"null", `null`, shape{}, "-"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got shape
			err := lenientjson.Unmarshal([]byte(test.text), &got)
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
			wrong, failed := errors.AsType[*core.DecodeError](err)
			if failed != (test.path != "-") || failed && pathOf(wrong) != test.path {
				t.Errorf("error %v", err)
			}
		})
	}
}

func pathOf(e *core.DecodeError) string {
	path, _, found := strings.Cut(e.Error(), ": json: ")
	if !found {
		return ""
	}
	return path
}

func TestErrorsNameEachMisfit(t *testing.T) {
	var got drawing
	err := lenientjson.Unmarshal([]byte(`{"title":[],"shapes":[null,{"__typename":"Circle","size":1.5},7,{"__typename":"Square","size":4}]}`), &got)
	const want = "title: json: cannot unmarshal array into Go value of type string (and 2 more)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	var paths []string
	list, _ := reflect.TypeAssert[interface{ Unwrap() []error }](reflect.ValueOf(err))
	for _, err := range list.Unwrap() {
		one, _ := errors.AsType[*core.DecodeError](err)
		paths = append(paths, pathOf(one))
	}
	if want := []string{"title", "shapes[1].size", "shapes[2]"}; !reflect.DeepEqual(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
	if len(got.Shapes) != 4 || got.Shapes[3].Square.Size != 4 {
		t.Errorf("%+v", got)
	}
	many := "[" + strings.Repeat(`"x",`, 1000) + "1]"
	var numbers []int
	if err := lenientjson.Unmarshal([]byte(many), &numbers); err == nil || !strings.Contains(err.Error(), "999 more") || len(err.Error()) > 200 || numbers[1000] != 1 {
		t.Errorf("%v", err)
	}
}

func TestWhatIsNoJSON(t *testing.T) {
	for _, text := range []string{"", "{", `{"size":1}x`, `{"size":01}`, `["` + "\x01" + `"]`} {
		got := circle{Size: 7}
		err := lenientjson.Unmarshal([]byte(text), &got)
		if _, ok := errors.AsType[*json.SyntaxError](err); !ok || got.Size != 7 {
			t.Errorf("%q: %v, %+v", text, err, got)
		}
	}
	for _, out := range []any{nil, 7, (*int)(nil)} {
		if err := lenientjson.Unmarshal([]byte("1"), out); err == nil || !strings.Contains(err.Error(), "Unmarshal(") {
			t.Errorf("%T: %v", out, err)
		}
	}
}

func TestDecoderWalksAnObject(t *testing.T) {
	const text = ` { "a" : [1, {"b":"]"}] , "in" : { "x":"y", "n" : 7, "no":{} }, "\u00e9":"\\\"}" ,"":null,"n": -1.5e3, "of":[], "last":"x" } `
	d := lenientjson.NewDecoder([]byte(text), core.Limits{})
	var got []string
	note := func(name string, out any) {
		err := d.Decode(out)
		got = append(got, fmt.Sprintf("%s=%v %v", name, reflect.ValueOf(out).Elem(), err))
	}
	for name := range d.Members() {
		switch string(name) {
		case "in":
			for inner := range d.Members() {
				if string(inner) == "n" {
					note(string(inner), new(int))
				}
			}
		case "of":
			for range d.Members() {
				t.Error("a list has no members")
			}
		case "last":
			note(string(name), new(int))
		case "a", "":
			if b := d.Peek(); b != '[' && b != 'n' { // looking at a value leaves it where it is
				t.Errorf("%s begins with %q", name, b)
			}
		default:
			note(string(name), new(any))
		}
	}
	if err := d.End(); err != nil {
		t.Error(err)
	}
	want := []string{"n=7 <nil>", `é=\"} <nil>`, "n=-1500 <nil>", "last=0 json: cannot unmarshal string into Go value of type int"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Values that no caller requests are checked too, and nothing that was decoded before a fault is
// kept.
func TestDecoderChecksAll(t *testing.T) {
	for _, text := range []string{`{"n":7,"x":[1,]}`, `{"n":7}}`, `{"n":7,}`, `{"x":"\q","n":7}`, `{"n":7`, `{"n" 7}`, `{"n":7 "x":1}`, ``, `[`, `{"n":7,7}`} {
		d := lenientjson.NewDecoder([]byte(text), core.Limits{})
		var n int
		for name := range d.Members() {
			if string(name) == "n" {
				_ = d.Decode(&n)
				break // the rest is passed
			}
		}
		if _, ok := errors.AsType[*json.SyntaxError](d.End()); !ok || n != 0 {
			t.Errorf("%q: %v, %d", text, d.End(), n)
		}
	}
}

// A text that does the same again and again takes no longer than another of its size.
func TestRepetitionIsNotCostly(t *testing.T) {
	text := []byte(`{"n":1` + strings.Repeat(`,"n":2`, 200_000) + "}")
	begin := time.Now()
	d := lenientjson.NewDecoder(text, core.Limits{})
	var n int
	for range d.Members() {
		if err := d.Decode(&n); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.End(); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	t.Logf("200,001 values in %v", time.Since(begin))
}

func TestNothingIsSharedWithTheText(t *testing.T) {
	const text = `{"text":"hello","raw":{"a":"b"},"raws":[[1]],"any":"any","number":12,"bytes":"AQI="}`
	data := []byte(text)
	var got, want everything
	err := lenientjson.Unmarshal(data, &got)
	clear(data)
	if err := errors.Join(err, json.Unmarshal([]byte(text), &want)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Strings are scanned eight bytes at a time, so each byte is tried at each position of a block, and
// in places in which escapes and numbers have their own rules.
func TestEveryByteInEveryPlace(t *testing.T) {
	for b := range 256 {
		for _, text := range []string{`"01234567890123456789"`, `"\n"`, `"\u00e9"`, `"\ud83d\ude00"`, `-10.5e+7`, ` [ { "a" : true } , null ] `} {
			for i := range len(text) {
				damaged := text[:i] + string([]byte{byte(b)}) + text[i+1:]
				compare(t, []byte(damaged), new(any), new(any))
				compare(t, []byte(`{"x":`+damaged+`,"int":7}`), new(everything), new(everything))
				compare(t, []byte(`{"text":`+damaged+`,"float":`+damaged+`}`), new(everything), new(everything))
			}
		}
	}
}

func TestWhatIsTooDeep(t *testing.T) {
	type chain []chain
	for depth, ok := range map[int]bool{10_000: true, 10_001: false, 5_000_000: false} {
		text := []byte(strings.Repeat("[", depth) + strings.Repeat("]", depth))
		for _, out := range []any{new(chain), new(int), new(json.RawMessage)} {
			err := lenientjson.Unmarshal(text, out)
			limit, faulty := errors.AsType[*core.LimitError](err)
			if faulty == ok || faulty && limit.Option != "Limits.Depth" {
				t.Errorf("%d lists into %T: %v", depth, out, err)
			}
		}
	}
}

// everything has a field of each kind that is decoded here, and of the kinds that are left to
// encoding/json.
type everything struct {
	Text     string            `json:"text"`
	Enum     reflect.ChanDir   `json:"enum"`
	On       bool              `json:"on"`
	Int      int               `json:"int"`
	Small    int8              `json:"small"`
	Unsigned uint64            `json:"unsigned"`
	Float    float64           `json:"float"`
	Single   float32           `json:"single"`
	Raw      json.RawMessage   `json:"raw"`
	Raws     []json.RawMessage `json:"raws"`
	Lists    [][]*int          `json:"lists"`
	Self     *everything       `json:"self"`
	Deep     ***string         `json:"deep"`
	Plain    struct{ A, B int }
	Selves   []everything   `json:"selves"`
	Skipped  string         `json:"-"`
	Any      any            `json:"any"`
	Map      map[string]int `json:"map"`
	Bytes    []byte         `json:"bytes"`
	Array    [2]int         `json:"array"`
	Number   json.Number    `json:"number"`
	When     *time.Time     `json:"when"`
	Quoted   struct {
		N int `json:",string"`
	}
	Embedding struct{ circleless }

	hidden int //nolint:unused // it must stay as it is
}

type circleless struct{ Size int }

func TestExtremesKeepTheirValue(t *testing.T) {
	want := everything{Int: 1<<53 + 1, Unsigned: math.MaxUint64, Float: 1e-9, Single: math.MaxFloat32, Small: -128, Text: "\u2028\U0001F600\x00"}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got everything
	if err := lenientjson.Unmarshal(text, &got); err != nil || got.Int != want.Int || got.Unsigned != want.Unsigned || got.Float != want.Float ||
		got.Single != want.Single || got.Small != want.Small || got.Text != want.Text {
		t.Errorf("%+v, %v", got, err)
	}
}

// FuzzUnmarshal compares with encoding/json, which returns the same if there are no unions.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{
		"null", "{}", "[]", "7", `""`, `{"text":"\ud800\n\u00e9","TEXT":"again","teXt":7}`, "{\"text\":\"\xff\"}",
		`{"int":1.5,"small":128,"unsigned":-1,"float":1e400,"single":1e39,"on":"yes","enum":1}`,
		`{"int":9007199254740993,"small":-128,"unsigned":18446744073709551615,"float":1e-9,"on":true}`,
		`{"raw":null,"raws":[null,{"a":[1.50]}],"lists":[[1,null],[],null,{}],"self":{"self":{"int":7}},"deep":"x"}`,
		`{"selves":[{"int":1},{"text":"a"}],"selves":[{"text":"b"}],"Plain":{"a":1,"B":2},"plain":7,"self":null,"lists":{}}`,
		`{"any":{"a":[1]},"map":{"a":1,"b":"x","c":2},"bytes":"AQI=","array":[1,2,3],"number":1.50,"when":"2026-01-02T03:04:05Z"}`,
		`{"bytes":7,"when":"soon","number":"x","Quoted":{"N":"7"},"Embedding":{"Size":3},"hidden":1,"Skipped":"x","-":"y","":1}`,
		` { "text" : "a" , "lists" : [ [ 1 , 2 ] , [ ] ] , "unknown" : { "a" : "}" , "b" : [ "]" , "\\" , "\"" ] } } `,
		`{"deep":null,"self":[],"selves":[7,{"int":1}],"int":1e3,"Int":-0,"ſelf":{"int":1}}`, "{\"\u212aey\":1}", "{", "1 2", "nul",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		compare(t, text, new(everything), new(everything))
		compare(t, text, &everything{Self: &everything{Int: 1}, Lists: make([][]*int, 1)}, &everything{Self: &everything{Int: 1}, Lists: make([][]*int, 1)})
		compare(t, text, new([]*everything), new([]*everything))
		compare(t, text, new(any), new(any))
		var d drawing
		err := lenientjson.Unmarshal(text, &d)
		if err == nil != json.Valid(text) {
			if _, ok := errors.AsType[*core.DecodeError](err); json.Valid(text) && !ok {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

func compare(t *testing.T, text []byte, got, want any) {
	t.Helper()
	gotErr, wantErr := lenientjson.Unmarshal(text, got), json.Unmarshal(asTyped(text, reflect.TypeOf(want)), want)
	_, syntax := errors.AsType[*json.SyntaxError](wantErr)
	if (gotErr == nil) != (wantErr == nil) || syntax && !reflect.DeepEqual(gotErr, wantErr) {
		t.Errorf("%q: error %v, want %v", text, gotErr, wantErr)
	}
	if endsEarly(wantErr) {
		return // encoding/json drops what comes after an error of a type's own method
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q:\ngot  %s\nwant %s", text, dump(got), dump(want))
	}
}

func endsEarly(err error) bool {
	_, misfit := errors.AsType[*json.UnmarshalTypeError](err)
	return err != nil && !misfit
}

func dump(v any) []byte {
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(v)
	return b.Bytes()
}
