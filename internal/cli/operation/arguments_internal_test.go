package operation

import (
	"bytes"
	"encoding/json"
	"io"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// argumentTypes are types of every kind. The named types are types of the service clients.
var argumentTypes = []string{
	"String!", "String", "ID", "Int!", "Int", "Float", "Boolean", "ClientsSearchSortBy", "ClientsSearchInput", "Unknown",
	"[String!]!", "[Int]", "[Float!]", "[ClientsSearchSortBy]", "[ClientsSearchInput!]", "[[String]]", "[Unknown]",
}

// The forms in which an argument is given.
var argumentForms = []struct {
	sign   string
	isJSON bool
	isFile bool
}{{"=", false, false}, {":=", true, false}, {"=@-", false, true}, {":=@-", true, true}}

// argumentTexts are values. Each is valid for some types and invalid for others.
var argumentTexts = []string{
	"", "x", "5", "+5", "-0", "2147483648", "1e400", "-1.50e3", "0x10", "NaN", "true", "NAME", "null", `"a"`, `{"name":"a"}`, `[1,2]`, `[[null]]`,
	"\xff", "\"\xff\"", " 5\n", "@-", "a=b:=c", "\u2028\x00", `{"a":1,"a":2}`, "12345678901234567890", `"\ud800"`,
}

// TestCommandLineArguments tests each text with each type in each form, alone and repeated.
func TestCommandLineArguments(t *testing.T) {
	check := argumentCheck()
	for i := range argumentTypes {
		for j := range argumentForms {
			for _, text := range argumentTexts {
				check(t, uint8(i), uint8(j), text, "", false)
				check(t, uint8(i), uint8(j), text, text, true)
			}
		}
	}
}

// FuzzCommandLineArguments starts with each text once, because fuzzing runs all seeds first and a program
// of this size runs about a hundred per second.
func FuzzCommandLineArguments(f *testing.F) {
	for i, text := range argumentTexts {
		f.Add(uint8(i), uint8(i), text, "7", i%2 == 0)
	}
	f.Fuzz(argumentCheck())
}

// argumentCheck reads an argument of any type in any form. Either the error names it, or the value is
// exactly the text, number or JSON that was given.
func argumentCheck() func(t *testing.T, which, form uint8, text, more string, repeated bool) {
	kinds := kindsOf("clients")
	return func(t *testing.T, which, form uint8, text, more string, repeated bool) {
		t.Helper()
		typ, how := argumentTypes[int(which)%len(argumentTypes)], argumentForms[int(form)%len(argumentForms)]
		op := &core.Operation{Service: "clients", Name: "any", Arguments: []core.Argument{{Name: "value", Type: typ}}}
		given, items := "value"+how.sign, []string{text}
		if !how.isFile {
			given += text
		}
		all := []string{given}
		if repeated {
			all, items = append(all, "value="+more), append(items, more)
		}
		if strings.HasPrefix(text, "@") && !how.isFile || strings.HasPrefix(more, "@") && repeated {
			return // the value is a file name
		}
		a := cmdutil.NewApp(strings.NewReader(text), io.Discard, io.Discard)
		values, err := Arguments(t.Context(), a, op, all)
		if err != nil {
			if !strings.Contains(err.Error(), "value") || !strings.Contains(err.Error(), typ) && !strings.Contains(err.Error(), "argument") {
				t.Fatalf("%q of %s: %v names neither argument nor type", all, typ, err)
			}
			return
		}
		got := values["value"]
		if !json.Valid(got) || len(values) != 1 {
			t.Fatalf("%q of %s: %s", all, typ, values)
		}
		switch k := kinds(typeName(typ)); {
		case how.isJSON, how.isFile && k == objectKind:
			if repeated || !equalJSON(got, []byte(strings.TrimSpace(text))) { // TrimSpace removes more than JSON's white space
				t.Fatalf("%q of %s: %s", all, typ, got)
			}
		case isList(typ):
			var list []json.RawMessage
			if json.Unmarshal(got, &list) != nil || len(list) != len(items) {
				t.Fatalf("%q of %s: %s", all, typ, got)
			}
			for i, item := range items {
				meant(t, k, list[i], item, how.isFile && i == 0)
			}
		default:
			meant(t, k, got, text, how.isFile)
			if repeated {
				t.Fatalf("%q of %s was taken twice", all, typ)
			}
		}
	}
}

// meant checks that a value is the JSON of a text of that kind.
func meant(t *testing.T, k kind, value json.RawMessage, text string, isFile bool) {
	t.Helper()
	if isFile && k != stringKind && k != scalarKind {
		text = strings.TrimSpace(text)
	}
	ok := false
	switch k.name {
	case "string", "scalar":
		var s string
		ok = json.Unmarshal(value, &s) == nil && s == text
	case "int":
		want, is := new(big.Int).SetString(text, 10)
		ok = is && want.String() == string(value)
	case "float", "boolean":
		ok = string(value) == text
	case "enum":
		ok = slices.Contains(strings.Split(k.values, ", "), text) && string(value) == `"`+text+`"`
	}
	if !ok {
		t.Fatalf("%q, %s, is %s", text, k.name, value)
	}
}

// equalJSON reports whether two texts are the same JSON except for white space.
func equalJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && reflect.DeepEqual(x.Bytes(), y.Bytes())
}
