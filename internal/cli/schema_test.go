package cli_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// TestEveryCommandLineRuns checks that the command line of every operation works in a shell.
func TestEveryCommandLineRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a thousand commands, one after the other; the race detector adds nothing")
	}
	server := loggedInServer(t)
	start := time.Now()
	lines := shellWords(t, everyCommandLine(t, core.PlatformTaegis))
	for _, words := range lines {
		if words[1] == "clients" { // the emulator stores clients, so there must be one
			server.AddClient(emulator.Client{ID: "ID", Secret: "SECRET"})
		}
		run := invoke(t, "", append(words, "--no-input")...)
		if run.code == 1 && refuses.MatchString(run.stderr) {
			continue
		}
		if run.code != 0 || run.out == "" {
			t.Errorf("taegis %s: exit code %d, %s", strings.Join(words, " "), run.code, run.stderr)
		}
	}
	if len(lines) != 1002 {
		t.Errorf("%d lines, want 1002", len(lines))
	}
	testutil.Within(t, fmt.Sprintf("%d lines", len(lines)), time.Since(start), 20*time.Second)
}

// The same, on the successor platform.
func TestEveryCommandLineOfFusionRuns(t *testing.T) {
	server := loggedInServer(t)
	t.Setenv("TAEGIS_API_URL", server.URL+"/fusion")
	t.Setenv("SOPHOS_CLIENT_ID", emulator.DemoSophosClientID)
	t.Setenv("SOPHOS_CLIENT_SECRET", emulator.DemoSophosClientSecret)
	lines := shellWords(t, everyCommandLine(t, core.PlatformFusion))
	refusals := regexp.MustCompile(`(?m)^taegis: \w+: (record not found|the case|there is no \w+Id |invalid resource name|exactly one|` +
		`the version of the document|not authorized|a file needs|the query does not match|query, line 1|the status |"\[redacted\]" is not)`)
	for _, words := range lines {
		run := invoke(t, "", append(words, "--no-input")...)
		if run.code == 1 && refusals.MatchString(run.stderr) {
			continue
		}
		if run.code != 0 || run.out == "" {
			t.Errorf("taegis %s: exit code %d, %s", strings.Join(words, " "), run.code, run.stderr)
		}
	}
	if len(lines) != 90 {
		t.Errorf("%d lines, want 90", len(lines))
	}
}

// refuses matches the errors of a server that has no record with the ID of an example, or that
// refuses the text of an example as a query, cursor, status or day.
var refuses = regexp.MustCompile(`(?m)^taegis: \w+: (there is no |query, line 1, column |"\w+" is not a |` +
	`the status \w* ?cannot be set|the status \w+ does not close|earliest and latest are days|the timestamp is not|` +
	`not authorized|alertsResolutionStatus|reason and alertsResolutionStatus|the query has no)`)

// everyCommandLine returns the command lines of all operations of a platform.
func everyCommandLine(t *testing.T, platform core.Platform) string {
	t.Helper()
	var script strings.Builder
	for _, service := range catalog.Services(platform) {
		operations, err := catalog.Operations(service)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			script.WriteString(catalog.CommandLine(op) + "\n")
		}
	}
	return script.String()
}

// shellWords returns the arguments of taegis that a shell makes of command lines.
func shellWords(t *testing.T, script string) [][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testutil.Program(t, "sh"))
	cmd.Stdin = strings.NewReader(`taegis() { printf '%s\0' "$@"; printf '\n\0'; }` + "\n" + script)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]string
	for line := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte("\n\x00")), []byte("\n\x00")) {
		lines = append(lines, strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00"))
	}
	return lines
}
