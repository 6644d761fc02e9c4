package cql_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/cql"
)

// queryCases is testdata/query-cases.json: queries with their meaning, and mistakes.
type queryCases struct {
	Examples []struct {
		Query, Means string
	}
	Mistakes []struct {
		Query, Kind, Right, Why string
		Column                  *int
	}
}

func readCases(t testing.TB) queryCases {
	t.Helper()
	text, err := os.ReadFile("testdata/query-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases queryCases
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases.Examples) < 20 || len(cases.Mistakes) < 20 {
		t.Fatalf("%d examples, %d mistakes", len(cases.Examples), len(cases.Mistakes))
	}
	return cases
}

// mustParse returns the tree of a query.
func mustParse(t testing.TB, text string) *cql.Query {
	t.Helper()
	q, err := cql.Parse(text)
	if err != nil {
		t.Fatalf("Parse(%.200s): %v", text, err)
	}
	return q
}

// syntaxError returns the error of a text that is no query.
func syntaxError(t *testing.T, text string) *cql.SyntaxError {
	t.Helper()
	q, err := cql.Parse(text)
	var syntax *cql.SyntaxError
	if q != nil || !errors.As(err, &syntax) {
		t.Fatalf("Parse(%.200s) = %.200v, %v", text, q, err)
	}
	return syntax
}

func TestCasesParse(t *testing.T) {
	cases := readCases(t)
	var texts []string
	for _, c := range cases.Examples {
		texts = append(texts, c.Query)
	}
	for _, c := range cases.Mistakes {
		texts = append(texts, c.Right)
		if c.Kind != "syntax" {
			texts = append(texts, c.Query)
		}
	}
	for _, text := range append(texts, moreQueries...) {
		q := mustParse(t, text)
		again := mustParse(t, q.String())
		if !q.Equal(again) || q.String() != again.String() {
			t.Errorf("%s\nis written as %s\nand read as %s", text, q, again)
		}
	}
}

// moreQueries are forms that the cases do not have.
var moreQueries = []string{
	"",
	" \t\r\n",
	"FROM alert",
	"from Alert where Severity>=0.6 and Status!='OPEN'earliest=-1D@D and latest=-2H|HEAD 5|Fields a,b.c",
	"FROM alert AND EARLIEST=-1d",
	"LATEST=-1h EARLIEST=-2h",
	"FROM alert WHERE severity >= 0.2 AND severity < 0.4 EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-03-01T23:59:59Z'",
	"EARLIEST='2026-03-01T00:00:00.000Z' AND LATEST='2026-03-02T00:00:00.000Z'",
	"FROM alert severity >= 0.6 AND status = 'OPEN'",
	"FROM alert WHERE status !IN ('OPEN','SUPPRESSED') EARLIEST=-7d",
	"@user CONTAINS 'svc-backup' EARLIEST=-2h",
	"FROM process WHERE commandline CONTAINS e'line one\\nline two \\\\ tab\\there' EARLIEST=-1d",
	"FROM http WHERE uri_path !MATCHES_REGEX '.*\\.(?:png|css|js)$' AND response_code >= 500 EARLIEST=-4h",
	"FROM alert WHERE status = 'OPEN' EARLIEST=-1d | aggregate count by metadata.title, entities | head 20",
	"((a = 1)) OR (b = -2.50 AND (c = TRUE OR d IS NOT NULL))",
	"a = 1 AND (b = 1 AND c = 1) OR d = 1",
	"a = '' OR a = E'' OR a MATCHES ('x') OR a !matches_regex ('x', 'y')",
	"head = 1 AND count = 2 | sort sort DESC, head asc | aggregate count, count(count) as c, AVG(x.y) by 10m",
	"a = 'über' AND b = '\u2028\u0000\n'",
	"EARLIEST=-0s LATEST=-1y@mo",
}

