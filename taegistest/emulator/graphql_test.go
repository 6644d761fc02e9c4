package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

const gateway = "/graphql"

// value asks the default gateway and returns data.NAME, which must be all there is.
func value(t *testing.T, s *emulator.Server, access, name, query string) map[string]any {
	t.Helper()
	a := graphQL(t, s, gateway, access, query, nil)
	if a.status != http.StatusOK || a.json["errors"] != nil {
		t.Fatalf("%s: %d %s", query, a.status, a.text)
	}
	result, _ := a.json["data"].(map[string]any)[name].(map[string]any)
	return result
}

func TestClientsAreKept(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	made := value(t, s, access, "createClient", `mutation { createClient(name: "My App", roles: ["r1"]) { clientSecret client { id clientID name tenantID roleAssignments { roleID } } } }`)
	client := made["client"].(map[string]any)
	id, secret := client["clientID"].(string), made["clientSecret"].(string)
	if client["name"] != "My App" || client["tenantID"] != emulator.DemoTenant || len(client["roleAssignments"].([]any)) != 1 {
		t.Errorf("created: %v", client)
	}
	if a := logIn(t, s, id, secret); a.status != http.StatusOK {
		t.Fatalf("the new client cannot log in: %s", a.text)
	}
	found := value(t, s, access, "clientsSearch", `{ clientsSearch(filters: {name: "my a"}) { totalCount results { clientID tokenRequestCount } } }`)
	if found["totalCount"] != 1.0 || found["results"].([]any)[0].(map[string]any)["tokenRequestCount"] != 1.0 {
		t.Errorf("search: %v", found)
	}
	if none := value(t, s, access, "clientsSearch", `{ clientsSearch(filters: {name: "other"}) { totalCount } }`); none["totalCount"] != 0.0 {
		t.Errorf("search for another: %v", none)
	}

	call := func(operation, arguments, fields string) map[string]any {
		t.Helper()
		return value(t, s, access, operation, `mutation { `+operation+`(id: "`+client["id"].(string)+`"`+arguments+`) { `+fields+` } }`)
	}
	roles := call("appendClientRoles", `, roles: [{roleID: "r2"}]`, "roleAssignments { roleID }")
	if len(roles["roleAssignments"].([]any)) != 2 {
		t.Errorf("roles: %v", roles)
	}
	roles = call("removeClientRoles", `, roles: ["r1"]`, "roleAssignments { roleID }")
	if list := roles["roleAssignments"].([]any); len(list) != 1 || list[0].(map[string]any)["roleID"] != "r2" {
		t.Errorf("roles: %v", roles)
	}
	rotated := call("rotateClientSecret", "", "clientSecret")["clientSecret"].(string)
	if old, renewed := logIn(t, s, id, secret), logIn(t, s, id, rotated); old.status != http.StatusUnauthorized || renewed.status != http.StatusOK {
		t.Errorf("after the rotation: old %d, new %d", old.status, renewed.status)
	}
	call("deleteClient", "", "id")
	if a := logIn(t, s, id, rotated); a.status != http.StatusUnauthorized {
		t.Errorf("a deleted client logs in: %s", a.text)
	}
	a := graphQL(t, s, gateway, access, `mutation { deleteClient(id: "nobody") { id } }`, nil)
	if a.status != http.StatusOK || !strings.Contains(a.text, "NOT_FOUND") || !strings.Contains(a.text, `"path":["deleteClient"]`) {
		t.Errorf("an unknown client: %s", a.text)
	}
}

