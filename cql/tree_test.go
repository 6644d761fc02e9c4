package cql_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/cql"
)

func TestCanonicalText(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{
			"from Alert where Severity>=0.60 and a in('x',5,TRUE)latest=-1H earliest='2026-03-01T00:00:00'",
			"FROM Alert WHERE Severity >= 0.60 AND a IN ('x',5,true) EARLIEST='2026-03-01T00:00:00' LATEST=-1h",
		},
		{"a = 1 or b = 1 and c = 1", "WHERE a = 1 OR (b = 1 AND c = 1)"},
		{"((a = 1) and ((b = 1 and c = 1)))", "WHERE a = 1 AND (b = 1 AND c = 1)"},
		{"a matches ('x')", "WHERE a MATCHES 'x'"},
		{"a !matches_regex ('x','y')", "WHERE a !MATCHES_REGEX ('x','y')"},
		{`a = e'no escape' or a = 'C:\x'`, `WHERE a = 'no escape' OR a = 'C:\x'`},
		{"a = 'line\n'", `WHERE a = e'line\n'`},
		{`a = e'\\\'\b\f\r\t'`, `WHERE a = e'\\\'\b\f\r\t'`},
		{"@IP is not null|Sort a asc,b desc|HEAD 007", "WHERE @IP IS NOT NULL | sort a, b DESC | head 7"},
		{
			"from * | Aggregate Count, sum ( a.b ) As x by 6H",
			"FROM * | aggregate count, sum(a.b) AS x BY 6h",
		},
		{"EARLIEST=-1D@MO", "EARLIEST=-1d@mo"},
	} {
		if got := mustParse(t, c.text).String(); got != c.want {
			t.Errorf("%s\nis written as %s\nwant          %s", c.text, got, c.want)
		}
	}
}

func TestEqual(t *testing.T) {
	q := mustParse(t,
		"FROM alert WHERE a = e'x' AND (b IN (1,2) OR c IS NULL) EARLIEST=-1d | sort a | aggregate count by 1h | fields a | tail 1 | head 2")
	for _, text := range []string{
		"FROM alert\nWHERE a='x' AND ((b IN (1, 2) OR c is null))\nEARLIEST=-1d | sort a ASC | aggregate count BY 1h | fields a | tail 1 | head 2",
	} {
		if !q.Equal(mustParse(t, text)) {
			t.Errorf("not equal: %s", text)
		}
	}
	for _, change := range []func(*cql.Query){
		func(q *cql.Query) { q.Types[0].Name = "process" },
		func(q *cql.Query) { q.Where.(*cql.AndExpr).Operands[0].(*cql.Comparison).Values[0].Text = "y" },
		func(q *cql.Query) {
			q.Where.(*cql.AndExpr).Operands[0].(*cql.Comparison).Values[0].Kind = cql.NumberValue
		},
		func(q *cql.Query) {
			q.Where.(*cql.AndExpr).Operands[1].(*cql.OrExpr).Operands[1].(*cql.NullCheck).Not = true
		},
		func(q *cql.Query) { q.Earliest.Amount = 2 },
		func(q *cql.Query) { q.Latest = q.Earliest },
		func(q *cql.Query) { q.Functions[0].(*cql.Sort).Keys[0].Descending = true },
		func(q *cql.Query) { q.Functions[1].(*cql.Aggregate).Bucket.Amount = 2 },
		func(q *cql.Query) { q.Functions[2].(*cql.Fields).Fields[0].Name = "b" },
		func(q *cql.Query) { q.Functions[3].(*cql.Tail).Count = 2 },
		func(q *cql.Query) { q.Functions[4].(*cql.Head).Count = 1 },
	} {
		other := q.Clone()
		if !q.Equal(other) {
			t.Fatal("a clone is not equal")
		}
		change(other)
		if q.Equal(other) {
			t.Errorf("equal after a change: %s", other)
		}
	}
}

