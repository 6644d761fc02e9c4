package cli_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

const events = `subscription { eventQuery(query: "FROM process | head 1") { __typename } }`

func TestAPIStreamsASubscriptionUntilItCompletes(t *testing.T) {
	loggedInServer(t)
	line := `{"eventQuery":{"__typename":"EventQueryResults"}}` + "\n"
	invoke(t, "", "api", events, "--gateway", "/events/query").want(t, 0, strings.Repeat(line, 4), "")
}

func TestAPIStreamEndsWithAnInterrupt(t *testing.T) {
	server := loggedInServer(t)
	server.AddFault("/events/query eventQuery", emulator.Fault{Delay: time.Hour})
	ctx, interrupt := context.WithCancel(t.Context())
	go func() {
		_ = server.Await(ctx, "/events/query eventQuery", 1) // fails only with the test
		interrupt()
	}()
	var out, stderr bytes.Buffer
	code := cli.Run(ctx, []string{"api", events, "--gateway", "/events/query"}, strings.NewReader(""), &out, &stderr)
	if code != 130 || out.Len() != 0 || stderr.String() != "taegis: interrupted\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, out.String(), stderr.String())
	}
}

func TestAPIStreamFails(t *testing.T) {
	server := loggedInServer(t)
	server.AddFault("/events/query eventQuery", emulator.Fault{Status: 500})
	run := invoke(t, "", "api", events, "--gateway", "/events/query")
	if run.code != 1 || !strings.Contains(run.stderr, "Internal Server Error") {
		t.Errorf("exit code %d, stdout %q, stderr %q", run.code, run.out, run.stderr)
	}
}
