package operation

import "testing"

// TestCoerceOtherTypes tests types that the arguments of the generated operations rarely have.
func TestCoerceOtherTypes(t *testing.T) {
	kinds := kindsOf("clients")
	for _, test := range []struct{ typ, text, want string }{
		{"Boolean!", "true", "true"},
		{"Boolean", "yes", ""},
		{"Float", "-1.50e3", "-1.50e3"},
		{"Float", "NaN", ""},
		{"Float", "", ""},
		{"Float", "1 ", ""},
		{"ID!", "5", `"5"`},
		{"ClientsSearchSortBy", "NAME", `"NAME"`},
		{"ClientsSearchSortBy", "name", ""},
		{"[ClientsSearchSortBy!]", "CLIENT_ID", `"CLIENT_ID"`},
		{"ClientsSearchInput", "x", ""},
		{"[[String]]", "x", ""},
		{"Unknown", "5", `"5"`},
	} {
		got, err := coerce(test.typ, kinds, test.text)
		if string(got) != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%s %q: %s, %v; want %q", test.typ, test.text, got, err, test.want)
		}
	}
}
