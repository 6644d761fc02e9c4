package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/services/catalog"
)

func TestCallPrintsTheValueAsTheServerSentIt(t *testing.T) {
	server := loggedInServer(t)
	for _, value := range []string{
		`{"totalCount": 12345678901234567890, "a":1.50, "A":"<é>"}`,
		"[\n  {\"id\": \"1\"}\n]",
		`null`,
		`3`,
	} {
		answerWith(server, "clientsSearch", `{"data":{"clientsSearch":`+value+`}}`)
		invoke(t, "", "call", "clients", "clientsSearch").want(t, 0, value+"\n", "")
	}
}

func TestCallPrintsPartialDataAndFails(t *testing.T) {
	server := loggedInServer(t)
	answerWith(server, "clientsSearch", `{"data":{"clientsSearch":{"totalCount":1,"results":null}},"errors":[{"message":"no results today"}]}`)
	invoke(t, "", "call", "clients", "clientsSearch").
		want(t, 1, `{"totalCount":1,"results":null}`+"\n", "no results today")

	answerWith(server, "clientsSearch", `{"data":{"clientsSearch":null},"errors":[{"message":"nothing\u001b[2J today"}]}`)
	invoke(t, "", "call", "clients", "clientsSearch").want(t, 1, "", `nothing\x1b[2J today`) // the escape sequence is not executed
}

func TestCallReadsArgumentsByTheirTypes(t *testing.T) {
	server := loggedInServer(t)
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "@" + path
	}
	filters := file("filters.json", "{\n \"name\": \"in a file\"\n}\n")
	name := file("name.txt", "two\nlines\n")
	number := file("number", "7\n")
	for _, test := range []struct {
		args []string // values of --arg
		sent string   // a part of the request's body
	}{
		{[]string{"clients", "clients", "name=5"}, `name: \"5\"`},
		{[]string{"clients", "clients", "name="}, `name: \"\"`},
		{[]string{"clients", "clients", "name=a=b:=c"}, `name: \"a=b:=c\"`},
		{[]string{"clients", "clients", "page=+5"}, `page: 5`},
		{[]string{"clients", "clients", "page=" + number}, `page: 7`},
		{[]string{"clients", "clients", "page:=null"}, `page: null`},
		{[]string{"clients", "clients", "name=" + name}, `name: \"two\\nlines\\n\"`},
		{[]string{"clients", "clients", "name=@-"}, `name: \"from stdin\"`},
		{[]string{"clients", "clients", `name:="@home"`}, `name: \"@home\"`},
		{[]string{"clients", "clients", "roleIDs=a", "roleIDs=b,c"}, `roleIDs: [\"a\",\"b,c\"]`},
		{[]string{"clients", "clients", `roleIDs:=["a"]`}, `roleIDs: [\"a\"]`},
		{[]string{"clients", "clientsSearch", `filters:={"perPage":3,"name":"x"}`}, `"filters":{"perPage":3,"name":"x"}`},
		{[]string{"clients", "clientsSearch", "filters=" + filters}, `"filters":{"name":"in a file"}`},
		{[]string{"clients", "clientsSearch", "filters:=" + filters}, `"filters":{"name":"in a file"}`},
	} {
		args := append([]string{"call"}, test.args[:2]...)
		for _, argument := range test.args[2:] {
			args = append(args, "--arg", argument)
		}
		run := invoke(t, "from stdin", args...)
		if body := lastBody(server); run.code != 0 || !strings.Contains(body, test.sent) {
			t.Errorf("%q: exit code %d, %s\nsent %s\nwant %s", test.args, run.code, run.stderr, body, test.sent)
		}
	}
}

func TestCallSelectsFields(t *testing.T) {
	server := loggedInServer(t)
	for _, selection := range []string{"totalCount", "{ totalCount }", "totalCount # all", "{totalCount}"} {
		invoke(t, "", "call", "clients", "clientsSearch", "--select", selection).want(t, 0, `{"totalCount":1}`+"\n", "")
	}
	if body := lastBody(server); strings.Contains(body, "results") {
		t.Errorf("the default fields were sent too: %s", body)
	}
}

