package rawjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/internal/rawjson"
)

const record = `{ "id" : "a\u0022b", "m":{"at":{"seconds":17,"nanos":0},"x":null}, "n":-1.50, "list":[ 1, "two", {"three":[3]} ], "k\u0065y":true}`

func TestAt(t *testing.T) {
	reader := rawjson.NewReader(json.RawMessage(record))
	for _, c := range []struct {
		path       []string
		want, text string
	}{
		{nil, record, ""},
		{[]string{"id"}, `"a\u0022b"`, `a"b`},
		{[]string{"m", "at", "seconds"}, "17", "17"},
		{[]string{"n"}, "-1.50", "-1.50"},
		{[]string{"key"}, "true", ""},
		{[]string{"list"}, `[ 1, "two", {"three":[3]} ]`, ""},
		{[]string{"m", "x"}, "", ""},
		{[]string{"m", "x", "y"}, "", ""},
		{[]string{"list", "three"}, "", ""},
		{[]string{"absent"}, "", ""},
	} {
		got := rawjson.At(json.RawMessage(record), c.path...)
		if other := reader.At(c.path...); string(other) != string(got) {
			t.Errorf("%q: a Reader finds %s", c.path, other)
		}
		if string(got) != c.want || rawjson.Text(got) != c.text {
			t.Errorf("%q: %s, %q", c.path, got, rawjson.Text(got))
		}
	}
}

func TestElements(t *testing.T) {
	var got []string
	for _, e := range rawjson.Elements(rawjson.At(json.RawMessage(record), "list")) {
		got = append(got, string(e))
	}
	if diff := cmp.Diff([]string{"1", `"two"`, `{"three":[3]}`}, got); diff != "" {
		t.Error(diff)
	}
	if rawjson.Elements(json.RawMessage(`{"a":[1]}`)) != nil {
		t.Error("an object has elements")
	}
}

// FuzzAt compares with encoding/json, for objects without a name that comes twice.
func FuzzAt(f *testing.F) {
	f.Add(record, "m", "at")
	f.Add(`{"a":{"b":"c\\"}}`, "a", "b")
	f.Fuzz(func(t *testing.T, text, one, two string) {
		object, once := members(text)
		if !once || !utf8.ValidString(text) { // encoding/json replaces what is not UTF-8
			t.Skip()
		}
		want := object[one]
		if got := rawjson.At(json.RawMessage(text), one); string(got) != notNull(want) {
			t.Errorf("%s of %s: %s", one, text, got)
		}
		if below, once := members(string(want)); once {
			got, read := rawjson.At(json.RawMessage(text), one, two), rawjson.NewReader(json.RawMessage(text)).At(one, two)
			if string(got) != notNull(below[two]) || string(read) != string(got) {
				t.Errorf("%s.%s of %s: %s and %s", one, two, text, got, read)
			}
		}
	})
}

// members returns the members of an object, and whether each name comes once.
func members(text string) (object map[string]json.RawMessage, once bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	names := 0
	for ; decoder.More(); names++ {
		var value json.RawMessage
		if _, err := decoder.Token(); err != nil || decoder.Decode(&value) != nil {
			return nil, false
		}
	}
	err := json.Unmarshal([]byte(text), &object)
	return object, err == nil && len(object) == names
}

func notNull(value json.RawMessage) string {
	if rawjson.IsNull(value) {
		return ""
	}
	return string(value)
}
