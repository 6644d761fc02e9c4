package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// fusionReply is an answer of the successor's login and identity services.
type fusionReply struct {
	status int
	body   map[string]any
}

func send(t *testing.T, request *http.Request) fusionReply {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := fusionReply{status: response.StatusCode}
	if err := json.Unmarshal(text, &r.body); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func requestToken(t *testing.T, base string, form url.Values) fusionReply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/api/v2/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, request)
}

// getFusion sends a GET request with a token and alternating names and values of headers.
func getFusion(t *testing.T, address, token string, headers ...string) fusionReply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
	}
	return send(t, request)
}

func credentials(id, secret, scope string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "scope": {scope}}
}

func TestFusionToken(t *testing.T) {
	server := taegistest.NewServer(t)
	for name, test := range map[string]struct {
		form   url.Values
		status int
		code   any
	}{
		"accepted":       {credentials(emulator.DemoSophosClientID, emulator.DemoSophosClientSecret, "token"), 200, "success"},
		"wrong secret":   {credentials(emulator.DemoSophosClientID, "wrong", "token"), 401, "oauth.invalid_client_secret"},
		"unknown client": {credentials("x", "wrong", "token"), 401, "oauth.invalid_client"},
		"of Taegis":      {credentials(emulator.DemoClientID, emulator.DemoClientSecret, "token"), 401, "oauth.invalid_client"},
		"no scope":       {credentials(emulator.DemoSophosClientID, emulator.DemoSophosClientSecret, ""), 400, "oauth.invalid_scope"},
		"no grant":       {url.Values{"scope": {"token"}}, 400, "oauth.unsupported_grant_type"},
	} {
		r := requestToken(t, server.Fusion.AuthURL, test.form)
		tracked, _ := r.body["trackingId"].(string)
		if r.status != test.status || r.body["errorCode"] != test.code || test.status != 200 && core.PlatformFusion.TenantFault(tracked) != "" {
			t.Errorf("%s: %d %v", name, r.status, r.body)
		}
		if _, err := core.ParseClaims(fmt.Sprint(r.body["access_token"])); (err == nil) != (test.status == 200) || r.body["refresh_token"] != nil {
			t.Errorf("%s: the token: %v", name, err)
		}
	}
}

func TestFusionIdentity(t *testing.T) {
	server := taegistest.NewServer(t)
	for id, want := range map[string]core.IdentityType{
		emulator.DemoSophosClientID: core.IdentityTenant, emulator.DemoSophosPartnerID: core.IdentityPartner,
		emulator.DemoSophosOrganizationID: core.IdentityOrganization,
	} {
		r := getFusion(t, server.Fusion.TenantsURL+"/whoami/v1", server.Token(id))
		if r.status != 200 || r.body["idType"] != string(want) || core.PlatformFusion.TenantFault(fmt.Sprint(r.body["id"])) != "" {
			t.Errorf("%s: %d %v", id, r.status, r.body)
		}
		if is := r.body["id"] == server.FusionTenant(emulator.DemoTenant); is != (want == core.IdentityTenant) {
			t.Errorf("%s: the id %v", id, r.body["id"])
		}
	}
	if r := getFusion(t, server.Fusion.TenantsURL+"/whoami/v1", "none"); r.status != 401 || r.body["message"] == "" {
		t.Errorf("without a token: %d %v", r.status, r.body)
	}
}

func TestFusionTenants(t *testing.T) {
	server := taegistest.NewServer(t, func(c *emulator.Config) { c.Corpus.Tenants = 119 })
	for _, test := range []struct{ client, path, header string }{
		{emulator.DemoSophosPartnerID, "/partner/v1/tenants", "X-Partner-ID"},
		{emulator.DemoSophosOrganizationID, "/organization/v1/tenants", "X-Organization-ID"},
	} {
		token, address := server.Token(test.client), server.Fusion.TenantsURL+test.path
		own := fmt.Sprint(getFusion(t, server.Fusion.TenantsURL+"/whoami/v1", token).body["id"])
		seen := map[any]bool{}
		for page := 1; page <= 3; page++ {
			r := getFusion(t, fmt.Sprintf("%s?pageTotal=true&page=%d", address, page), token, test.header, own)
			if pages, _ := r.body["pages"].(map[string]any); pages["total"] != 3.0 {
				t.Errorf("page %d: %v", page, r.body["pages"])
			}
			items, _ := r.body["items"].([]any)
			for _, item := range items {
				one, _ := item.(map[string]any)
				seen[one["id"]] = true
			}
		}
		if len(seen) != 120 {
			t.Errorf("%s: %d tenants", test.client, len(seen))
		}
		if r := getFusion(t, address, token); r.status != 403 {
			t.Errorf("without the header: %d", r.status)
		}
		if r := getFusion(t, address, server.Token(emulator.DemoSophosClientID), test.header, own); r.status != 403 {
			t.Errorf("for another client: %d", r.status)
		}
	}
}

// Each platform rejects the token of the other, and the header of the other platform is recorded.
func TestPlatformsOfTheEmulatorAreSeparate(t *testing.T) {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	taegis, fusion := server.Token(emulator.DemoClientID), server.Token(emulator.DemoSophosPartnerID)
	for i, test := range []struct {
		path, token string
		headers     []string
	}{
		{"/fusion/whoami/v1", taegis, nil},
		{"/graphql", fusion, nil},
		{"/fusion/whoami/v1", "none", []string{"X-Tenant-Context", "145831"}},
		{"/graphql", "none", []string{"X-Tenant-ID", server.FusionTenant(emulator.DemoTenant)}},
	} {
		if r := getFusion(t, server.URL+test.path, test.token, test.headers...); r.status != 401 {
			t.Errorf("%s: %d %v", test.path, r.status, r.body)
		}
		if n := len(server.Violations()); n != i+1 {
			t.Fatalf("%s: %q", test.path, server.Violations())
		}
	}
}
