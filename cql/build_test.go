package cql_test

import (
	"encoding/json"
	"errors"
	"math"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/cql"
)

type status string

// text returns the text of a builder after parsing it.
func text(t *testing.T, b cql.Builder) string {
	t.Helper()
	s, err := b.Text()
	if err != nil {
		t.Fatal(err)
	}
	if again := mustParse(t, s).String(); again != s || b.String() != s {
		t.Errorf("%s is parsed as %s", s, again)
	}
	return s
}

func TestBuilder(t *testing.T) {
	day := time.Date(2026, 3, 1, 1, 0, 0, 500_000_000, time.FixedZone("", 3600))
	for want, b := range map[string]cql.Builder{
		"FROM alert WHERE severity >= 0.6 AND status IN ('OPEN') EARLIEST=-1d": cql.From("alert").
			Where(cql.And(cql.GTE("severity", 0.6), cql.In("status", "OPEN"))).Earliest(24 * time.Hour),
		"FROM *":        cql.From("*"),
		"WHERE a = 1":   cql.Where(cql.Eq("a", 1)),
		"FROM a, b":     cql.From("a", "b"),
		"EARLIEST=-90s": cql.Builder{}.Earliest(90*time.Second - 1),
		"LATEST=-89s":   cql.Builder{}.Latest(90*time.Second - 1),
		"LATEST=-0s":    cql.Builder{}.Latest(0),
		"EARLIEST=-1s":  cql.Builder{}.Earliest(1),
		"EARLIEST=-2h":  cql.Builder{}.Earliest(time.Hour).Earliest(2 * time.Hour),
		"EARLIEST=-30d": cql.Builder{}.Earliest(30 * 24 * time.Hour),

		"EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-03-01T00:00:01Z'":      cql.Builder{}.EarliestAt(day).LatestAt(day),
		"WHERE a = 1 AND b = 2 AND c = 3":                                    cql.Where(cql.Eq("a", 1)).Where(cql.Eq("b", 2)).Where(cql.Eq("c", 3)),
		"WHERE a = 1 AND b = 2 AND c = 3 AND d = 4":                          cql.Where(cql.And(cql.Eq("a", 1), cql.Eq("b", 2))).Where(cql.Eq("c", 3), cql.Eq("d", 4)),
		"WHERE a = 1 AND (b = 2 OR c = 3)":                                   cql.Where(cql.Eq("a", 1), cql.Or(cql.Eq("b", 2), cql.Eq("c", 3))),
		"WHERE a = 1 OR (b = 2 AND (c = 3 OR d = 4))":                        cql.Where(cql.Or(cql.Eq("a", 1), cql.And(cql.Eq("b", 2), cql.Or(cql.Eq("c", 3), cql.Eq("d", 4))))),
		"WHERE a != 1 AND b < 1 AND c <= 1 AND d > 1":                        cql.Where(cql.NotEq("a", 1), cql.LT("b", 1), cql.LTE("c", 1), cql.GT("d", 1)),
		"WHERE @ip IN ('192.0.2.7','2001:db8::1') AND a.b !IN (1,2)":         cql.Where(cql.In("@ip", net.ParseIP("192.0.2.7"), netip.MustParseAddr("2001:db8::1")), cql.NotIn("a.b", []int{1, 2})),
		"WHERE a CONTAINS '*' AND a !CONTAINS ''":                            cql.Where(cql.Contains("a", "*"), cql.NotContains("a", "")),
		"WHERE a MATCHES '*.x' AND a !MATCHES ('y','z*')":                    cql.Where(cql.Matches("a", "*.x"), cql.NotMatches("a", "y", "z*")),
		`WHERE a MATCHES_REGEX '^a\.b\-c\/$' AND a !MATCHES_REGEX ('x','y')`: cql.Where(cql.MatchesRegex("a", "^"+cql.QuoteRegex("a.b-c/")+"$"), cql.NotMatchesRegex("a", "x", "y")),
		"WHERE a IS NULL AND @user IS NOT NULL":                              cql.Where(cql.IsNull("a"), cql.IsNotNull("@user")),
		"| head 5 | tail 2 | fields a, b.c | sort a, b DESC":                 cql.Builder{}.Head(5).Tail(2).Fields("a", "b.c").Sort(cql.Asc("a"), cql.Desc("b")),

		"| aggregate count": cql.Builder{}.Aggregate(cql.Count()),
		"| aggregate count, count(a), sum(b) AS s BY c, d.e | head 3":                  cql.Builder{}.Aggregate(cql.Count(), cql.CountOf("a"), cql.Sum("b").Named("s")).By("c", "d.e").Head(3),
		"| aggregate min(a), max(a), avg(a), cardinality(a) BY 6h":                     cql.Builder{}.Aggregate(cql.Min("a"), cql.Max("a"), cql.Avg("a"), cql.Cardinality("a")).ByTime(6 * time.Hour),
		"| aggregate count BY 90m":                                                     cql.Builder{}.Aggregate(cql.Count()).ByTime(90 * time.Minute),
		`WHERE a = e'it\'s' AND b = 'C:\x' AND c = e'C:\\x\n'`:                         cql.Where(cql.Eq("a", "it's"), cql.Eq("b", `C:\x`), cql.Eq("c", "C:\\x\n")),
		"WHERE a = 'x' AND b = true AND c = 0.1 AND d = 18446744073709551615":          cql.Where(cql.Eq("a", status("x")), cql.Eq("b", true), cql.Eq("c", float32(0.1)), cql.Eq("d", uint64(math.MaxUint64))),
		"WHERE a = 100000000000000000000000 AND b = 0.0000000001 AND c = -7":           cql.Where(cql.Eq("a", 1e23), cql.Eq("b", 1e-10), cql.Eq("c", int8(-7))),
		"WHERE a = 1.50 AND b = 'x' AND c = 5":                                         cql.Where(cql.Eq("a", json.Number("1.50")), cql.Eq("b", new("x")), cql.Eq("c", cql.Value{Kind: cql.NumberValue, Text: "5"})),
		"WHERE updated_at >= '2026-03-01T00:00:00.500Z' AND event_time_usec < 1500000": cql.Where(cql.GTE("updated_at", day), cql.LT("event_time_usec", time.UnixMilli(1500))),
		"WHERE a IN (1,2,'x',true)":                                                    cql.Where(cql.In("a", []any{1, []int{2}}, new([]string{"x"}), true)),
	} {
		if got := text(t, b); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestBuilderErrors(t *testing.T) {
	type unknown struct{}
	var noPointer *string
	fine := cql.Eq("a", 1)
	for name, b := range map[string]cql.Builder{
		"no types":          cql.From(),
		"empty types":       cql.From([]string{}...),
		"type":              cql.From("alert WHERE"),
		"keyword":           cql.From("where"),
		"star and type":     cql.From("*", "alert"),
		"no condition":      cql.Where(),
		"no condition left": cql.From("alert").Where([]cql.Condition{}...),
		"zero condition":    cql.Where(cql.Condition{}),
		"zero operand":      cql.Where(cql.And(fine, cql.Condition{})),
		"And of nothing":    cql.Where(cql.And()),
		"Or of nothing":     cql.Where(cql.Or()),
		"empty In":          cql.Where(cql.In("a")),
		"empty slice":       cql.Where(cql.In("a", []string{})),
		"nil slice":         cql.Where(cql.NotIn("a", []string(nil))),
		"nil in a list":     cql.Where(cql.In("a", "x", nil)),
		"slice as a value":  cql.Where(cql.Eq("a", []string{"x"})),
		"no glob":           cql.Where(cql.Matches("a")),
		"no expression":     cql.Where(cql.NotMatchesRegex("a")),
		"field":             cql.Where(cql.Eq("a = 1 OR b", 1)),
		"empty field":       cql.Where(cql.Contains("", "x")),
		"keyword as field":  cql.Where(cql.IsNull("Null")),
		"field with quote":  cql.Where(cql.In("a'", 1)),
		"dotted logical":    cql.Where(cql.Eq("@a.b", 1)),
		"NaN":               cql.Where(cql.GTE("a", math.NaN())),
		"infinity":          cql.Where(cql.GTE("a", math.Inf(-1))),
		"float32 infinity":  cql.Where(cql.GTE("a", float32(math.Inf(1)))),
		"nil":               cql.Where(cql.Eq("a", nil)),
		"nil pointer":       cql.Where(cql.Eq("a", noPointer)),
		"nil address":       cql.Where(cql.Eq("a", net.IP(nil))),
		"bad address":       cql.Where(cql.Eq("a", net.IP{1})),
		"struct":            cql.Where(cql.Eq("a", unknown{})),
		"map":               cql.Where(cql.In("a", map[string]bool{"x": true})),
		"bytes":             cql.Where(cql.In("a", []byte("x"))),
		"byte value":        cql.Where(cql.Eq("a", []byte("x"))),
		"duration":          cql.Where(cql.GT("a", time.Second)),
		"JSON number":       cql.Where(cql.Eq("a", json.Number("1e5"))),
		"injected number":   cql.Where(cql.Eq("a", json.Number("1 OR b = 1"))),
		"injected value":    cql.Where(cql.Eq("a", cql.Value{Kind: cql.BoolValue, Text: "1 OR b"})),
		"UTF-8":             cql.Where(cql.Eq("a", "\xff")),
		"UTF-8 in a list":   cql.Where(cql.Contains("a", "\xc0")),
		"year":              cql.Where(cql.Eq("a", time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC))),
		"future":            cql.Builder{}.Earliest(-1),
		"future end":        cql.Builder{}.Latest(-time.Hour),
		"empty window":      cql.Builder{}.Earliest(0),
		"bound year":        cql.Builder{}.EarliestAt(time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)),
		"end year":          cql.Builder{}.LatestAt(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)),
		"head 0":            cql.Builder{}.Head(0),
		"tail -1":           cql.Builder{}.Tail(-1),
		"no fields":         cql.Builder{}.Fields(),
		"logical field":     cql.Builder{}.Fields("@ip"),
		"no keys":           cql.Builder{}.Sort(),
		"sort field":        cql.Builder{}.Sort(cql.Asc("a, b")),
		"no columns":        cql.Builder{}.Aggregate(),
		"sum of nothing":    cql.Builder{}.Aggregate(cql.Sum("")),
		"column name":       cql.Builder{}.Aggregate(cql.Count().Named("a b")),
		"By alone":          cql.Builder{}.By("a"),
		"By after head":     cql.Builder{}.Head(1).By("a"),
		"By nothing":        cql.Builder{}.Aggregate(cql.Count()).By(),
		"By logical":        cql.Builder{}.Aggregate(cql.Count()).By("@ip"),
		"By twice":          cql.Builder{}.Aggregate(cql.Count()).By("a").ByTime(time.Hour),
		"ByTime of 0":       cql.Builder{}.Aggregate(cql.Count()).ByTime(0),
		"ByTime of parts":   cql.Builder{}.Aggregate(cql.Count()).ByTime(1500 * time.Millisecond),
		"too long":          cql.Where(cql.Eq("a", strings.Repeat("x", cql.MaxBytes))),
		"not in a tree":     cql.Where(cql.ConditionOf(nil)),
		"invalid tree":      cql.Where(cql.ConditionOf(&cql.Comparison{Field: cql.Field{Name: "a"}, Operator: "LIKE"})),
	} {
		s, err := b.Text()
		var bad *cql.ValueError
		if s != "" || !errors.As(err, &bad) || bad.Hint() != bad.HintText || strings.Contains(err.Error(), "\n") || len(err.Error()) > 500 {
			t.Errorf("%s: %.100s, %v", name, s, err)
		}
		if q, err := b.Query(); q != nil || err == nil {
			t.Errorf("%s: %v, %v", name, q, err)
		}
		if _, err := cql.Parse(b.String()); err == nil {
			t.Errorf("%s: %s is a query", name, b)
		}
	}
}

