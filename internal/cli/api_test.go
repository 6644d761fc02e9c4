package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

const twoOperations = `query Me { currentSubject { id } } query One($id: String!, $n: Int = 1) { client(id: $id) @include(if: true) { name } }`

func TestAPIPrintsTheData(t *testing.T) {
	server := loggedInServer(t)
	path := filepath.Join(t.TempDir(), "query.graphql")
	if err := os.WriteFile(path, []byte("{ client(id: \"demo-client\") { name } }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := `{"client":{"name":"demo"}}` + "\n"
	invoke(t, "", "api", `{ client(id: "demo-client") { name } }`).want(t, 0, want, "")
	invoke(t, "", "api", "@"+path).want(t, 0, want, "")
	invoke(t, `{ client(id: "demo-client") { name } }`, "api", "-").want(t, 0, want, "")

	answerWith(server, "client", `{"data": {"b": 1.0,  "a": 12345678901234567890}}`)
	invoke(t, "", "api", "{ client(id: 1) { name } }").want(t, 0, `{"b": 1.0,  "a": 12345678901234567890}`+"\n", "")
}

func TestAPIReadsVariablesByTheTypesOfTheDocument(t *testing.T) {
	server := loggedInServer(t)
	document := `query ($id: ID, $n: Int, $f: Float, $b: Boolean, $l: [String!], $o: Filter) { client(id: $id) { name } }`
	for _, test := range []struct {
		flags []string
		sent  string
	}{
		{[]string{"--var", "id=5"}, `{"id":"5"}`},
		{[]string{"--var", "n=5"}, `{"n":5}`},
		{[]string{"--var", "f=5.0"}, `{"f":5.0}`},
		{[]string{"--var", "b=true"}, `{"b":true}`},
		{[]string{"--var", "l=a", "--var", "l=b"}, `{"l":["a","b"]}`},
		{[]string{"--var", `o:={"z":1,"a":2}`}, `{"o":{"z":1,"a":2}}`},
		{[]string{"--variables", `{"n":5,"id":"6"}`, "--var", "id=7"}, `{"id":"7","n":5}`},
		{[]string{"--variables", "@-"}, `{"id":"piped"}`},
	} {
		answerWith(server, "client", `{"data":{}}`)
		invoke(t, `{"id":"piped"}`, append([]string{"api", document}, test.flags...)...).want(t, 0, "{}\n", "")
		if body := lastBody(server); !strings.Contains(body, `"variables":`+test.sent) {
			t.Errorf("%q sent %s", test.flags, body)
		}
	}
}

func TestAPIChoosesTheOperation(t *testing.T) {
	server := loggedInServer(t)
	answerWith(server, "One", `{"data":{}}`)
	invoke(t, "", "api", twoOperations, "--operation", "One", "--var", "id=1").want(t, 0, "{}\n", "")
	if body := lastBody(server); !strings.Contains(body, `"operationName":"One"`) {
		t.Errorf("sent %s", body)
	}
}

func TestAPISendsToTheGateway(t *testing.T) {
	server := loggedInServer(t)
	server.AddFault("/elsewhere", emulator.Fault{Status: 200, Body: `{"data":{"x":1}}`})
	invoke(t, "", "api", "{ x }", "--gateway", "/elsewhere").want(t, 0, `{"x":1}`+"\n", "")
}

func TestAPIUsage(t *testing.T) {
	server := loggedInServer(t)
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"{ x"}, "document:1:4: Expected Name"},
		{[]string{""}, "no operation"},
		{[]string{"fragment f on T { x }"}, "no operation"},
		{[]string{twoOperations}, "choose one of Me, One with --operation"},
		{[]string{twoOperations, "--operation", "Two"}, "use one of Me, One"},
		{[]string{twoOperations, "--operation", "One"}, "needs the variable id (String!)"},
		{[]string{twoOperations, "--operation", "One", "--var", "i=1"}, `no variable "i": did you mean id`},
		{[]string{"{ x }", "--var", "i=1"}, "it has none"},
		{[]string{"{ x }", "--variables", "[]"}, "--variables: not a JSON object"},
		{[]string{"{ x }", "--variables", "null"}, "--variables: not a JSON object"},
		{[]string{"{ x }", "--variables", `{"y":1}`}, `no variable "y"`},
		{[]string{"{ x }", "--gateway", "graphql"}, `--gateway "graphql": give a path`},
		{[]string{"@/no/such/file"}, "/no/such/file"},
		{[]string{"{ x }", "--variables", "@/no/such/file"}, "taegis: --variables: open /no/such/file: no such file or directory\n"},
		{[]string{"@-", "--variables", "@-"}, "no operation"},
		{[]string{"{ x }", "--variables", "@-", "--var", "x=@-"}, "no variable"},
	} {
		invoke(t, "", append([]string{"api"}, test.args...)...).want(t, 2, "", test.says)
	}
	if sent := len(server.Requests()); sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}
