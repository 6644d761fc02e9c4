package cql_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/cql"
)

// noFindings are queries without mistakes, in addition to those of the cases.
var noFindings = []string{
	"FROM alert severity >= 0.6 AND status = 'OPEN'",
	"FROM alert WHERE severity >= 0.2 AND severity < 0.4 EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-03-01T23:59:59Z'",
	"EARLIEST='2026-03-01T00:00:00.000Z' AND LATEST='2026-03-02T00:00:00.000Z'",
	"FROM alert WHERE status !IN ('OPEN','SUPPRESSED') EARLIEST=-7d",
	"FROM alert WHERE status = 'OPEN' EARLIEST=-1d | aggregate count by metadata.title, entities | head 20",
	"@user CONTAINS 'svc-backup' EARLIEST=-2h",
	`FROM process WHERE commandline CONTAINS e'line one\nline two \\ tab\there' EARLIEST=-1d`,
	`FROM http WHERE uri_path !MATCHES_REGEX '.*\.(?:png|css|js)$' AND response_code >= 500 EARLIEST=-4h`,
	`FROM process WHERE path = '\\server\share\x' AND path CONTAINS 'C:\new\tools' EARLIEST=-1d`,
	`FROM process WHERE path MATCHES 'C:\Users\*\AppData\*.exe' AND name MATCHES ('setup.*','*[1].exe') EARLIEST=-1d`,
	`FROM process WHERE path = e'C:\\new\\it\'s' EARLIEST=-1d`,
	`FROM process WHERE commandline MATCHES_REGEX '(?i)\bcmd\.exe\b.*[a-z.]{3}\d+' EARLIEST=-1d`,
	`FROM process WHERE commandline MATCHES_REGEX '.*\\temp\\.*' EARLIEST=-1d`,
	"FROM process WHERE commandline CONTAINS '%TEMP%' EARLIEST=-1d",
	`FROM process WHERE path MATCHES ('C:\Windows\*','*\System32\d*','*\.ssh\*','\\host\C$\*') EARLIEST=-1d`,
	"FROM process WHERE path MATCHES 'setup.*.exe' AND path MATCHES '*[v1-2].log*' EARLIEST=-1d",
	"FROM alert WHERE (severity > 0.5 AND status = 'OPEN') OR status = 'OTHER' EARLIEST=-1d",
	"FROM alert WHERE severity > 0.5 AND (status = 'OPEN' OR status = 'OTHER') EARLIEST=-1d",
	"FROM process WHERE was_blocked = false AND name IS NULL EARLIEST=-31d",
	"FROM process EARLIEST=-32d LATEST=-1d",
	"FROM process EARLIEST=-15m",
	"FROM process EARLIEST=-2m LATEST=-1m",
	"FROM process EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-04-01T00:00:00Z'",
	"FROM alert EARLIEST=-1y",
	"FROM alert EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-03-01T00:00:00Z'",
	"FROM thirdparty WHERE severity = 'High' EARLIEST=-1d",
	"FROM alert WHERE severity = 1 OR severity IN (0,0.5) EARLIEST=-1d",
	"FROM alert WHERE status != 'OPEN' AND status != 'OTHER' EARLIEST=-1d",
	"FROM alert WHERE status != 'OPEN' OR severity != 1 EARLIEST=-1d",
	"FROM investigation WHERE status = 'AWAITING_ACTION' EARLIEST=-90d | sort created_at",
	"FROM process WHERE @IP = '192.0.2.7' AND @sensorid = 'x' EARLIEST=-1d",
	"FROM process WHERE @ip MATCHES '10.0.0.0/8' EARLIEST=-1d",
	"FROM process EARLIEST=-1d | sort username DESC | fields username | head 5",
	"FROM * EARLIEST=-1d | sort ingest_time_usec DESC",
	"FROM http EARLIEST=-1d | aggregate count by uri | head 5",
	"",
}

