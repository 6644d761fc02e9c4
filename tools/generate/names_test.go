package main

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/vektah/gqlparser/v2/ast"
)

func TestGoName(t *testing.T) {
	for wire, want := range map[string]string{
		"alertsServiceSearch": "AlertsServiceSearch",
		"tenant_id":           "TenantID",
		"tenantId":            "TenantID",
		"tenantID":            "TenantID",
		"tenant_IDs":          "TenantIDs",
		"clientIds":           "ClientIDs",
		"requiredForUiLogin":  "RequiredForUILogin",
		"HTTPServerURLs":      "HTTPServerURLs",
		"IDsOnly":             "IDsOnly",
		"user_id_v1":          "UserIDV1",
		"assetsV2":            "AssetsV2",
		"auth0_event_type":    "Auth0EventType",
		"os":                  "OS",
		"is_scwx":             "IsScwx",
		"getSSAv2":            "GetSSAv2",
		"CLIENT_ID":           "ClientID",
		"TOKEN_REQUEST_COUNT": "TokenRequestCount",
		"__typename":          "Typename",
		"2fa":                 "X2fa",
		"_":                   "X",
	} {
		if got := goName(wire); got != want {
			t.Errorf("%s: got %s, want %s", wire, got, want)
		}
	}
}

// TestTwins holds the naming rule against the real API: 22 pairs of wire names become one Go
// name each, and of every pair one is deprecated.
func TestTwins(t *testing.T) {
	a, err := readAPI(os.DirFS("../../services/schema"))
	if err != nil {
		t.Fatal(err)
	}
	pairs := 0
	for _, s := range a.services {
		schema, err := a.load(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, def := range schema.Types {
			for _, group := range byGoName(def.Fields) {
				current := slices.ContainsFunc(group, func(f *ast.FieldDefinition) bool { return !isDeprecated(f.Directives) })
				if len(group) == 1 || def.BuiltIn {
					continue
				}
				pairs++
				if len(group) != 2 || !current || !isDeprecated(group[1].Directives) {
					t.Errorf("%s.%s: %d fields become %s", s.Name, def.Name, len(group), goName(group[0].Name))
				}
			}
		}
	}
	if pairs != 22 {
		t.Errorf("%d pairs, want 22", pairs)
	}
}

func TestIsSecret(t *testing.T) {
	for _, name := range []string{
		"secret", "clientSecret", "client_secret", "clientsecret", "password", "newPassword", "passphrase", "token", "accessToken",
		"access_tokens", "otp", "OTP", "mfaCode", "pin", "supportPin", "key", "apiKey", "api_key", "apikey", "registrationKey",
		"sessionKey", "credentials", "auth_credentials", "cert", "privatekey", "jwt",
	} {
		if !isSecret(name) {
			t.Errorf("%s would be written into the document", name)
		}
	}
	for _, name := range []string{
		"id", "ids", "clientIDs", "name", "email", "tenantID", "page", "perPage", "in", "shippingAddress", "pinned", "keyboard",
		"monkey", "author", "encoding", "decode", "limit", "tokenizer", "certainty", "hostname",
	} {
		if isSecret(name) {
			t.Errorf("%s is taken for a secret", name)
		}
	}
}

func TestNamesStayUnique(t *testing.T) {
	n := names{}
	n.reserve("New")
	for _, want := range []string{"Client", "Client_x", "Client_x_"} {
		if got := n.unique(want, "New", "Client", "Client_x"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := n.unique("Client", "New", "Client"); got != "Client" {
		t.Errorf("the same thing got another name: %s", got)
	}
}

// An operation's description is called Op and the operation's name, whatever else there is: a
// schema where that is taken is an error.
func TestDescriptionsKeepTheirNames(t *testing.T) {
	files := fstest.MapFS{
		"services.json":  {Data: []byte(`{"services": [{"name": "s", "gateway": "/graphql"}]}`)},
		"uncertain.json": {Data: []byte("{}")},
		"s.graphql":      {Data: []byte("type Query { ping: OpPing }\ntype OpPing { x: Int }")},
	}
	a, err := readAPI(files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := generate(a, a.services); err == nil || !strings.Contains(err.Error(), "the description of ping is to be called OpPing, as is type OpPing") {
		t.Errorf("got %v", err)
	}
}
