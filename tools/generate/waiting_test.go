package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

const waitedSDL = `
type Query { task(id: String!): Task plain: Task }
type Task { state: State text: String parts: Parts other: Parts }
type Parts { a: State b: State }
enum State { RUNNING DONE FAILED }`

func generateWaited(t *testing.T, row string) (string, error) {
	t.Helper()
	a, err := readAPI(fstest.MapFS{
		"services.json":  {Data: []byte(`{"services": [{"name": "s", "gateway": "/graphql"}]}`)},
		"uncertain.json": {Data: []byte("{}")},
		"settled.json":   {Data: []byte("{}")},
		"paging.json":    {Data: []byte("[]")},
		"waiting.json":   {Data: []byte(`[{"service": "s", "certainty": "shape", ` + row + `}]`)},
		"s.graphql":      {Data: []byte(waitedSDL)},
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := generate(a, a.services)
	return string(files["services/s/waiters.gen.go"]), err
}

func TestWaiters(t *testing.T) {
	const states = `, "running": ["RUNNING"], "succeeded": ["DONE", ""]`
	for _, test := range []struct{ row, want, fails string }{
		{row: `"operation": "task", "states": ["state"]` + states, want: "return []string{string(row.State)}\n"},
		{row: `"operation": "task", "states": ["text"]` + states, want: "return []string{row.Text}\n"},
		{
			row: `"operation": "task", "states": ["parts.a", "parts.b"]` + states,
			want: "if row.Parts == nil {\n\t\t\treturn []string{\"\"}\n\t\t}\n" +
				"\t\treturn []string{string(row.Parts.A), string(row.Parts.B)}\n",
		},
		{row: `"operation": "task", "states": ["state"]` + states, want: "A state other than DONE or none is"},
		{row: `"operation": "gone", "states": ["state"]` + states, fails: "there is no query"},
		{row: `"operation": "plain", "states": ["state"]` + states, fails: "there is no query"},
		{row: `"operation": "task", "states": ["gone"]` + states, fails: "has no field gone"},
		{row: `"operation": "task", "states": ["parts.a", "other.b"]` + states, fails: "next to each other"},
		{row: `"operation": "task", "states": ["state"], "running": ["RUN"], "succeeded": ["DONE"]`, fails: "has no state RUN"},
		{row: `"operation": "task", "states": ["state"], "running": ["RUNNING"]`, fails: "not complete"},
	} {
		text, err := generateWaited(t, test.row)
		switch {
		case test.fails != "":
			if err == nil || !strings.Contains(err.Error(), test.fails) {
				t.Errorf("%s: %v, want %s", test.row, err, test.fails)
			}
		case err != nil || !strings.Contains(text, test.want):
			t.Errorf("%s: %v, and there is no %s in\n%s", test.row, err, test.want, text)
		}
	}
}
