package main

import (
	"strings"
	"testing"
)

const pagedSDL = `
type Query {
  find(in: In, size: Int!): Found
  more(id: String!): Found
  names(from: Int!, to: Int): [String]
  free(token: String): Free
}
input In { options: Options text: String flag: Boolean }
input Options { limit: Int }
type Found { state: String reason: String next: String list: List }
type List { rows: [Row] total: Int exact: String more: Boolean }
type Row { id: Int at: At }
type At { seconds: Int }
type Free { values: JSON next: String busy: Boolean }
scalar JSON`

const (
	pagedFind = `{"service": "s", "kind": "query", "operation": "find", "strategy": "parts", "certainty": "seen",
		"items": "list.rows", "id": "id", "limit": "in.options.limit", "query": "in.text", "next": "next",
		"total": "list.total", "time": "at.seconds", "continuation": "more", "default": 20, "maxPage": 50,
		"failure": [{"path": "state", "except": ["OK"], "reason": "reason"}],
		"lowerBound": {"path": "list.exact", "except": ["eq"], "absent": true}}`
	pagedMore = `{"service": "s", "kind": "query", "operation": "more", "strategy": "parts", "certainty": "seen",
		"items": "list.rows", "cursor": "id", "next": "next", "repeatable": false}`
	pagedNames = `{"service": "s", "kind": "query", "operation": "names", "strategy": "page-number", "certainty": "shape",
		"items": "$", "id": "$", "limit": "to", "cursor": "from", "endText": "no rows"}`
	pagedFree = `{"service": "s", "kind": "query", "operation": "free", "strategy": "token", "certainty": "documented",
		"items": "values", "id": "key", "cursor": "token", "next": "next", "pending": {"path": "busy"}}`
)

func TestPagers(t *testing.T) {
	files, err := generatePaged(t, pagedSDL, "["+strings.Join([]string{pagedFind, pagedMore, pagedNames, pagedFree}, ",")+"]")
	if err != nil {
		t.Fatal(err)
	}
	text := string(files["services/s/pagers.gen.go"])
	for _, line := range []string{
		"ctx context.Context, args FindArgs, opts ...paging.Option,\n) iter.Seq2[*Row, error] {",
		"paging.Rules{Strategy: paging.Parts, Size: 20, MaxSize: 50},",
		"Continuation: &OpMore,",
		`[]string{"next", "list.rows.id", "list.rows.at.seconds"},`,
		"own1 := paging.Own(&args.In)\n\t\town2 := paging.Own(&own1.Options)\n",
		"paging.Slots{Size: paging.Optional(&own2.Limit), Query: paging.Optional(&own1.Text)}",
		"paging.Slots{Cursor: paging.Required(&args.ID)}",
		`if r.List.Exact != "eq" {`,
		`if r.State != "" && r.State != "OK" {`,
		"paging.Reason(r.Reason, r.State)",
		"return paging.NumberID(row.ID)",
		"if row.At == nil {\n\t\t\treturn 0\n",
		"First: paging.FirstUnknown, EndText: \"no rows\"",
		"Size: paging.Optional(&args.To), Number: paging.Required(&args.From)",
		"p.Items = r\n",
		"p.Items = rawjson.Elements(r.Values)",
		`return rawjson.Member(row, "key")`,
		"if r.Busy {",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the pagers lack %q", line)
		}
	}
	if strings.Contains(text, "MoreAll") {
		t.Error("a continuation has a pager of its own")
	}
	if operations := string(files["services/s/operations.gen.go"]); strings.Count(operations, "NonIdempotent: true") != 1 {
		t.Error("not one operation is non-idempotent")
	}
	if doc := string(files["services/s/doc.gen.go"]); !strings.Contains(doc, "//   - [Service.FindAll]: parts, 20 rows a page, at most 50 (seen in public clients)\n") {
		t.Errorf("the documentation lacks how FindAll pages:\n%s", doc)
	}
}

// TestWrongPaths has rows that do not fit the schema: each fails.
func TestWrongPaths(t *testing.T) {
	for _, test := range []struct{ row, from, to, want string }{
		{pagedFind, `"list.rows"`, `"list.lines"`, "List has no field lines"},
		{pagedFind, `"id": "id"`, `"id": "at"`, "the id at is of type *At"},
		{pagedFind, "in.options.limit", "in.options.size", "there is no argument in.options.size"},
		{pagedFind, "in.options.limit", "in.flag", "the argument in.flag is of type *bool, not int"},
		{pagedFind, "in.options.limit", "size.options", "the argument size.options leads through int"},
		{pagedFind, "at.seconds", "at", "at is no number"},
		{pagedFind, `"list.total"`, `"list.exact"`, "r.List.Exact is of type string, not int"},
		{pagedFind, `"reason": "reason"`, `"reason": "list.exact"`, "a reason has to stand next to its sign"},
		{pagedFind, `"more"`, `"free"`, "its continuation free is not listed"},
		{pagedFree, `"free"`, `"absent"`, "s has no operation absent"},
		{pagedFree, `"next": "next"`, `"next": "busy"`, "r.Busy is of type bool, not string"},
	} {
		row := strings.Replace(test.row, test.from, test.to, 1)
		_, err := generatePaged(t, pagedSDL, "["+row+","+pagedMore+"]")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s in place of %s: got %v, want %s", test.to, test.from, err, test.want)
		}
	}
}
