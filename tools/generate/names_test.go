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

// TestDeprecatedAliases holds the naming rule against the real API: 22 pairs of wire names become
// one Go name each, and of every pair one is deprecated.
func TestDeprecatedAliases(t *testing.T) {
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

func TestTypeName(t *testing.T) {
	for _, test := range []struct {
		wire  string
		input bool
		want  string
	}{
		{"Client", false, "Client"},
		{"GeoSummary_ASN", false, "GeoSummaryASN"},
		{"PackageSignedUrl", false, "PackageSignedURL"},
		{"ENTITY_TYPE", false, "EntityType"},
		{"client", false, "Client"},
		{"NewClient", false, "CreatedClient"},
		{"new_client", false, "CreatedClient"},
		{"New", false, "Created"},
		{"Newsletter", false, "Newsletter"},
		{"NewScheduleInput", true, "CreateScheduleInput"},
		{"NewSubscription", true, "CreateSubscriptionInput"},
		{"New2", true, "Create2Input"},
	} {
		if got := typeName(test.wire, test.input); got != test.want {
			t.Errorf("%s: got %s, want %s", test.wire, got, test.want)
		}
	}
	if got := argsName("NewExport"); got != "CreateExportArgs" {
		t.Errorf("got %s", got)
	}
}

// generateSDL generates a service from one SDL file.
func generateSDL(t *testing.T, sdl string) (map[string][]byte, error) {
	t.Helper()
	return generatePaged(t, sdl, "[]")
}

// generatePaged is generateSDL with rows of paging.json.
func generatePaged(t *testing.T, sdl, rows string) (map[string][]byte, error) {
	t.Helper()
	a, err := readAPI(fstest.MapFS{
		"services.json":  {Data: []byte(`{"services": [{"name": "s", "gateway": "/graphql"}]}`)},
		"uncertain.json": {Data: []byte("{}")},
		"settled.json":   {Data: []byte("{}")},
		"paging.json":    {Data: []byte(rows)},
		"waiting.json":   {Data: []byte("[]")},
		"s.graphql":      {Data: []byte(sdl)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return generate(a, a.services)
}

// TestSecondChoices has names that collide once: each has a second choice.
func TestSecondChoices(t *testing.T) {
	files, err := generateSDL(t, `
type Query { aB(in: New_Thing): Service made: CreateThingInput }
type Mutation { aB: U }
type Service { a_b: E aB: Int }
type CreateThingInput { x: Int }
input New_Thing { x: Int }
union U = Raw
type Raw { x: Int }
enum E { A_B aB }`)
	if err != nil {
		t.Fatal(err)
	}
	text := string(files["services/s/types.gen.go"]) + string(files["services/s/service.gen.go"])
	for _, name := range []string{
		"type ServiceType struct", "type CreateThingInputType struct", "ABField ", "RawMember *Raw", "EABValue ",
		") ABMutation(",
	} {
		if !strings.Contains(text, name) {
			t.Errorf("%s is missing:\n%s", name, text)
		}
	}
}

// TestCollisions has names that collide twice, and the name of an operation's description, which
// has no second choice.
func TestCollisions(t *testing.T) {
	for sdl, want := range map[string]string{
		"type Query { ping: OpPing } type OpPing { x: Int }":                                                          "type OpPing and the description of ping have the same Go name OpPing",
		"type Query { a: Foo_A b: FooA c: Foo__A } type Foo_A { x: Int } type FooA { x: Int } type Foo__A { x: Int }": "the same Go name FooAType",
		"type Query { t: T } type T { aB: Int a_b: Int a__b: Int }":                                                   "the same Go name ABField",
		"type Query { e: E } enum E { aB A_B a_b }":                                                                   "the same Go name EABValue",
		"type Query { a_b: Int aB: Int a__b: Int }":                                                                   "the same Go name ABQuery",
	} {
		if _, err := generateSDL(t, sdl); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", sdl, err, want)
		}
	}
}

// TestDescriptions has a schema with descriptions: their first sentences are the comments.
func TestDescriptions(t *testing.T) {
	files, err := generateSDL(t, `
type Query {
  "Lists the rules. Slow."
  rules(in: RuleFilter): Rule
}
"""
Rule is what
raises alerts. It has more.
"""
type Rule { kind: Kind }
"Selects rules"
input RuleFilter { x: Int }
enum Kind { A }`)
	if err != nil {
		t.Fatal(err)
	}
	text := string(files["services/s/types.gen.go"]) + string(files["services/s/service.gen.go"])
	for _, line := range []string{
		"// Rules: Lists the rules.\n//\n//\trules(in: RuleFilter): Rule\nfunc",
		"// RulesArgs holds the arguments of [Service.Rules] of the s service.\ntype",
		"// Rule is what raises alerts.\ntype",
		"// RuleFilter: Selects rules.\ntype",
		"// Kind is an enum of the s service, used by [Service.Rules].\ntype",
	} {
		if !strings.Contains(text, "\n"+line+" ") {
			t.Errorf("%q is missing:\n%s", line, text)
		}
	}
}
