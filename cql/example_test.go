package cql_test

import (
	"fmt"
	"log"
	"os"
	"text/template"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
)

// A query is built of values that cannot break out of their literals.
func ExampleFrom() {
	title := "Someone's token was used twice"
	query, err := cql.From("alert").
		Where(cql.And(cql.GTE("severity", 0.6), cql.In("status", "OPEN"))).
		Where(cql.Or(cql.Eq("metadata.title", title), cql.Contains("@user", "svc-"))).
		Earliest(24 * time.Hour).
		Text()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(query)
	// Output: FROM alert WHERE severity >= 0.6 AND status IN ('OPEN') AND (metadata.title = e'Someone\'s token was used twice' OR @user CONTAINS 'svc-') EARLIEST=-1d
}

// A list that turns out to be empty is an error, and not a query that finds everything.
func ExampleIn() {
	var ids []string
	_, err := cql.From("alert").Where(cql.In("resource_id", ids)).Text()
	fmt.Println(err)
	// Output: query: resource_id: a list has no values: do not send the query: no record can match
}

func ExampleBuilder_Aggregate() {
	query, err := cql.From("netflow").
		Where(cql.Eq("destination_port", 443)).
		Earliest(24*time.Hour).
		Aggregate(cql.Sum("tx_byte_count").Named("sent"), cql.Count()).By("source_address").
		Head(20).
		Text()
	fmt.Println(query, err)
	// Output: FROM netflow WHERE destination_port = 443 EARLIEST=-1d | aggregate sum(tx_byte_count) AS sent, count BY source_address | head 20 <nil>
}

// Text for a regular expression is quoted twice: for the expression, and then as a string.
func ExampleMatchesRegex() {
	host := "bad.example"
	expression := `^(?:.*\.)?` + cql.QuoteRegex(host) + "$"
	query, err := cql.Where(cql.MatchesRegex("@domain", expression)).Text()
	fmt.Println(query, err)
	// Output: WHERE @domain MATCHES_REGEX '^(?:.*\.)?bad\.example$' <nil>
}

func ExampleString() {
	for _, s := range []string{`C:\new\tools`, `it's`, "two\nlines"} {
		literal, err := cql.String(s)
		fmt.Println(literal, err)
	}
	// Output:
	// 'C:\new\tools' <nil>
	// e'it\'s' <nil>
	// e'two\nlines' <nil>
}

// Parse returns a tree with positions. An error has the right form as its hint.
func ExampleParse() {
	query, err := cql.Parse("from alert severity>=0.6 and status='OPEN' earliest=-1D")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(query)
	fmt.Println(query.Types[0].Name, query.Earliest.Amount, query.Earliest.Unit)

	_, err = cql.Parse("FROM alert WHERE status NOT IN ('OPEN')")
	fmt.Println(err)
	fmt.Println(core.Hint(err))
	// Output:
	// FROM alert WHERE severity >= 0.6 AND status = 'OPEN' EARLIEST=-1d
	// alert 1 d
	// query, line 1, column 25: an operator expected, not "NOT": negation is ! before the operator: !IN
	// negation is ! before the operator: !IN
}

func ExampleLint() {
	const text = "FROM process WHERE path = e'C:\\temp' EARLIEST='-90d'"
	for _, finding := range cql.Lint(text, cql.LintOptions{}) {
		fmt.Println(finding)
	}
	// Output:
	// 1:27: warning: in e'…' a backslash with n, r, t, b or f is a control character: write 'C:\temp'
	// 1:47: error: a quoted bound is an absolute time: write it without quotes: -90d
}

func ExampleFuncs() {
	const text = "FROM auth WHERE @user = {{.User | cql}} AND action IN {{.Actions | cql}} " +
		"EARLIEST={{.Since | cqlTime}}\n"
	query := template.New("query").Option("missingkey=error").Funcs(cql.Funcs())
	template.Must(query.Parse(text))
	err := query.Execute(os.Stdout, map[string]any{
		"User":    "o'neill",
		"Actions": []string{"logon", "logoff"},
		"Since":   2 * time.Hour,
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: FROM auth WHERE @user = e'o\'neill' AND action IN ('logon','logoff') EARLIEST=-2h
}

// A search of events spans at most 31 days, so a longer one is split.
func ExampleQuery_Split() {
	query, err := cql.Parse("FROM process WHERE commandline CONTAINS 'enc' EARLIEST=-90d")
	if err != nil {
		log.Fatal(err)
	}
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	parts, err := query.Split(now, 30*24*time.Hour, cql.OldestFirst)
	if err != nil {
		log.Fatal(err)
	}
	for _, part := range parts {
		fmt.Println(part)
	}
	// Output:
	// FROM process WHERE commandline CONTAINS 'enc' EARLIEST='2026-03-03T00:00:00Z' LATEST='2026-04-02T00:00:00Z'
	// FROM process WHERE commandline CONTAINS 'enc' EARLIEST='2026-04-02T00:00:00Z' LATEST='2026-05-02T00:00:00Z'
	// FROM process WHERE commandline CONTAINS 'enc' EARLIEST='2026-05-02T00:00:00Z' LATEST='2026-06-01T00:00:00Z'
}

// Of two bounds the narrower one stays.
func ExampleQuery_Narrow() {
	query, err := cql.Parse("FROM alert EARLIEST=-7d")
	if err != nil {
		log.Fatal(err)
	}
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	narrow, err := query.Narrow(now, now.Add(-24*time.Hour), now)
	fmt.Println(narrow, err)
	// Output: FROM alert EARLIEST='2026-03-09T12:00:00Z' LATEST='2026-03-10T12:00:00Z' <nil>
}
