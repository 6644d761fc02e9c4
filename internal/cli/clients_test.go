package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

const storeIt = "Store the secret in a vault now: it cannot be shown again.\n"

func TestClientsCreatePrintsCredentials(t *testing.T) {
	server := loggedInServer(t)
	run := invoke(t, "", "clients", "create", "my_awesome_app", "--role", "a", "--role", "b")
	lines := strings.Split(run.out, "\n")
	if run.code != 0 || run.stderr != storeIt || len(lines) != 3 {
		t.Fatalf("exit code %d, stdout %q, stderr %q", run.code, run.out, run.stderr)
	}
	if body := lastBody(server); !strings.Contains(body, `"roles":["a","b"]`) {
		t.Errorf("sent %s", body)
	}
	for _, line := range lines[:2] {
		name, value, _ := strings.Cut(line, "=")
		t.Setenv(name, value)
	}
	invoke(t, "", "call", "clients", "clientsSearch", "--arg", `filters:={"name":"my_awesome"}`, "--select", "totalCount").
		want(t, 0, `{"totalCount":1}`+"\n", "")
	if asked := server.Count("/auth/api/v2/auth/token"); asked != 2 {
		t.Errorf("%d logins, want one as the demo client and one as the new client", asked)
	}
}

func TestClientsCreateQuotesForAShell(t *testing.T) {
	server := loggedInServer(t)
	answerWith(server, "createClient", `{"data":{"createClient":{"clientSecret":"a'b $c","client":{"clientID":"x-1_.~"}}}}`)
	invoke(t, "", "clients", "create", "x").want(t, 0, `CLIENT_ID='x-1_.~'`+"\n"+`CLIENT_SECRET='a'\''b $c'`+"\n", storeIt)
}

func TestClientsCreateAsJSON(t *testing.T) {
	loggedInServer(t)
	run := invoke(t, "", "clients", "create", "x", "--json")
	var made struct {
		ClientSecret string
		Client       struct{ ClientID, Name string }
	}
	if err := json.Unmarshal([]byte(run.out), &made); err != nil || made.ClientSecret == "" || made.Client.ClientID == "" || made.Client.Name != "x" {
		t.Errorf("%v: %s", err, run.out)
	}
	if run.code != 0 || run.stderr != storeIt {
		t.Errorf("exit code %d, stderr %q", run.code, run.stderr)
	}
}

func TestClientsCreateNeverLosesASecret(t *testing.T) {
	server := loggedInServer(t)
	answerWith(server, "createClient", `{"data":{"createClient":{"clientSecret":"s","client":null}},"errors":[{"message":"no details"}]}`)
	invoke(t, "", "clients", "create", "x").want(t, 1, "CLIENT_ID=''\nCLIENT_SECRET=s\n", "no details")

	answerWith(server, "createClient", `{"data":{"createClient":null},"errors":[{"message":"not allowed"}]}`)
	invoke(t, "", "clients", "create", "x").want(t, 1, "", "not allowed")

	answerWith(server, "createClient", `{"data":{"createClient":null}}`)
	invoke(t, "", "clients", "create", "x").want(t, 1, "", "rotate its secret")
}

func TestClientsCreateFails(t *testing.T) {
	server := loggedInServer(t)
	invoke(t, "", "clients", "create", " ").want(t, 2, "", "NAME is empty")
	invoke(t, "", "clients", "create").want(t, 2, "", "NAME is missing")
	if sent := len(server.Requests()); sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
	t.Setenv("CLIENT_SECRET", "wrong")
	invoke(t, "", "clients", "create", "x").want(t, 4, "", "client-credentials")
	if made := server.Executed("createClient"); made != 0 {
		t.Errorf("%d clients were created by %s", made, emulator.DemoClientID)
	}
}
