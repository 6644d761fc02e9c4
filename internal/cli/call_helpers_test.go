package cli_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// invocation is the result of one run of the command line.
type invocation struct {
	code        int
	out, stderr string
}

// invoke runs the command line in process.
func invoke(t *testing.T, stdin string, args ...string) invocation {
	t.Helper()
	var out, stderr bytes.Buffer
	code := cli.Run(t.Context(), args, strings.NewReader(stdin), &out, &stderr)
	return invocation{code, out.String(), stderr.String()}
}

// want checks the exit code, all of stdout, and that stderr contains a text.
func (i invocation) want(t *testing.T, code int, out, stderr string) {
	t.Helper()
	if i.code != code || i.out != out || !strings.Contains(i.stderr, stderr) || stderr == "" && i.stderr != "" {
		t.Errorf("exit code %d, stdout %q, stderr %q\nwant %d, %q, and %q in stderr", i.code, i.out, i.stderr, code, out, stderr)
	}
}

// loggedInServer starts an emulator and sets the environment variables that log in to it.
func loggedInServer(t *testing.T) *emulator.Server {
	t.Helper()
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{RecordSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	setLogin(t, server)
	return server
}

// setLogin sets the environment variables that log in to an emulator.
func setLogin(t *testing.T, server *emulator.Server) {
	t.Helper()
	for name, value := range map[string]string{
		"TAEGIS_API_URL": server.URL, "TAEGIS_CONFIG_FILE": filepath.Join(t.TempDir(), "config"),
		"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret,
		"TAEGIS_NO_INPUT": "1", "TAEGIS_ACCESS_TOKEN": "", "TAEGIS_ENVIRONMENT": "", "TAEGIS_TENANT_ID": "", "TAEGIS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
}

// answerWith makes the server return a body for an operation.
func answerWith(server *emulator.Server, operation, body string) {
	server.AddFault("/graphql "+operation, emulator.Fault{Times: 1, Status: 200, Body: body})
}

// lastBody returns the body of the last request.
func lastBody(server *emulator.Server) string {
	requests := server.Requests()
	return string(requests[len(requests)-1].Body)
}

// line returns a command line.
func line(words ...string) []string { return words }

// query is a document that every account may send.
const query = "{ currentSubject { id } }"