func TestATokenIsNeeded(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	for name, token := range map[string]string{"none": "", "rubbish": "x"} {
		if a := graphQL(t, s, gateway, token, "{ __typename }", nil); a.status != http.StatusUnauthorized || a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	s.Revoke(access)
	s.Configure(func(c *emulator.Config) { c.RejectInBand = true })
	if a := graphQL(t, s, gateway, access, "{ __typename }", nil); a.status != http.StatusOK || !strings.Contains(a.text, `"code":"UNAUTHENTICATED"`) {
		t.Errorf("in band: %d %s", a.status, a.text)
	}
}

func TestQueriesAreValidated(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	for query, want := range map[string]string{
		`{ nonsense }`:                           `Cannot query field \"nonsense\" on type \"Query\"`,
		`{ clientsSearch(x: 1) { totalCount } }`: `Unknown argument \"x\"`,
		`{ clientsSearch { totalCount }`:         "Expected Name",
	} {
		if a := graphQL(t, s, gateway, access, query, nil); !strings.Contains(a.text, want) || a.json["data"] != nil {
			t.Errorf("%s: %d %s", query, a.status, a.text)
		}
	}
	a := graphQL(t, s, gateway, access, `query q($n: String, $yes: Boolean!) {
		a: clientsSearch(filters: {name: $n}) { ...counts total: totalCount @include(if: $yes) result_count @skip(if: $yes) }
	} fragment counts on ClientSearchResults { totalUnfilteredCount }`, map[string]any{"n": "none", "yes": true})
	if a.text != `{"data":{"a":{"totalUnfilteredCount":1,"total":0}}}` {
		t.Errorf("aliases, fragments and directives: %s", a.text)
	}
}

func TestFaultsOfOperations(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	const query = "{ clientsSearch { totalCount } }"
	ask := func() answer { return graphQL(t, s, gateway, access, query, nil) }

	remove := s.AddFault("clientsSearch", emulator.Fault{Status: 503, Body: `{"message":"busy"}`, RetryAfter: "7"})
	if a := ask(); a.status != 503 || a.header.Get("Retry-After") != "7" || a.string("message") != "busy" {
		t.Errorf("status: %d %v %s", a.status, a.header, a.text)
	}
	if a := graphQL(t, s, gateway, access, "{ __typename }", nil); a.status != http.StatusOK {
		t.Errorf("another operation suffers: %d", a.status)
	}
	remove()
	s.AddFault(gateway, emulator.Fault{Times: 1, HTML: true})
	if a := ask(); a.status != http.StatusBadGateway || !strings.HasPrefix(a.text, "<html>") {
		t.Errorf("HTML: %d %s", a.status, a.text)
	}
	s.AddFault(gateway+" clientsSearch", emulator.Fault{RateLimit: 1, RateWindow: time.Hour})
	if first, second := ask(), ask(); first.status != 200 || second.status != 429 || second.header.Get("Retry-After") != "3600" {
		t.Errorf("rate limit: %d, %d %v", first.status, second.status, second.header)
	}
	s.ClearFaults()
	s.AddFault("", emulator.Fault{Times: 1, RevokeToken: true})
	if a := ask(); a.status != http.StatusUnauthorized {
		t.Errorf("revoked: %d %s", a.status, a.text)
	}
	access = token(t, s)
	if a := ask(); a.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", a.status, a.text)
	}
}

func TestFaultsOfConnections(t *testing.T) {
	s := start(t, emulator.Config{})
	create := &core.Request{Operation: &core.Operation{Name: "createClient", Kind: core.KindMutation}, Document: `mutation createClient { createClient(name: "x") { clientSecret } }`, Token: core.NewSecret(token(t, s))}
	create.Environment, _ = core.NewEnvironment("loopback", s.URL)
	for name, test := range map[string]struct {
		fault    emulator.Fault
		executed int
	}{
		"dropped":                {emulator.Fault{Times: 1, Drop: true}, 0},
		"executed, then dropped": {emulator.Fault{Times: 1, Drop: true, Execute: true}, 1},
		"torn":                   {emulator.Fault{Times: 1, Truncate: true}, 1},
	} {
		before := s.Executed("createClient")
		s.AddFault("createClient", test.fault)
		err := (&transport.HTTP{}).Execute(t.Context(), create, nil)
		if _, broken := errors.AsType[*core.ConnectionError](err); !broken {
			t.Errorf("%s: %v", name, err)
		}
		if n := s.Executed("createClient") - before; n != test.executed {
			t.Errorf("%s: executed %d times, want %d", name, n, test.executed)
		}
	}
}