func TestMistakesDoNotParse(t *testing.T) {
	for _, c := range readCases(t).Mistakes {
		if c.Kind != "syntax" {
			continue
		}
		err := syntaxError(t, c.Query)
		if err.Line != 1 || c.Column == nil || err.Column != *c.Column {
			t.Errorf("%s\n%v, column of the case: %v", c.Query, err, *c.Column)
		}
		if err.Hint() == "" {
			t.Errorf("%s\n%v: no hint", c.Query, err)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
		hint   string // a part of it
	}{
		{`FROM alert WHERE NOT status = 'OPEN'`, 18, "! before the operator"},
		{`a = 1 AND NOT b = 2`, 11, "! before the operator"},
		{`a NOT CONTAINS 'x'`, 3, "!CONTAINS"},
		{`a IS NOT IN ('x')`, 10, "IS NOT NULL"},
		{`a IS 'x'`, 6, "= or !="},
		{`status = "OPEN"`, 10, "single quotes"},
		{`status = “OPEN”`, 10, "straight quotes"},
		{`status = ‘OPEN’`, 10, "straight quotes"},
		{"status = `OPEN`", 10, "single quotes"},
		{`title = 'Someone's token'`, 25, `write e'Someone\'s token'`},
		{`title = 'Someone's'`, 19, `write e'Someone\'s'`},
		{`title = 'Someone''s'`, 18, `write e'Someone\'s'`},
		{`title = 'Someone\'s token'`, 26, `write e'Someone\'s token'`},
		{`title = 'Someone's token' AND status = 'OPEN'`, 45, `write e'Someone\'s token'`},
		{`title = 'Someone's token' AND title = 'it's'`, 18, `write e'Someone\'s token'`},
		{`title = 'open`, 9, `e'…' with \'`},
		{`title = e'Someone''s'`, 19, `write e'Someone\'s'`},
		{`title = e'Someone\'`, 9, `close it`},
		{`title = e'C:\Windows'`, 13, `write 'C:\Windows': `},
		{`title = e'C:\Windows'`, 13, `in plain '…' a backslash is a backslash`},
		{`title = e'C:\\Windows\System'`, 22, `in plain '…'`},
		{`commandline == 'whoami'`, 14, "equal is one ="},
		{`commandline <> 'whoami'`, 14, "not equal is !="},
		{`severity => 1`, 11, "write >="},
		{`severity =< 1`, 11, "write <="},
		{`a = 1 || b = 2`, 8, "write OR"},
		{`a = 1 && b = 2`, 7, "write AND"},
		{`a ! IN (1)`, 3, "directly before its word"},
		{`a !LIKE 'x'`, 3, "directly before its word"},
		{`a ~ 'x'`, 3, "MATCHES_REGEX"},
		{`a BETWEEN 1 AND 2`, 3, ">= low"},
		{`a = null`, 5, "IS NULL"},
		{`a != NULL`, 6, "a IS NOT NULL"},
		{`a IN (null)`, 7, "IS NULL"},
		{`FROM process EARLIEST=1d`, 23, "minus: -1d"},
		{`FROM process EARLIEST=24H LATEST=-1h`, 23, "minus: -24h"},
		{`FROM process EARLIEST=today`, 23, "write -0d@d"},
		{`FROM process EARLIEST=-1day`, 23, "write -1d"},
		{`FROM process EARLIEST=-10minutes`, 23, "write -10m"},
		{`FROM process EARLIEST=-6MONTHS`, 23, "write -6mo"},
		{`FROM process EARLIEST=now`, 23, "leave LATEST out"},
		{`FROM process EARLIEST=-1`, 23, "for example -1d"},
		{`FROM process EARLIEST=-1q`, 23, "s m h d w mo y"},
		{`FROM process EARLIEST=-1d@x`, 23, "s m h d w mo y"},
		{`FROM process EARLIEST=-1d@`, 23, "s m h d w mo y"},
		{`FROM process EARLIEST=-99999y`, 23, ""},
		{`FROM process EARLIEST=-99999999999999999999d`, 23, ""},
		{`FROM process EARLIEST=2026-03-01T00:00:00Z`, 23, "'2026-03-01T00:00:00Z'"},
		{`FROM process EARLIEST>-1d`, 22, "EARLIEST=-1d"},
		{`FROM process EARLIEST -1d`, 23, "EARLIEST=-1d"},
		{`EARLIEST=-1d EARLIEST=-2d`, 14, "narrower"},
		{`EARLIEST=-1d AND LATEST=-1h LATEST=-2d`, 29, "narrower"},
		{`(a = 1 AND EARLIEST=-1d)`, 12, "outside of parentheses"},
		{`a = 1 OR EARLIEST=-1d`, 10, "outside of parentheses"},
		{`FROM alert EARLIEST=-1d WHERE a = 1`, 25, "stands before the bounds"},
		{`FROM alert EARLIEST=-1d AND a = 1`, 25, "stands before the bounds"},
		{`FROM alert EARLIEST=-1d a = 1`, 25, "stands before the bounds"},
		{`FROM process | head 10 WHERE username = 'x'`, 24, "before the first pipe"},
		{`FROM process | head 10 EARLIEST=-1d`, 24, "before the first pipe"},
		{`WHERE a = 1 FROM alert`, 13, "FROM begins"},
		{`FROM alert process`, 19, ""},
		{`FROM alert process = 1 auth = 2`, 24, ""},
		{`FROM alert,`, 12, "FROM alert"},
		{`FROM WHERE a = 1`, 6, "FROM alert"},
		{`FROM *, alert`, 7, "stands alone"},
		{`FROM 'alert'`, 6, "FROM alert"},
		{`FROM a.b`, 6, "FROM alert"},
		{`status IN ()`, 12, "at least one"},
		{`status IN 'OPEN'`, 11, "parentheses"},
		{`status IN ('OPEN'`, 18, "close the list"},
		{`status IN ('OPEN','CLOSED',)`, 28, "single quotes"},
		{`status IN ('OPEN' 'CLOSED')`, 19, ""},
		{`status IN ['OPEN']`, 11, "parentheses"},
		{`status = ('OPEN','X')`, 10, "IN"},
		{`status IN (OPEN)`, 12, "'OPEN'"},
		{`a CONTAINS ('x','y')`, 12, "OR"},
		{`a CONTAINS 5`, 12, "string"},
		{`a MATCHES x`, 11, "'x'"},
		{`a MATCHES (5)`, 12, "string"},
		{`port = 1e5`, 8, "exponent"},
		{`port = .5`, 8, "digit before the point"},
		{`port = 5.`, 8, "one point"},
		{`port = +5`, 8, "plus"},
		{`port = - 5`, 8, "minus"},
		{`ip = 10.20.30.40`, 6, "quote addresses: '10.20.30.40'"},
		{`severity >= 0,6`, 14, "decimal point"},
		{`a !== 'x'`, 5, "not equal is !="},
		{`a LIKE 'x%'`, 3, "MATCHES 'x*'"},
		{`a LIKE '%x%y%'`, 3, "MATCHES '…'"},
		{`a LIKE '%'`, 3, "MATCHES '…'"},
		{`a LIKE x`, 3, "MATCHES '…'"},
		{`a = 'x'y`, 8, `write e'…' with \'`},
		{`a NOT LIKE 'x'`, 3, "!CONTAINS"},
		{`a STARTSWITH 'x'`, 3, "MATCHES 'start*'"},
		{`a CONTAINS_ANY 'x'`, 3, "operators are"},
		{`'OPEN' = status`, 1, "begins with a field"},
		{`WHERE 'OPEN' = status`, 7, "begins with a field"},
		{`WHERE EARLIEST=-1d`, 7, "leave WHERE out"},
		{`status EARLIEST=-1d`, 8, "operators are"},
		{`FROM process auth EARLIEST=-1d`, 19, "separated by commas"},
		{`FROM "alert"`, 6, "without quotes"},
		{`(a = 1`, 7, "close the parentheses"},
		{`a = 1)`, 6, "balanced"},
		{`(a = 1, 2)`, 7, "IN"},
		{`is = 1`, 1, ""},
		{`@ ip = 1`, 1, "one word"},
		{`a.b. = 1`, 4, ""},
		{`a = 1; drop`, 6, "one statement"},
		{`a = 1 -- x`, 7, "no comments"},
		{`a = 1 # x`, 7, "no comments"},
		{`a = 1 /* x */`, 7, "no comments"},
		{"a\u00a0= 1", 2, "plain space"},
		{"\ufeffa = 1", 1, "plain space"},
		{`a = 1 ORDER BY b`, 7, "sort"},
		{`a = 1 LIMIT 10`, 7, "head 10"},
		{`a = 1 | limit 10`, 9, "head 10"},
		{`a = 1 | stats count`, 9, "aggregate"},
		{`a = 1 |`, 8, "write head"},
		{`a = 1 | head`, 13, "head 10"},
		{`a = 1 | head -1`, 14, "head 10"},
		{`a = 1 | head 1.5`, 14, "head 10"},
		{`a = 1 | head 99999999999999999999`, 14, ""},
		{`a = 1 | sort by b`, 14, "without BY"},
		{`a = 1 | sort @ip`, 14, "no logical types"},
		{`a = 1 | fields a b`, 18, ""},
		{`a = 1 | aggregate`, 18, "count"},
		{`a = 1 | aggregate median(b)`, 19, "count"},
		{`a = 1 | aggregate sum`, 22, "sum(field)"},
		{`a = 1 | aggregate count(*)`, 25, "without parentheses"},
		{`a = 1 | aggregate count()`, 25, "without parentheses"},
		{`a = 1 | aggregate sum(b, c)`, 24, "one field"},
		{`a = 1 | aggregate count by 6w`, 28, "6h"},
		{`a = 1 | aggregate count by 6 h`, 28, "6h"},
		{`a = 1 | aggregate count as 'x'`, 28, "letters"},
		{`a = 1 | aggregate count(@ip)`, 25, "no logical types"},
		{`SELECT a FROM process`, 8, "no SELECT"},
		{"a = 'x\xff'", 7, "UTF-8"},
	} {
		err := syntaxError(t, c.text)
		if err.Column != c.column || err.Line != 1 {
			t.Errorf("%s\n%v\ncolumn %d expected", c.text, err, c.column)
		}
		if !strings.Contains(err.Hint(), c.hint) {
			t.Errorf("%s\n%v\nhint with %q expected", c.text, err, c.hint)
		}
	}
}

func TestPositionCountsCharactersAndLines(t *testing.T) {
	err := syntaxError(t, "FROM alert\r\nWHERE title = 'äöü€'\n  AND größe = 1")
	if err.Line != 3 || err.Column != 9 || err.Offset != 46 {
		t.Errorf("%+v", err)
	}
	q := mustParse(t, "a = 'ä\nö' AND\n b IS NULL")
	check := q.Where.(*cql.AndExpr).Operands[1]
	if got := check.Position(); got != (cql.Position{Offset: 17, Line: 3, Column: 2}) {
		t.Errorf("%+v", got)
	}
	for _, c := range []struct {
		text   string
		column int
	}{{"a = 1 AND", 10}, {"a = 1 AND  ", 12}, {"ä", 1}} {
		if err := syntaxError(t, c.text); err.Column != c.column {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

func TestLimits(t *testing.T) {
	nested := func(n int) string {
		return strings.Repeat("(", n) + "a = 1" + strings.Repeat(")", n)
	}
	mustParse(t, nested(cql.MaxDepth))
	if err := syntaxError(t, nested(cql.MaxDepth+1)); err.Column != cql.MaxDepth+1 {
		t.Error(err)
	}
	if err := syntaxError(t, strings.Repeat("(", 1_000_000)); err.Column != cql.MaxDepth+1 {
		t.Error(err)
	}
	syntaxError(t, strings.Repeat("a = 1 OR ", cql.MaxBytes/9)+"a = 1    ")
	long := mustParse(t, strings.Repeat("a=1 OR ", 200_000)+"a=1")
	if n := len(long.Where.(*cql.OrExpr).Operands); n != 200_001 {
		t.Error(n)
	}
}
