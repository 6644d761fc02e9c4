package catalog_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/core"
)

// everyOutput returns one call for each type that an operation results in.
func everyOutput(t testing.TB) []call {
	t.Helper()
	seen := map[reflect.Type]bool{}
	return slices.DeleteFunc(everyCall(t), func(c call) bool {
		again := seen[c.result]
		seen[c.result] = true
		return again
	})
}

// Every possible result arrives unchanged: numbers with all digits, unknown enum values and JSON, every
// member of every union.
func TestEveryOutputArrives(t *testing.T) {
	outputs := everyOutput(t)
	for _, c := range outputs {
		for pick := range picks(c.result) {
			want := sample(c.result, pick)
			got, err := c.run(t, encode(t, want), reflect.Value{})
			if err != nil || !reflect.DeepEqual(got.Interface(), want.Interface()) {
				t.Errorf("%s: %v\n%s", c.name, err, cmp.Diff(want.Interface(), got.Interface()))
			}
		}
	}
	t.Logf("%d types", len(outputs))
}

// A damaged value does not affect others, and the error contains its path. Each field of each type is
// damaged once, and an item of each list.
func TestEveryDamageIsNamedAndCostsNothingElse(t *testing.T) {
	type spot struct {
		in   reflect.Type
		name any // 0 stands for all items
	}
	done := map[spot]bool{}
	for _, c := range everyOutput(t) {
		for pick := range picks(c.result) {
			whole := sample(c.result, pick)
			for path, text := range damaged(t, encode(t, whole)) {
				s := spot{in: c.result}
				if last := len(path) - 1; last >= 0 {
					s = spot{at(whole, path[:last]).Type(), path[last]}
				}
				if at(whole, path).Type() == reflect.TypeFor[json.RawMessage]() || done[s] || s.name == 1 {
					continue // JSON takes everything
				}
				done[s] = true
				c.damage(t, pick, path, text())
			}
		}
	}
	t.Logf("%d damages", len(done))
}

// damage has the call answered with a text that is damaged at path.
func (c *call) damage(t *testing.T, pick int, path []any, text string) {
	t.Helper()
	want := sample(c.result, pick)
	place := at(want, path)
	place.SetZero()
	if len(membersOf(place.Type())) > 0 {
		place.FieldByName("Raw").SetBytes([]byte(`"damaged"`))
	}
	got, err := c.run(t, text, reflect.Value{})
	wrong, ok := errors.AsType[*core.DecodeError](err)
	if _, answered := errors.AsType[*core.ResponseError](err); !ok || !answered || !slices.Equal(wrong.Path, path) {
		t.Errorf("%s: %v is damaged, the error is %v", c.name, path, err)
	}
	if !reflect.DeepEqual(got.Interface(), want.Interface()) {
		t.Errorf("%s: %v is damaged\n%s", c.name, path, cmp.Diff(want.Interface(), got.Interface()))
	}
}

func picks(t reflect.Type) int { return mostMembers(t, map[reflect.Type]bool{}) }

// encode writes v, with each union as the default document has it answered.
func encode(t testing.TB, v reflect.Value) string {
	t.Helper()
	text, err := json.Marshal(v.Interface())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tree decodes a text. Numbers stay as they are written.
func tree(t testing.TB, text string) (value any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return value
}

// damaged yields the text once for each of its values, with a value in its place that no Go type
// of the right one takes, and the path that leads there. Left out are null, which fits
// everywhere, and __typename.
func damaged(t testing.TB, text string) iter.Seq2[[]any, func() string] {
	root := tree(t, text)
	return func(yield func([]any, func() string) bool) {
		var visit func(path []any, value any, set func(any)) bool
		visit = func(path []any, value any, set func(any)) bool {
			text := func() string {
				set(misfit(value))
				defer set(value)
				text, err := json.Marshal(root)
				if err != nil {
					t.Fatal(err)
				}
				return string(text)
			}
			if value != nil && !yield(path, text) {
				return false
			}
			switch value := value.(type) {
			case map[string]any:
				for name, member := range value {
					if name != "__typename" && !visit(append(slices.Clip(path), name), member, func(v any) { value[name] = v }) {
						return false
					}
				}
			case []any:
				for i, item := range value {
					if !visit(append(slices.Clip(path), i), item, func(v any) { value[i] = v }) {
						return false
					}
				}
			}
			return true
		}
		visit(nil, root, func(v any) { root = v })
	}
}

// misfit returns a value of a kind that no Go type of this one takes.
func misfit(value any) any {
	if _, isString := value.(string); isString {
		return []int{1}
	}
	return "damaged"
}

// at returns the place in v to which path leads. What is a pointer there is followed, as
// encoding/json makes what it leads to before it looks at the value.
func at(v reflect.Value, path []any) reflect.Value {
	for _, step := range path {
		if v = settle(v); v.Type() == reflect.TypeFor[json.RawMessage]() {
			return v
		}
		if name, isName := step.(string); isName {
			v = member(v, name)
		} else {
			v = v.Index(step.(int))
		}
	}
	return settle(v)
}

func settle(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	return v
}

func member(v reflect.Value, name string) reflect.Value {
	for _, m := range membersOf(v.Type()) {
		if inner := v.FieldByIndex(m.Index); !inner.IsNil() {
			return member(inner.Elem(), name)
		}
	}
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag == name {
			return v.Field(i)
		}
	}
	panic(fmt.Sprintf("%s has no %s", v.Type(), name))
}

// FuzzOutputs responds to operations with any JSON. If encoding/json can decode it, the results must be
// equal. Every result encodes, and decodes to itself.
func FuzzOutputs(f *testing.F) {
	outputs := everyOutput(f)
	for i, c := range outputs {
		if i%16 == 0 {
			f.Add(uint16(i), []byte(encode(f, sample(c.result, i))))
		}
	}
	for _, text := range []string{"null", "{}", "[]", `""`, "-1e400", `{"__typename":"Nobody","id":[{}]}`, `[[[[{"list":[null,7]}]]]]`} {
		f.Add(uint16(len(text)), []byte(text))
	}
	f.Fuzz(func(t *testing.T, which uint16, text []byte) {
		if !json.Valid(text) {
			return // it would not be the answer's value, see FuzzUnmarshal of internal/lenientjson
		}
		c := outputs[int(which)%len(outputs)]
		got, err := c.run(t, string(text), reflect.Value{})
		if answer, ok := errors.AsType[*core.ResponseError](err); err != nil && (!ok || answer.Err == nil) {
			t.Errorf("%s: %q: error %v", c.name, text, err)
		}
		want := reflect.New(c.result)
		wantErr := json.Unmarshal(text, want.Interface())
		if mostMembers(c.result, map[reflect.Type]bool{}) == 1 {
			same := reflect.DeepEqual(got.Interface(), want.Elem().Interface())
			if wantErr == nil && (err != nil || !same) || wantErr != nil && err == nil && !ofNumber(wantErr) {
				t.Errorf("%s: %q: %v, want %v\n%s", c.name, text, err, wantErr, cmp.Diff(want.Elem().Interface(), got.Interface()))
			}
		}
		again, more := c.run(t, encode(t, got), reflect.Value{})
		if more != nil && err == nil || encode(t, again) != encode(t, got) {
			t.Errorf("%s: %q: comes to %s and that to %s, %v", c.name, text, encode(t, got), encode(t, again), more)
		}
	})
}

// ofNumber reports whether encoding/json rejects a number that the SDK keeps: one for a String or an
// ID, or 3.0 for an Int.
func ofNumber(err error) bool {
	mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok && strings.HasPrefix(mismatch.Value, "number")
}