func findings(list []cql.Finding) string {
	var lines []string
	for _, f := range list {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

func TestLintFindsNothing(t *testing.T) {
	cases := readCases(t)
	texts := slices.Clone(noFindings)
	for _, c := range cases.Examples {
		texts = append(texts, c.Query)
	}
	for _, c := range cases.Mistakes {
		texts = append(texts, c.Right)
	}
	for _, text := range texts {
		if found := cql.Lint(text, cql.LintOptions{}); len(found) > 0 {
			t.Errorf("%s\n%s", text, findings(found))
		}
		if found := mustParse(t, text).Lint(cql.LintOptions{}); len(found) > 0 {
			t.Errorf("the tree of %s\n%s", text, findings(found))
		}
	}
}

// TestLintOfMistakes holds that each mistake of the cases is found, and what is written in its
// place.
func TestLintOfMistakes(t *testing.T) {
	for _, c := range readCases(t).Mistakes {
		found := cql.Lint(c.Query, cql.LintOptions{})
		if len(found) == 0 {
			t.Errorf("%s (%s)\nno finding", c.Query, c.Why)
			continue
		}
		for _, f := range found {
			if f.Line != 1 || f.Column < 1 || f.Suggestion == "" || f.Message == "" {
				t.Errorf("%s\n%s", c.Query, f)
			}
		}
		if c.Column != nil &&
			(found[0].Column != *c.Column || found[0].Severity != cql.Error || len(found) > 1) {
			t.Errorf("%s\n%s", c.Query, findings(found))
		}
	}
}

func TestLint(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// Syntax.
		{
			"status NOT IN ('OPEN')",
			"1:8: error: an operator expected, not \"NOT\": negation is ! before the operator: !IN",
		},
		// Types.
		{
			"FROM alert, process EARLIEST=-1d",
			"13: error: detections and events cannot be searched in one query: send two queries: FROM alert and FROM process",
		},
		{
			"FROM process, auth, detection EARLIEST=-1d",
			"21: error: events and detections cannot be searched in one query: send two queries: FROM process, auth and FROM detection",
		},
		{"FROM investigation, alert EARLIEST=-1d", "cases and detections"},
		{"FROM proces EARLIEST=-1d", "6: error: unknown type proces: write FROM process"},
		{"FROM netflwo EARLIEST=-1d", "write FROM netflow"},
		{"FROM alerts EARLIEST=-1d", "write FROM alert"},
		{"FROM dns EARLIEST=-1d", "write FROM dnsquery"},
		{"FROM foobar EARLIEST=-1d", "6: warning: unknown type foobar: known are alert"},
		{"FROM Process EARLIEST=-1d", "6: warning: the type is written process"},
		{"FROM auth, auth EARLIEST=-1d", "12: warning: auth stands twice"},
		{"FROM alert, detection EARLIEST=-1d", "6: warning: alert and detection are the same"},
		// Fields.
		{"@usr = 'x' EARLIEST=-1d", "1: error: unknown logical type @usr: write @user"},
		{"@foo IS NULL EARLIEST=-1d", "1: error: unknown logical type @foo: known are @ip"},
		{
			"FROM alert WHERE title = 'x' EARLIEST=-1d",
			"18: warning: detections have no field title: write metadata.title",
		},
		{
			"FROM alert WHERE severty >= 0.5 EARLIEST=-1d",
			"18: warning: detections have no field severty: write severity",
		},
		{
			"FROM alert WHERE created_at >= '2026-03-01T00:00:00Z' EARLIEST=-1d",
			"write metadata.created_at",
		},
		// Severity.
		{
			"FROM alert WHERE severity = 'critical' EARLIEST=-1d",
			"29: error: severity is a number from 0 to 1: write severity >= 0.8",
		},
		{"FROM alert WHERE metadata.severity = 'INFO' EARLIEST=-1d", "write metadata.severity < 0.2"},
		{"FROM alert WHERE severity >= 'High' EARLIEST=-1d", "write severity >= 0.6"},
		{"FROM alert WHERE severity > 'High' EARLIEST=-1d", "write severity >= 0.8"},
		{"FROM alert WHERE severity < 'medium' EARLIEST=-1d", "write severity < 0.4"},
		{"FROM alert WHERE severity <= 'medium' EARLIEST=-1d", "write severity < 0.6"},
		{"FROM alert WHERE severity != 'low' EARLIEST=-1d", "write (severity < 0.2 OR severity >= 0.4)"},
		{"FROM alert WHERE severity != 'critical' EARLIEST=-1d", "write severity < 0.8"},
		{"FROM alert WHERE severity != 'info' EARLIEST=-1d", "write severity >= 0.2"},
		{"FROM alert WHERE severity >= 'info' EARLIEST=-1d", "write severity >= 0\n"},
		{"FROM alert WHERE severity <= 'critical' EARLIEST=-1d", "write severity <= 1\n"},
		{
			"FROM alert WHERE severity IN ('LOW','x') EARLIEST=-1d",
			"31: error: severity is a number from 0 to 1: write severity >= 0.2 AND severity < 0.4",
		},
		{
			"FROM alert WHERE severity IN ('LOW','x') EARLIEST=-1d",
			"37: error: severity is a number from 0 to 1: write severity >= 0.6, for example",
		},
		{
			"FROM alert WHERE severity CONTAINS 'high' EARLIEST=-1d",
			"write severity >= 0.6 AND severity < 0.8",
		},
		{"FROM alert WHERE severity CONTAINS '6' EARLIEST=-1d", "write severity >= 0.6"},
		{"FROM alert WHERE severity MATCHES '0.6' EARLIEST=-1d", "write severity >= 0.6"},
		{"FROM alert WHERE severity = true EARLIEST=-1d", "severity is a number"},
		{"severity = 'high' EARLIEST=-1d", "severity is a number"},
		{"FROM alert WHERE severity >= 7.5 EARLIEST=-1d", "no record has 7.5: write severity >= 0.75"},
		{"FROM alert WHERE severity >= 80 EARLIEST=-1d", "write severity >= 0.8"},
		{"FROM alert WHERE severity >= 1000 EARLIEST=-1d", "write a number from 0 to 1"},
		{"FROM alert WHERE severity >= -1 EARLIEST=-1d", "write a number from 0 to 1"},
		{
			"FROM alert WHERE severity IN (4,8) EARLIEST=-1d",
			"33: error: severity is a number from 0 to 1, and no record has 8: write 0.8 for 8",
		},
		{"FROM alert WHERE severity >= '6' EARLIEST=-1d", "write severity >= 0.6"},
		{
			"FROM alert WHERE severity >= '0.6' EARLIEST=-1d",
			"30: warning: severity is a number: write 0.6 without quotes",
		},
		{"FROM alert WHERE severity > 1 EARLIEST=-1d", "29: error: no severity is > 1"},
		// Status and other values.
		{
			"FROM alert WHERE status = 'open' EARLIEST=-1d",
			"27: warning: the status is written OPEN: write 'OPEN'",
		},
		{
			"FROM alert WHERE status = 'FALSE_POSITVE' EARLIEST=-1d",
			"unknown status \"FALSE_POSITVE\": write 'FALSE_POSITIVE'",
		},
		{
			"FROM alert WHERE status IN ('OPEN','False Positive') EARLIEST=-1d",
			"36: warning: unknown status \"False Positive\": write 'FALSE_POSITIVE'",
		},
		{"FROM alert WHERE status = 'CLOSED' EARLIEST=-1d", "write status !IN ('OPEN','SUPPRESSED')"},
		{"FROM alert WHERE status = 'xyzzy' EARLIEST=-1d", "known are OPEN, TRUE_POSITIVE_BENIGN"},
		{"FROM case WHERE status = 'Closed' EARLIEST=-1d", "write status MATCHES 'CLOSED_*'"},
		{"status = 'CLOSED' EARLIEST=-1d", "for detections, status MATCHES 'CLOSED_*' for cases"},
		{"FROM case WHERE status = 'Awaiting_action' EARLIEST=-1d", "write 'AWAITING_ACTION'"},
		{"FROM case WHERE status = 'CLOSED_INCONCLUSVE' EARLIEST=-1d", "write 'CLOSED_INCONCLUSIVE'"},
		{"WHERE status = 'OPNE' EARLIEST=-1d", "write 'OPEN'"},
		{"isEmbedded = 'false'", "14: warning: booleans stand without quotes: write false"},
		{"FROM process WHERE name > 'x' EARLIEST=-1d", "27: warning: > compares numbers and times"},
		{"FROM process WHERE was_blocked IS NULL EARLIEST=-1d", "write was_blocked = false"},
		{"FROM process WHERE a.sandbox_enabled IS NULL EARLIEST=-1d", "write a.sandbox_enabled = false"},
		{"FROM process WHERE destination_port IS NULL EARLIEST=-1d", "write destination_port = 0"},
		{
			"tx_byte_count IS NOT NULL EARLIEST=-1d",
			"1: warning: stored events have zero values in place of absent ones, so IS NOT NULL finds all: write tx_byte_count != 0",
		},
		{
			"FROM alert WHERE status != 'OPEN' OR status != 'OTHER' EARLIEST=-1d",
			"38: warning: one of these alternatives always holds: join them by AND, or write status !IN",
		},
		{
			"FROM alert WHERE severity > 0.5 OR status = 'OPEN' AND severity < 0.8 EARLIEST=-1d",
			"18: warning: AND binds before OR, as far as known: write parentheses",
		},
		{
			"FROM alert WHERE (severity > 0.5 AND status = 'OPEN' OR severity < 0.8) EARLIEST=-1d",
			"19: warning: AND binds before OR",
		},
		// Time.
		{"FROM alert EARLIEST='yesterday'", "yesterday is not a time: write -1d@d"},
		{"FROM alert EARLIEST='3 days ago'", "units are s m h d w mo y: write -3d"},
		{"FROM alert EARLIEST='-2months'", "write -2mo"},
		{
			"FROM process",
			"1: warning: without EARLIEST the server searches about a day: add EARLIEST=-1d",
		},
		{"sensor_type = 'x'", "1: warning: without EARLIEST"},
		{"FROM *", "1: warning: without EARLIEST"},
		{
			"FROM alert LATEST=-2h",
			"19: warning: LATEST alone leaves the start to the server: add EARLIEST=-4h",
		},
		{"LATEST='2026-03-02T00:00:00Z'", "add EARLIEST='2026-03-01T00:00:00Z'"},
		{"FROM process EARLIEST=-32d", "23: error: a search of events spans at most 31 days"},
		{"FROM process EARLIEST=-31d@d", "at most 31 days"},
		{"FROM process EARLIEST=-2mo", "at most 31 days"},
		{"FROM process EARLIEST=-60d LATEST=-1d", "at most 31 days"},
		{"FROM process EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-04-01T00:00:01Z'", "at most 31 days"},
		{"FROM alert EARLIEST=-1h LATEST=-1d", "21: error: EARLIEST is after LATEST: exchange them"},
		{
			"FROM alert EARLIEST='2026-03-02T00:00:00Z' LATEST='2026-03-01T00:00:00Z'",
			"EARLIEST is after LATEST",
		},
		{
			"FROM alert EARLIEST='-7D'",
			"21: error: a quoted bound is an absolute time: write it without quotes: -7d",
		},
		{"FROM alert EARLIEST='24h'", "write it without quotes: -24h"},
		{"FROM alert EARLIEST='-1d@d'", "write it without quotes: -1d@d"},
		{"FROM alert EARLIEST=-1d LATEST='now'", "32: error: now is not a time: leave LATEST out"},
		{
			"FROM alert EARLIEST='2026-03-01'",
			"an absolute time is quoted and has a time of day: write '2026-03-01T00:00:00Z'",
		},
		{"FROM alert EARLIEST=-1d LATEST='2026-03-01'", "write '2026-03-01T23:59:59Z'"},
		{"FROM alert EARLIEST='2026-03-01T00:00:00+01:00'", "write '2026-02-28T23:00:00Z'"},
		{"FROM alert EARLIEST='2026-03-01T00:00:00-0530'", "write '2026-03-01T05:30:00Z'"},
		{"FROM alert EARLIEST='2026-03-01 10:00:00'", "write '2026-03-01T10:00:00Z'"},
		{"FROM alert EARLIEST='2026-03-01T10:00'", "write '2026-03-01T10:00:00Z'"},
		{"FROM alert EARLIEST='2026-03-01t10:00:00z'", "write '2026-03-01T10:00:00Z'"},
		{
			"FROM alert EARLIEST='1772323200'",
			"error: '1772323200' is not a time: write '2026-03-01T00:00:00Z'",
		},
		{
			"FROM alert EARLIEST='2026-03-01T10:00:00.123456Z'",
			"21: warning: decimals other than milliseconds",
		},
		{"FROM process EARLIEST=-1m", "23: warning: m is minutes: write -1mo for months, or -60s"},
		{"FROM alert EARLIEST=-6m", "write -6mo"},
		{"FROM alert EARLIEST=-18M", "write -18mo"},
		// Functions.
		{"FROM alert EARLIEST=-1d | sort severity", "27: error: detections are not sorted by the server"},
		{"severity >= 0.5 EARLIEST=-1d | sort severity", "detections are not sorted"},
		{
			"FROM process, auth EARLIEST=-1d | sort event_time_usec, username",
			"57: error: several event types are sorted by event_time_usec and ingest_time_usec only",
		},
		{"FROM * EARLIEST=-1d | sort username", "several event types"},
		{"sensor_type = 'x' EARLIEST=-1d | sort username", "several event types"},
		{"FROM case EARLIEST=-1d | tail 3", "26: warning: the service of cases does not apply tail"},
		{"deleted_at IS NULL EARLIEST=-1d | head 3", "the service of cases does not apply head"},
		{"FROM alert EARLIEST=-1d | head 0", "27: warning: head 0 keeps no records"},
		{"FROM alert EARLIEST=-1d | head 5 | head 3", "36: warning: head stands twice"},
		{"FROM http EARLIEST=-1d | sort uri | sort uri", "sort stands twice"},
		{"FROM http EARLIEST=-1d | aggregate count by uri | aggregate count", "aggregate stands twice"},
		{
			"FROM http EARLIEST=-1d | aggregate count by uri | sort count DESC",
			"51: warning: sort takes records",
		},
		{"FROM http EARLIEST=-1d | aggregate count by uri | tail 5", "tail takes records"},
		{"FROM http EARLIEST=-1d | aggregate count by uri | fields uri", "fields takes records"},
	} {
		found := findings(cql.Lint(c.text, cql.LintOptions{})) + "\n"
		if !strings.Contains(found, c.want) {
			t.Errorf("%s\ngot  %swant %s", c.text, found, c.want)
		}
	}
}

func TestLintWithOptions(t *testing.T) {
	at := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text    string
		options cql.LintOptions
		want    string // "" for no findings
	}{
		{"FROM process EARLIEST='2026-03-01T00:00:00Z'", cql.LintOptions{Now: at}, "at most 31 days"},
		{"FROM process EARLIEST='2026-03-02T00:00:00Z'", cql.LintOptions{Now: at}, ""},
		{
			"FROM alert EARLIEST='2026-04-01T12:00:01Z'",
			cql.LintOptions{Now: at},
			"EARLIEST is after LATEST",
		},
		{
			"FROM alert EARLIEST=-1d LATEST='2026-03-01T00:00:00Z'",
			cql.LintOptions{Now: at},
			"EARLIEST is after LATEST",
		},
		{"FROM alert EARLIEST=-1d LATEST='2026-03-01T00:00:00Z'", cql.LintOptions{}, ""},
		{
			"FROM process EARLIEST=-1d",
			cql.LintOptions{Service: cql.Detections},
			"process belongs to the events, and the query goes to the detections",
		},
		{"FROM process EARLIEST=-1d", cql.LintOptions{Service: cql.Events}, ""},
		{"status = 'OPEN' EARLIEST=-1d | head 5", cql.LintOptions{Service: cql.Detections}, ""},
		{
			"status = 'OPEN' EARLIEST=-1d | head 5",
			cql.LintOptions{Service: cql.Cases},
			"does not apply head",
		},
		{
			"status = 'OPEN' EARLIEST=-1d | sort status",
			cql.LintOptions{Service: cql.Detections},
			"not sorted",
		},
		{"status = 'SUSPENDED' EARLIEST=-1d", cql.LintOptions{Service: cql.Detections}, "unknown status"},
		{"severity >= 0.6", cql.LintOptions{Service: cql.Detections}, "without EARLIEST"},
		{"FROM alert WHERE resource_id IN ('a')", cql.LintOptions{Service: cql.Detections}, ""},
		{"@user = 'x' EARLIEST=-60d", cql.LintOptions{Service: cql.Events}, "at most 31 days"},
		{"@user = 'x' EARLIEST=-60d", cql.LintOptions{}, ""},
	} {
		found := findings(cql.Lint(c.text, c.options))
		if c.want == "" && found != "" || !strings.Contains(found, c.want) {
			t.Errorf("%s %+v\ngot  %s\nwant %s", c.text, c.options, found, c.want)
		}
	}
}

func TestLintOfTrees(t *testing.T) {
	q := &cql.Query{Types: []cql.TypeName{{Name: "alert"}}, Earliest: cql.Ago(1, cql.Minute)}
	if found := q.Lint(cql.LintOptions{}); len(found) != 1 || found[0].Severity != cql.Warning ||
		found[0].Line != 0 {
		t.Error(findings(found))
	}
	q.Where = &cql.AndExpr{}
	if found := q.Lint(cql.LintOptions{}); len(found) != 1 || found[0].Severity != cql.Error {
		t.Error(findings(found))
	}
	parsed := mustParse(t, "FROM alert WHERE severity = 'High'")
	if found := parsed.Lint(cql.LintOptions{}); len(found) != 1 || found[0].Column != 29 {
		t.Error(findings(found))
	}
}

func TestFindingsAreInOrder(t *testing.T) {
	found := cql.Lint("FROM proces WHERE a = 'x*'\nAND severity = 7 EARLIEST='-1d' | head 0",
		cql.LintOptions{})
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%d:%d", f.Line, f.Column))
	}
	if !slices.Equal(got, []string{"1:6", "1:23", "2:27", "2:35"}) {
		t.Errorf("%s", findings(found))
	}
}
