package cli_test

import (
	"strings"
	"testing"
)

// client is an answer to the operation client.
const client = `{"data":{"client":{"name": "a,\"b\"", "id": 9007199254740993, "roles": ["x", "y"], "extra": {"n": 1e400}}}}`

// Each format of one record, in a pipe.
func TestFormatsOfARecord(t *testing.T) {
	server := loggedInServer(t)
	for _, test := range []struct {
		flags []string
		want  string
	}{
		{nil, `{"client":{"name": "a,\"b\"", "id": 9007199254740993, "roles": ["x", "y"], "extra": {"n": 1e400}}}` + "\n"},
		{line("--output", "json"), `{"client":{"name":"a,\"b\"","id":9007199254740993,"roles":["x","y"],"extra":{"n":1e400}}}` + "\n"},
		{line("--fields", "client.extra,client.id"), `{"client":{"extra":{"n":1e400},"id":9007199254740993}}` + "\n"},
		{line("-o", "csv", "--fields", "client.name,client.id,client.roles"), "client.name,client.id,client.roles\n\"a,\"\"b\"\"\",9007199254740993,\"[\"\"x\"\",\"\"y\"\"]\"\n"},
		{line("-o", "csv", "--fields", "client.id", "--no-headers"), "9007199254740993\n"},
		{line("--jq", ".client | .name, .id, .extra"), "a,\"b\"\n9007199254740993\n{\"n\":1e400}\n"},
		{line("--jq", ".client.name", "--output", "jsonl"), `"a,\"b\""` + "\n"},
		{line("--template", "{{.client.id}} {{join \"+\" .client.roles}}"), "9007199254740993 x+y\n"},
		{line("-o", "yaml", "--fields", "client.id,client.roles"), "client:\n  id: 9007199254740993\n  roles:\n    - x\n    - \"y\"\n"},
		{line("-o", "table", "--fields", "client.id,client.roles"), "CLIENT.ID     9007199254740993\nCLIENT.ROLES  x, y\n"},
	} {
		answerWith(server, "client", client)
		invoke(t, "", append(line("api", "{ client(id: 1) { name } }"), test.flags...)...).want(t, 0, test.want, "")
	}
}

func TestFieldsThatNoRecordHas(t *testing.T) {
	server := loggedInServer(t)
	answerWith(server, "client", client)
	invoke(t, "", "api", "{ client(id: 1) { name } }", "--fields", "client.naem").
		want(t, 0, `{"client":{}}`+"\n", "taegis: note: no record has client.naem")
}

// Mistakes in flags are found before anything is sent.
func TestMistakesInOutputFlags(t *testing.T) {
	server := loggedInServer(t)
	for _, test := range []struct {
		flags []string
		want  string
	}{
		{line("--output", "xml"), "use one of table, json, jsonl, csv, yaml, template"},
		{line("--fields", "a..b"), "has an empty name"},
		{line("--fields", "a,a"), "occurs twice"},
		{line("--jq", ".a["), "unexpected"},
		{line("--jq", "nosuch(.)"), "function not defined: nosuch/1"},
		{line("--template", "{{.a"), "unclosed action"},
		{line("--template", "{{.a}}", "--output", "csv"), "--template does not go with --output csv"},
		{line("--output", "template"), "--output template needs --template"},
		{line("--no-headers", "--output", "json"), "--no-headers does not go with --output json"},
		{line("--time", "moon"), "use utc or local"},
	} {
		for _, command := range [][]string{line("api", query), line("call", "subjects", "currentSubject"), line("auth", "status")} {
			i := invoke(t, "", append(command, test.flags...)...)
			if i.code != 2 || i.out != "" || !strings.Contains(i.stderr, test.want) {
				t.Errorf("%v %v: exit code %d, %q, %q", command, test.flags, i.code, i.out, i.stderr)
			}
		}
	}
	invoke(t, "", "auth", "status", "--json", "--output", "csv").want(t, 2, "", "--json means --output json and does not go with --output csv")
	if n := len(server.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// The commands of this program print their own data in each format too.
func TestFormatsOfOwnData(t *testing.T) {
	loggedInServer(t)
	invoke(t, "", "schema", "services", "--jq", `select(.name == "clients") | .gateway`).want(t, 0, "/graphql\n", "")
	out := invoke(t, "", "schema", "services", "--output", "csv").out
	if !strings.HasPrefix(out, "name,gateway,queries,mutations,subscriptions\n") || !strings.Contains(out, "\nclients,/graphql,") {
		t.Errorf("schema services: %s", out)
	}
	out = invoke(t, "", "schema", "services", "--output", "table", "--fields", "name").out
	if !strings.HasPrefix(out, "SERVICE\n") {
		t.Errorf("schema services: %s", out)
	}
	if text, json := invoke(t, "", "version"), invoke(t, "", "version", "--json"); json.code != 0 || !strings.Contains(json.out, `"version": "`) || strings.Contains(text.out, "{") {
		t.Errorf("version: %q, %q", text.out, json.out)
	}
	out = invoke(t, "", "profile", "list", "--output", "yaml").out
	if out != "[]\n" {
		t.Errorf("profile list: %q", out)
	}
}
