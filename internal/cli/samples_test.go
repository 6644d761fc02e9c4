package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// sampleRuns are command lines with the output that docs/cli.md shows. Their data depends on nothing
// but the emulator's seed.
var sampleRuns = [][]string{
	{"alerts", "search", "severity >= 0.6 AND status = 'OPEN'", "--since", "2026-03-01", "--until", "2026-03-09", "--limit", "3", "--output", "table"},
	{"events", "search", "FROM process", "--since", "2026-03-08", "--until", "2026-03-09", "--limit", "2", "--output", "csv", "--fields", "event_time_usec,hostname,resource_id"},
	{"cases", "search", "--since", "2026-03-01", "--until", "2026-03-09", "--limit", "3", "--output", "table", "--fields", "shortId,createdAt,title"},
	{"assets", "list", "--limit", "3", "--output", "table", "--fields", "hostId,endpointType,osVersion"},
	{"audits", "list", "--since", "2026-03-01", "--until", "2026-03-09", "--limit", "2", "--fields", "timestamp,email,eventName"},
	{"rules", "list", "--limit", "2", "--output", "csv", "--fields", "id,enabled,name"},
	{"users", "list", "--limit", "2", "--output", "yaml", "--fields", "email,status"},
	{"tenants", "list", "--fields", "id,name,enabled"},
	{"clients", "list", "--output", "table", "--fields", "clientID,name"},
	{"query", "check", "FROM alert WHERE status NOT IN ('OPEN')"},
}

// samples runs the command lines, each with its messages behind its data.
func samples(t *testing.T) map[string]string {
	t.Helper()
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{Corpus: emulator.Corpus{
		Seed: 1, Alerts: 200, Events: 400, Cases: 20, Start: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC), Span: 240 * time.Hour,
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	setLogin(t, server)
	all := map[string]string{}
	for _, args := range sampleRuns {
		var line strings.Builder
		line.WriteString("$ taegis")
		for _, arg := range args {
			line.WriteString(" " + shellquote.Word(arg))
		}
		run := invoke(t, "", args...)
		if run.out == "" {
			t.Errorf("%s: exit code %d, no output, %s", line.String(), run.code, run.stderr)
		}
		all["taegis "+args[0]+" "+args[1]] = line.String() + "\n" + run.out + run.stderr
	}
	return all
}