func TestInspect(t *testing.T) {
	q := mustParse(t, "a = 1 AND (b = 1 OR c IS NULL) AND d = 1")
	visit := func(into bool) (fields []string) {
		cql.Inspect(q.Where, func(e cql.Expr) bool {
			switch e := e.(type) {
			case *cql.Comparison:
				fields = append(fields, e.Field.String())
			case *cql.NullCheck:
				fields = append(fields, e.Field.String())
			case *cql.OrExpr:
				return into
			}
			return true
		})
		return fields
	}
	if all, some := visit(true), visit(false); !slices.Equal(all, []string{"a", "b", "c", "d"}) ||
		!slices.Equal(some, []string{"a", "d"}) {
		t.Error(all, some)
	}
	cql.Inspect(nil, func(cql.Expr) bool { t.Error("nil is visited"); return true })
}

func TestPositions(t *testing.T) {
	q := mustParse(t,
		"FROM a, b WHERE @c = 'x' OR d = 1 EARLIEST=-1d LATEST=-2h | head 1 | aggregate count, sum(e)")
	sum := q.Functions[1].(*cql.Aggregate).Aggregations[1]
	got := []int{
		q.Types[0].Pos.Column, q.Types[1].Pos.Column, q.Where.Position().Column,
		q.Where.(*cql.OrExpr).Operands[0].(*cql.Comparison).Values[0].Pos.Column,
		q.Earliest.Pos.Column, q.Latest.Pos.Column,
		q.Functions[0].Position().Column, q.Functions[1].Position().Column, sum.Pos.Column,
		sum.Field.Pos.Column,
	}
	if want := []int{6, 9, 17, 22, 44, 55, 61, 70, 87, 91}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestColumn(t *testing.T) {
	q := mustParse(t, "| aggregate count, count(a), SUM(b.c), max(d) AS e")
	var names []string
	for _, a := range q.Functions[0].(*cql.Aggregate).Aggregations {
		names = append(names, a.Column())
	}
	if got := strings.Join(names, " "); got != "count count(a) sum(b.c) e" {
		t.Error(got)
	}
}

func TestBool(t *testing.T) {
	q := mustParse(t, "a IN (TRUE,false,'true',1)")
	for i, v := range q.Where.(*cql.Comparison).Values {
		if v.Bool() != (i == 0) {
			t.Errorf("%+v", v)
		}
	}
}

func TestOperators(t *testing.T) {
	for o, positive := range map[cql.Operator]cql.Operator{
		cql.OpEqual: cql.OpEqual, cql.OpNotEqual: cql.OpEqual, cql.OpLess: cql.OpLess,
		cql.OpNotIn:      cql.OpIn,
		cql.OpNotMatches: cql.OpMatches, cql.OpNotMatchesRegex: cql.OpMatchesRegex,
		cql.OpNotContains: cql.OpContains,
	} {
		if o.Positive() != positive || o.Negated() != (o != positive) {
			t.Errorf("%s: %s, %v", o, o.Positive(), o.Negated())
		}
	}
}

// TestInvalidTrees holds that a tree that no text has is an error, and never text that is sent by
// mistake.
func TestInvalidTrees(t *testing.T) {
	a := cql.Field{Name: "a"}
	one := cql.Value{Kind: cql.NumberValue, Text: "1"}
	compare := func(f cql.Field, o cql.Operator, values ...cql.Value) *cql.Query {
		return &cql.Query{Where: &cql.Comparison{Field: f, Operator: o, Values: values}}
	}
	call := func(f cql.Function) *cql.Query { return &cql.Query{Functions: []cql.Function{f}} }
	aggregate := func(a cql.Aggregation) *cql.Query {
		return call(&cql.Aggregate{Aggregations: []cql.Aggregation{a}})
	}
	fine := compare(a, cql.OpEqual, one)
	if text, err := fine.Text(); err != nil || text != "WHERE a = 1" {
		t.Fatal(text, err)
	}
	for name, q := range map[string]*cql.Query{
		"type":             {Types: []cql.TypeName{{Name: "alert WHERE"}}},
		"keyword as type":  {Types: []cql.TypeName{{Name: "where"}}},
		"dotted type":      {Types: []cql.TypeName{{Name: "a.b"}}},
		"star and type":    {Types: []cql.TypeName{{Name: "*"}, {Name: "alert"}}},
		"field":            compare(cql.Field{Name: "a = 1 OR b"}, cql.OpEqual, one),
		"empty field":      compare(cql.Field{}, cql.OpEqual, one),
		"keyword as field": compare(cql.Field{Name: "Is"}, cql.OpEqual, one),
		"logical path":     compare(cql.Field{Name: "a.b", Logical: true}, cql.OpEqual, one),
		"operator":         compare(a, "LIKE", one),
		"negated operator": compare(a, "!<", one),
		"no value":         compare(a, cql.OpIn),
		"two values":       compare(a, cql.OpEqual, one, one),
		"number": compare(a, cql.OpEqual,
			cql.Value{Kind: cql.NumberValue, Text: "1 OR a = 2"}),
		"exponent":          compare(a, cql.OpEqual, cql.Value{Kind: cql.NumberValue, Text: "1e5"}),
		"boolean":           compare(a, cql.OpEqual, cql.Value{Kind: cql.BoolValue, Text: "yes"}),
		"kind":              compare(a, cql.OpEqual, cql.Value{Kind: 9, Text: "1"}),
		"contains a number": compare(a, cql.OpContains, one),
		"matches a number":  compare(a, cql.OpMatches, one),
		"UTF-8":             compare(a, cql.OpEqual, cql.Value{Text: "\xff"}),
		"no operands":       {Where: &cql.AndExpr{}},
		"one operand":       {Where: &cql.OrExpr{Operands: []cql.Expr{fine.Where}}},
		"nil operand":       {Where: &cql.OrExpr{Operands: []cql.Expr{fine.Where, nil}}},
		"unit":              {Earliest: &cql.Bound{Amount: 1, Unit: "d OR"}},
		"amount":            {Earliest: cql.Ago(-1, cql.Day)},
		"bound":             {Latest: &cql.Bound{Text: "\xff"}},
		"nil function":      call(nil),
		"head":              call(&cql.Head{Count: -1}),
		"no fields":         call(&cql.Fields{}),
		"no keys":           call(&cql.Sort{}),
		"logical key": call(&cql.Sort{Keys: []cql.SortKey{{Field: cql.Field{
			Name:    "ip",
			Logical: true,
		}}}}),
		"no columns":     call(&cql.Aggregate{}),
		"median":         aggregate(cql.Aggregation{Function: "median", Field: a}),
		"sum of nothing": aggregate(cql.Aggregation{Function: "sum"}),
		"column name":    aggregate(cql.Aggregation{Function: "count", As: "a b"}),
		"bucket": call(&cql.Aggregate{
			Aggregations: []cql.Aggregation{{Function: "count"}},
			Bucket:       &cql.Bucket{Amount: 1, Unit: cql.Week},
		}),
		"bucket and fields": call(&cql.Aggregate{
			Aggregations: []cql.Aggregation{{Function: "count"}},
			Bucket:       &cql.Bucket{Amount: 1, Unit: cql.Day}, By: []cql.Field{a},
		}),
	} {
		text, err := q.Text()
		if err == nil || q.String() != text {
			t.Errorf("%s: %s, %v", name, text, err)
		}
		if _, err := cql.Parse(text); err == nil {
			t.Errorf("%s: %s is a query", name, text)
		}
	}
}

func TestDeepTreesAreAnError(t *testing.T) {
	e := mustParse(t, "a = 1").Where
	for range 2000 {
		e = &cql.AndExpr{Operands: []cql.Expr{e, mustParse(t, "b = 1").Where}}
	}
	if _, err := (&cql.Query{Where: e}).Text(); err == nil {
		t.Error("no error")
	}
}