func TestCallUsage(t *testing.T) {
	server := loggedInServer(t)
	for _, test := range []struct{ line, says string }{
		{"call", "SERVICE and OPERATION are missing"},
		{"call clients", "OPERATION is missing"},
		{"call clients clientsSearch more", "at most 2 arguments: SERVICE and OPERATION"},
		{"call cleints createClient", "did you mean clients"},
		{"call clients creatClient", "did you mean createClient"},
		{"call clients Search", "clientsSearch"},
		{"call clients createClient", "needs the argument name (String!)"},
		{"call clients createClient --arg name:=null", "needs the argument name (String!)"},
		{"call clients createClient --arg title=x", `no argument "title": use one of name, roles, input`},
		{"call clients createClient --arg nmae=x", "did you mean name?"},
		{"call clients createClient --arg name", "name=value"},
		{"call clients createClient --arg =x", "name=value"},
		{"call clients createClient --arg name=x --arg name=y", "name (String!) is given twice"},
		{`call clients createClient --arg name=x --arg roles=a --arg roles:=["b"]`, "roles ([String!]) is given twice"},
		{"call clients createClient --arg name:=x", "name (String!): not JSON"},
		{"call clients createClient --arg name=@/no/such/file", "/no/such/file"},
		{"call clients createClient --arg name=@- --arg roles=@-", "stdin can be read only once"},
		{"call clients createClient --arg name=x --arg input=y", "input (CreateClientInput): write it as JSON"},
		{"call clients clients --arg page=five", `page (Int): "five" is not an integer`},
		{"call clients clients --arg page=3000000000", `page (Int): "3000000000"`},
		{"call clients clients --arg page=1.5", `page (Int): "1.5"`},
		{"call clients clients --select {", "--select"},
		{"call clients clients --select }", "--select"},
		{"call clients clients --select id}other:clients{id", "the braces do not match"},
		{"call clients clients --select {id}}query{id", "--select"},
		{"call subjects invalidateSubjectCache --arg input:={} --select id", "a plain value"},
	} {
		run := invoke(t, "", strings.Fields(test.line)...)
		run.want(t, 2, "", test.says)
		if !strings.Contains(run.stderr, "taegis call --help") && !strings.HasPrefix(test.says, "2 arg") {
			t.Errorf("%s: no way to the help in %q", test.line, run.stderr)
		}
	}
	if sent := len(server.Requests()); sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

func TestCallLogsACurlLineWithoutTheToken(t *testing.T) {
	server := loggedInServer(t)
	run := invoke(t, "", "call", "clients", "clientsSearch", "--verbose")
	if run.code != 0 || !strings.Contains(run.stderr, "curl") {
		t.Errorf("exit code %d, stderr %s", run.code, run.stderr)
	}
	requests := server.Requests()
	token := strings.TrimPrefix(requests[len(requests)-1].Header.Get("Authorization"), "Bearer ")
	if token == "" || strings.Contains(run.stderr, token) {
		t.Errorf("the token %q is in %s", token, run.stderr)
	}
}

func TestCallCompletes(t *testing.T) {
	call := func(words ...string) []string { return append([]string{"__complete", "call"}, words...) }
	for _, test := range []struct {
		args []string
		want string // the lines before the directive
	}{
		{call("cl"), "clients\n"},
		{call("alerts_"), "alerts_history\n"},
		{call("alertsh"), "alertshistory\n"},
		{call("zzz"), ""},
		{call("clients", "createC"), "createClient\tmutation\n"},
		{call("alertshistory", "alert"), "alertHistoryByID\tquery\n"},
		{call("zzz", ""), ""},
		{call("clients", "createClient", ""), ""},
		{call("clients", "createClient", "--arg", ""), "name=\tString!, required\nroles=\t[String!]\ninput:=\tCreateClientInput\n"},
		{call("clients", "createClient", "--arg", "name=x", "--arg", "roles=x", "--arg", ""), "roles=\t[String!]\ninput:=\tCreateClientInput\n"},
		{call("clients", "createClient", "--arg", "name="), ""},
		{call("clients", "zzz", "--arg", ""), ""},
		{call("clients", "--arg", ""), ""},
		{call("ql_schemas", "qlSchemas", "--kind", "m"), "mutation\n"},
		{call("events", "eventQuery", "--kind", "subscription", "--arg", "q"), "query=\tString!, required\n"},
	} {
		run := invoke(t, "", test.args...)
		if run.code != 0 || lines(run.out) != test.want {
			t.Errorf("%q: %q, want %q", test.args[2:], lines(run.out), test.want)
		}
	}
}

// TestCallCompletesValues checks the completion of enum and Boolean values.
func TestCallCompletesValues(t *testing.T) {
	for _, test := range []struct{ typ, want string }{{"enum", "="}, {"Boolean", "=true\n"}} {
		service, operation, argument := takes(t, test.typ)
		run := invoke(t, "", "__complete", "call", service, operation, "--arg", argument+"=")
		if run.code != 0 || !strings.Contains(lines(run.out), argument+test.want) || strings.Count(lines(run.out), "\n") < 2 {
			t.Errorf("%s.%s: %s: %q", service, operation, argument, run.out)
		}
	}
}

// takes returns an operation with an argument of a type, or of an enum.
func takes(t *testing.T, typ string) (service, operation, argument string) {
	t.Helper()
	for _, service := range catalog.Services() {
		s, err := catalog.SchemaFor(service)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range s.Operations() {
			for _, a := range op.Arguments {
				name := strings.Trim(a.Type, "[]!")
				if def, err := s.Type(name); name == typ || err == nil && def.Kind == typ && len(def.Values) > 1 {
					return service, op.Name, a.Name
				}
			}
		}
	}
	t.Fatalf("no operation takes a %s", typ)
	return "", "", ""
}

// lines returns the completions without the directive.
func lines(out string) string {
	before, _, _ := strings.Cut("\n"+out, "\n:")
	if before == "" {
		return ""
	}
	return strings.TrimPrefix(before, "\n") + "\n"
}