// events is a subscription.
func events(t *testing.T, s *emulator.Server, access string) *core.Request {
	t.Helper()
	environment, err := core.NewEnvironment("loopback", s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &core.Request{
		Operation:   &core.Operation{Name: "eventQuery", Kind: core.KindSubscription, Gateway: "/events/query"},
		Document:    `subscription eventQuery { eventQuery(query: "FROM process | head 1") { next prev } }`,
		Environment: environment, Token: core.NewSecret(access),
	}
}

func TestSubscriptions(t *testing.T) {
	for name, change := range map[string]func(*emulator.Config){
		"graphql-ws":                   func(*emulator.Config) {},
		"no subprotocol":               func(c *emulator.Config) { c.NoSubprotocol = true },
		"graphql-transport-ws unasked": func(c *emulator.Config) { c.TransportWS = true },
	} {
		t.Run(name, func(t *testing.T) {
			var config emulator.Config
			change(&config)
			s := start(t, config)
			n := 0
			for message, err := range (&transport.HTTP{}).Subscribe(t.Context(), events(t, s, token(t, s))) {
				if err != nil || !json.Valid(message) {
					t.Fatalf("%s, %v", message, err)
				}
				n++
			}
			if n != 4 {
				t.Errorf("%d messages, want 4", n)
			}
		})
	}
}

func TestFaultsOfSubscriptions(t *testing.T) {
	for _, unasked := range []bool{false, true} {
		t.Run(fmt.Sprintf("graphql-transport-ws %v", unasked), func(t *testing.T) { testFaultsOfSubscriptions(t, unasked) })
	}
}

func testFaultsOfSubscriptions(t *testing.T, transportWS bool) {
	t.Helper()
	s := start(t, emulator.Config{TransportWS: transportWS})
	stream := func(access string) (messages int, last error) {
		for _, err := range (&transport.HTTP{}).Subscribe(t.Context(), events(t, s, access)) {
			if last = err; err == nil {
				messages++
			}
		}
		return messages, last
	}
	if n, err := stream("rubbish"); n != 0 || !errors.Is(err, core.ErrUnauthorized) {
		t.Errorf("a token that is no good: %d, %v", n, err)
	}
	s.AddFault("eventQuery", emulator.Fault{Times: 1, Drop: true})
	if n, err := stream(token(t, s)); n != 1 || !isConnection(err) {
		t.Errorf("dropped: %d, %v", n, err)
	}
	s.AddFault("eventQuery", emulator.Fault{Times: 1, RevokeToken: true})
	if n, err := stream(token(t, s)); n != 0 || !errors.Is(err, core.ErrUnauthorized) {
		t.Errorf("revoked: %d, %v", n, err)
	}
	s.Configure(func(c *emulator.Config) { c.RejectInBand = true })
	if n, err := stream("rubbish"); n != 0 || !errors.Is(err, core.ErrUnauthorized) {
		t.Errorf("rejected in band: %d, %v", n, err)
	}
	if n, err := stream(token(t, s)); n != 4 || err != nil {
		t.Errorf("afterwards: %d, %v", n, err)
	}
}

func isConnection(err error) bool {
	_, ok := errors.AsType[*core.ConnectionError](err)
	return ok
}

func TestStartingIsQuick(t *testing.T) {
	begin := time.Now()
	s := start(t, emulator.Config{})
	started := time.Since(begin)
	access := token(t, s)
	begin = time.Now()
	if a := graphQL(t, s, gateway, access, "{ __typename }", nil); a.status != http.StatusOK {
		t.Fatal(a.text)
	}
	testutil.Within(t, "starting", started, 10*time.Millisecond)
	testutil.Within(t, "the first answer of the largest gateway", time.Since(begin), time.Second)
}
