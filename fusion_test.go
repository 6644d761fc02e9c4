package taegis_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/fusion/cases"
	"github.com/taegis-go/taegis/services/subjects"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// successor is an emulator with an answer to every GraphQL request, which records their headers.
type successor struct {
	*emulator.Emulator
	base      string
	variables map[string]string

	mu     sync.Mutex
	called []http.Header
}

func newSuccessor(t *testing.T, change func(*emulator.Config)) *successor {
	t.Helper()
	config := emulator.Config{RecordSecrets: true}
	if change != nil {
		change(&config)
	}
	s := &successor{Emulator: emulator.New(config)}
	mux := http.NewServeMux()
	mux.Handle("/", s.Emulator)
	mux.HandleFunc("POST /fusion/graphql", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.called = append(s.called, r.Header.Clone())
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"data": {"ping": "pong"}}`) // the client may have gone
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.Close()
		s.Close()
		for _, violation := range s.Violations() {
			t.Error(violation)
		}
	})
	s.base = server.URL + "/fusion"
	s.variables = map[string]string{
		"TAEGIS_ENVIRONMENT": "fusion", "TAEGIS_API_URL": s.base, "TAEGIS_NO_INPUT": "1",
		"SOPHOS_CLIENT_ID": emulator.DemoSophosClientID, "SOPHOS_CLIENT_SECRET": emulator.DemoSophosClientSecret,
		"CLIENT_ID": "of Taegis", "CLIENT_SECRET": "canary-of-taegis",
	}
	return s
}

func (s *successor) client(t *testing.T, options ...taegis.Option) *taegis.Client {
	t.Helper()
	client, err := taegis.New(append([]taegis.Option{
		taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := s.variables[name]; return value, ok }),
		taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")), taegis.WithPrompt(core.Prompt{}),
		taegis.WithRetry(core.RetryLimits{MaxTries: 1}), taegis.WithDriftCache(""),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func ping(ctx context.Context, client *taegis.Client) error {
	return client.Execute(ctx, &core.Request{Operation: &core.Operation{Name: "ping", Kind: core.KindQuery}}, nil)
}

// tenants returns the tenants of the calls so far.
func (s *successor) tenants() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, header := range s.called {
		list = append(list, header.Get("X-Tenant-ID"))
	}
	return list
}

func TestACallOfATenantOfTheSuccessor(t *testing.T) {
	s := newSuccessor(t, nil)
	client := s.client(t)
	for range 3 {
		if err := ping(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	own := s.FusionTenant(emulator.DemoTenant)
	if got := s.tenants(); !slices.Equal(got, []string{own, own, own}) {
		t.Errorf("tenants %q, want three times %q", got, own)
	}
	if n := s.Count("/fusion/whoami/v1"); n != 1 {
		t.Errorf("%d requests for the identity, want 1", n)
	}
	other := "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10"
	if err := ping(taegis.ContextWithTenant(t.Context(), other), client); err != nil {
		t.Fatal(err)
	}
	if got := s.tenants(); got[3] != other {
		t.Errorf("the tenant of the context: %q", got[3])
	}
	for _, header := range s.called {
		if header["X-Tenant-Context"] != nil || header["X-Partner-Id"] != nil {
			t.Errorf("headers %v", header)
		}
	}
	for _, r := range s.Requests() {
		if strings.Contains(string(r.Body), "canary") {
			t.Errorf("%s has the secret of Taegis", r.Path)
		}
		if r.Path == "/fusion/whoami/v1" && (r.Header.Get("X-Tenant-ID") != "" || r.Header.Get("Content-Type") != "") {
			t.Errorf("whoami with the headers %v", r.Header)
		}
	}
}

// The generated services of both platforms work with one client, which logs in to each.
func TestOneClientForBothPlatforms(t *testing.T) {
	server := taegistest.NewServer(t) // a token at the wrong platform fails the test
	variables := map[string]string{
		"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret, "TAEGIS_TENANT_ID": emulator.DemoTenant,
		"SOPHOS_CLIENT_ID": emulator.DemoSophosClientID, "SOPHOS_CLIENT_SECRET": emulator.DemoSophosClientSecret,
	}
	client, err := taegis.New(
		taegis.WithEnvironments(server.Environment, server.Fusion), taegis.WithEnvironment(server.Environment.Name),
		taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := variables[name]; return value, ok }),
		taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")), taegis.WithPrompt(core.Prompt{}), taegis.WithDriftCache(""),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	onFusion := taegis.ContextWithEnvironment(t.Context(), server.Fusion.Name)
	for range 2 {
		if _, err := subjects.New(client).CurrentSubject(t.Context(), subjects.CurrentSubjectArgs{}); err != nil {
			t.Error(err)
		}
		types, err := cases.New(client).CaseTypes(onFusion, cases.CaseTypesArgs{})
		if err != nil || len(types.Types) == 0 {
			t.Errorf("%+v, %v", types, err)
		}
	}
	if n := server.Count("/fusion/whoami/v1"); n != 1 {
		t.Errorf("%d requests for the identity", n)
	}
	if _, err := subjects.New(client).CurrentSubject(onFusion, subjects.CurrentSubjectArgs{}); err == nil {
		t.Error("a service of Taegis was called on fusion")
	}
}

// A tenant that the platform cannot have costs no request, not even a login.
func TestATenantThatIsNoUUID(t *testing.T) {
	s := newSuccessor(t, nil)
	s.variables["TAEGIS_TENANT_ID"] = "145831"
	for name, ctx := range map[string]context.Context{
		"of the client": t.Context(), "of the context": taegis.ContextWithTenant(t.Context(), "11772"),
	} {
		err := ping(ctx, s.client(t))
		if fault, ok := errors.AsType[*core.ArgumentError](err); !ok || fault.Argument != "tenant" || !strings.Contains(err.Error(), "UUID") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := s.Count(""); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestPartnersChooseATenant(t *testing.T) {
	for id, kind := range map[string]core.IdentityType{
		emulator.DemoSophosPartnerID: core.IdentityPartner, emulator.DemoSophosOrganizationID: core.IdentityOrganization,
	} {
		t.Run(string(kind), func(t *testing.T) {
			s := newSuccessor(t, func(c *emulator.Config) { c.Corpus.Tenants = 119 })
			s.variables["SOPHOS_CLIENT_ID"] = id
			client := s.client(t)
			err := ping(t.Context(), client)
			if choose, ok := errors.AsType[*core.TenantRequiredError](err); !ok || choose.Identity.Type != kind || core.Hint(err) == "" {
				t.Fatalf("without a tenant: %v", err)
			}
			if len(s.tenants()) != 0 {
				t.Error("the call was sent")
			}
			seen := map[string]bool{}
			for tenant, err := range client.FusionTenants(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if tenant.Name == "" || seen[tenant.ID] {
					t.Errorf("%+v", tenant)
				}
				seen[tenant.ID] = true
			}
			if len(seen) != 120 || s.Count("/fusion/"+string(kind)+"/v1/tenants") != 3 {
				t.Errorf("%d tenants on %d pages", len(seen), s.Count("/fusion/"+string(kind)+"/v1/tenants"))
			}
			own := s.FusionTenant(emulator.DemoTenant)
			if err := ping(taegis.ContextWithTenant(t.Context(), own), client); err != nil || !slices.Equal(s.tenants(), []string{own}) {
				t.Errorf("with a tenant: %v, %q", err, s.tenants())
			}
		})
	}
}

func TestTheOneTenantIsListed(t *testing.T) {
	s := newSuccessor(t, nil)
	for tenant, err := range s.client(t).FusionTenants(t.Context()) {
		if err != nil || tenant.ID != s.FusionTenant(emulator.DemoTenant) {
			t.Errorf("%+v, %v", tenant, err)
		}
	}
}

// The identity is stored with the token, by every store, and asked for again with another token.
func TestTheIdentityIsStoredWithTheToken(t *testing.T) {
	dir := t.TempDir()
	for name, store := range map[string]ports.TokenStore{
		"file": &tokenstore.File{Path: filepath.Join(dir, "file")}, "memory": &tokenstore.Memory{},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuccessor(t, nil)
			for range 3 {
				if err := ping(t.Context(), s.client(t, taegis.WithTokenStore(store))); err != nil {
					t.Fatal(err)
				}
			}
			if logins, asked := s.Count("/fusion/api/v2/oauth2/token"), s.Count("/fusion/whoami/v1"); logins != 1 || asked != 1 {
				t.Errorf("%d logins and %d requests for the identity by three clients", logins, asked)
			}
			s.RevokeAll()
			client := s.client(t, taegis.WithTokenStore(store))
			if _, err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := ping(t.Context(), client); err != nil || s.Count("/fusion/whoami/v1") != 2 {
				t.Errorf("after another login: %v, %d requests", err, s.Count("/fusion/whoami/v1"))
			}
		})
	}
	text, err := os.ReadFile(filepath.Join(dir, "file"))
	if err != nil || !strings.Contains(string(text), "\naccess_token_identity = ") || !strings.Contains(string(text), "[fusion]") {
		t.Errorf("the file: %v\n%s", err, text)
	}
}

// A token that the identity service rejects is refreshed, as by a call.
func TestTheIdentityOfARevokedToken(t *testing.T) {
	for name, use := range map[string]func(*testing.T, *taegis.Client) error{
		"call":     func(t *testing.T, c *taegis.Client) error { return ping(t.Context(), c) },
		"identity": func(t *testing.T, c *taegis.Client) error { _, err := c.Identity(t.Context()); return err },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuccessor(t, nil)
			client := s.client(t)
			if _, err := client.Token(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.RevokeAll()
			if err := use(t, client); err != nil || s.Count("/fusion/api/v2/oauth2/token") != 2 {
				t.Errorf("%v after %d logins", err, s.Count("/fusion/api/v2/oauth2/token"))
			}
		})
	}
}

func TestManyCallsAskForTheIdentityOnce(t *testing.T) {
	s := newSuccessor(t, nil)
	client := s.client(t)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if err := ping(t.Context(), client); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if n := s.Count("/fusion/whoami/v1"); n != 1 {
		t.Errorf("%d requests for the identity", n)
	}
}

func TestTheTokenOfAContextOnTheSuccessor(t *testing.T) {
	s := newSuccessor(t, nil)
	client := s.client(t)
	ctx := taegis.ContextWithAccessToken(t.Context(), core.NewSecret(s.Token(emulator.DemoSophosClientID)))
	for range 2 {
		if err := ping(ctx, client); err != nil {
			t.Fatal(err)
		}
	}
	if s.Count("/fusion/api/v2/oauth2/token") != 0 || s.Count("/fusion/whoami/v1") != 1 {
		t.Errorf("%d logins, %d requests for the identity", s.Count("/fusion/api/v2/oauth2/token"), s.Count("/fusion/whoami/v1"))
	}
	ctx = taegis.ContextWithAccessToken(t.Context(), core.NewSecret(s.Token(emulator.DemoSophosPartnerID)))
	if _, ok := errors.AsType[*core.TenantRequiredError](ping(ctx, client)); !ok {
		t.Error("a partner's token needs no tenant")
	}
	if identity, err := client.Identity(ctx); err != nil || identity.Type != core.IdentityPartner {
		t.Errorf("%+v, %v", identity, err)
	}
}

func TestTheVariablesOfTheSuccessorCanBeRenamed(t *testing.T) {
	s := newSuccessor(t, nil)
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("[fusion]\nclient_id = MY_ID\nclient_secret = MY_SECRET\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.variables["MY_ID"], s.variables["MY_SECRET"] = s.variables["SOPHOS_CLIENT_ID"], s.variables["SOPHOS_CLIENT_SECRET"]
	delete(s.variables, "SOPHOS_CLIENT_ID")
	delete(s.variables, "SOPHOS_CLIENT_SECRET")
	if err := ping(t.Context(), s.client(t, taegis.WithConfigFile(path))); err != nil {
		t.Error(err)
	}
	delete(s.variables, "MY_ID")
	delete(s.variables, "MY_SECRET")
	_, err := s.client(t).Token(t.Context())
	failed, ok := errors.AsType[*core.ChainError](err)
	if !ok || s.Count("/fusion/api/v2/oauth2/token") != 1 {
		t.Fatalf("without credentials: %v", err)
	}
	for _, attempt := range failed.Attempts {
		if text := attempt.Err.Error(); attempt.Authenticator != "access-token" && !strings.Contains(text, "SOPHOS_CLIENT_ID") {
			t.Errorf("%s: %s", attempt.Authenticator, text)
		}
	}
	if strings.Contains(strings.ReplaceAll(err.Error(), "SOPHOS_CLIENT_ID", ""), "CLIENT_ID") {
		t.Errorf("the error names the variables of Taegis: %v", err)
	}
}

func TestUniversalAuthenticationIsOfTaegis(t *testing.T) {
	if _, err := taegis.New(taegis.WithEnvironment("fusion"), taegis.WithUniversalAuth()); err == nil || !strings.Contains(err.Error(), "WithUniversalAuth") {
		t.Errorf("fusion with universal authentication: %v", err)
	}
}

func TestTaegisHasNoIdentities(t *testing.T) {
	s := newSuccessor(t, nil)
	s.variables["TAEGIS_ENVIRONMENT"], s.variables["TAEGIS_API_URL"] = "charlie", strings.TrimSuffix(s.base, "/fusion")
	s.variables["CLIENT_ID"], s.variables["CLIENT_SECRET"] = emulator.DemoClientID, emulator.DemoClientSecret
	if _, err := s.client(t).Identity(t.Context()); err == nil || !strings.Contains(err.Error(), "only fusion") {
		t.Errorf("the identity: %v", err)
	}
	for tenant, err := range s.client(t).FusionTenants(t.Context()) {
		if err == nil {
			t.Errorf("a tenant of fusion: %v", tenant)
		}
	}
}

// An answer of the identity service that makes no sense is an error, and not stored.
func TestAnIdentityThatMakesNoSense(t *testing.T) {
	for name, body := range map[string]string{
		"no UUID": `{"id": "145831", "idType": "tenant"}`,
		"no type": `{"id": "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10"}`,
		"words":   `{"id": "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10", "idType": "a tenant\n"}`,
		"nothing": `{}`,
		"a page":  `<html>`,
	} {
		s := newSuccessor(t, nil)
		s.AddFault("/fusion/whoami/v1", emulator.Fault{Status: 200, Body: body})
		_, err := s.client(t).Identity(t.Context())
		if answer, ok := errors.AsType[*core.ResponseError](err); !ok || answer.Operation != "whoami" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An answer that is no page is an error, since a list that is too short looks like a whole one.
func TestListsOfTenantsThatAreNone(t *testing.T) {
	s := newSuccessor(t, nil)
	s.variables["SOPHOS_CLIENT_ID"] = emulator.DemoSophosPartnerID
	client := s.client(t)
	for body, reason := range map[string]string{
		`{}`:                                   "no items",
		`{"items": null, "pages": {}}`:         "no items",
		`{"errors": [{"message": "no"}]}`:      "no items",
		`{"items": [], "pages": {"total": 3}}`: "page 1 of 3 is empty",
	} {
		s.AddFault("/fusion/partner/v1/tenants", emulator.Fault{Times: 1, Status: 200, Body: body})
		yields := 0
		for tenant, err := range client.FusionTenants(t.Context()) {
			yields++
			if answer, ok := errors.AsType[*core.ResponseError](err); !ok || !strings.Contains(answer.Reason, reason) {
				t.Errorf("%s: %+v, %v", body, tenant, err)
			}
		}
		if yields != 1 {
			t.Errorf("%s: %d results", body, yields)
		}
	}
}

// A list without a total ends with an empty page, and one that fails with its error.
func TestListsOfTenantsThatEndEarly(t *testing.T) {
	s := newSuccessor(t, nil)
	s.variables["SOPHOS_CLIENT_ID"] = emulator.DemoSophosPartnerID
	page := `{"items": [{"id": "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10", "name": "one"}], "pages": {}}`
	s.AddFault("/fusion/partner/v1/tenants", emulator.Fault{Times: 2, Status: 200, Body: page})
	s.AddFault("/fusion/partner/v1/tenants", emulator.Fault{Times: 1, Status: 200, Body: `{"items": []}`})
	s.AddFault("/fusion/partner/v1/tenants", emulator.Fault{Times: 1, Status: 503})
	client, found := s.client(t), 0
	for _, err := range client.FusionTenants(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		found++
	}
	if found != 2 {
		t.Errorf("%d tenants", found)
	}
	for _, err := range client.FusionTenants(t.Context()) {
		if answer, ok := errors.AsType[*core.ResponseError](err); !ok || answer.Status != 503 {
			t.Errorf("%v", err)
		}
	}
	for range client.FusionTenants(t.Context()) {
		break // leaving early is no error
	}
}