func TestAllErrorsAreReturned(t *testing.T) {
	_, err := cql.From("a b").Where(cql.And(cql.In("status"), cql.Or(cql.Eq("c d", math.NaN())))).Earliest(-1).Head(0).Query()
	for _, part := range []string{`"a b"`, "status: a list has no values", `"c d"`, "NaN", "future", "Head of 0"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 6 {
		t.Errorf("%v", err)
	}
}

func TestBuildersShareNothing(t *testing.T) {
	base := cql.From("alert").Where(cql.Eq("a", 1)).Where(cql.Eq("b", 1)).Aggregate(cql.Count())
	for range 2 {
		first := base.Where(cql.Eq("c", 1)).Head(1)
		second := base.Where(cql.Eq("d", 1)).By("x").Head(2)
		broken := base.Head(0)
		if got := text(t, first); got != "FROM alert WHERE a = 1 AND b = 1 AND c = 1 | aggregate count | head 1" {
			t.Error(got)
		}
		if got := text(t, second); got != "FROM alert WHERE a = 1 AND b = 1 AND d = 1 | aggregate count BY x | head 2" {
			t.Error(got)
		}
		if _, err := broken.Query(); err == nil {
			t.Error("no error")
		}
	}
	if got := text(t, base); got != "FROM alert WHERE a = 1 AND b = 1 | aggregate count" {
		t.Error(got)
	}
	q, err := base.Query()
	if err != nil {
		t.Fatal(err)
	}
	q.Where.(*cql.AndExpr).Operands[0].(*cql.Comparison).Field.Name = "changed"
	if got := text(t, base); strings.Contains(got, "changed") {
		t.Error(got)
	}
}

func TestConditionOf(t *testing.T) {
	parsed := mustParse(t, "FROM alert WHERE severity >= 0.6 OR status = 'OPEN'")
	b := cql.From("alert").Where(cql.ConditionOf(parsed.Where), cql.Eq("tenant_id", "5"))
	if got := text(t, b); got != "FROM alert WHERE (severity >= 0.6 OR status = 'OPEN') AND tenant_id = '5'" {
		t.Error(got)
	}
	if e, err := cql.ConditionOf(parsed.Where).Expr(); err != nil || e == parsed.Where {
		t.Error(e, err)
	}
	if e, err := (cql.Condition{}).Expr(); e != nil || err == nil {
		t.Error(e, err)
	}
}
