package authn_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

const fusionRoute = "/fusion/api/v2/oauth2/token"

func demoOfFusion() map[string]string {
	return map[string]string{
		"SOPHOS_CLIENT_ID": emulator.DemoSophosClientID, "SOPHOS_CLIENT_SECRET": emulator.DemoSophosClientSecret,
		"CLIENT_ID": "of Taegis", "CLIENT_SECRET": "canary-of-taegis",
	}
}

// onFusion is a login request for the successor of the server.
func onFusion(server *emulator.Server, settings map[string]string) core.LoginRequest {
	req := request(server, settings)
	req.Environment = server.Fusion
	return req
}

func TestClientCredentialsOfFusion(t *testing.T) {
	server := taegistest.NewServer(t)
	for name, authenticator := range map[string]*authn.ClientCredentials{
		"settings":              {},
		"values":                {ID: emulator.DemoSophosPartnerID, Secret: core.NewSecret(emulator.DemoSophosClientSecret)},
		"a style is of Taegis'": {AuthStyle: authn.AuthStyleBasicJSON},
	} {
		token, err := authenticator.Authenticate(t.Context(), onFusion(server, demoOfFusion()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		id := emulator.DemoSophosClientID
		if authenticator.ID != "" {
			id = authenticator.ID
		}
		if token.Account != core.ClientAccount(server.Fusion.AuthHost(), id) || token.Host != server.Fusion.AuthHost() || token.Expiry.IsZero() {
			t.Errorf("%s: %+v", name, token)
		}
	}
}

// The request is a form, without HTTP Basic, and has the scope.
func TestTheTokenRequestOfFusion(t *testing.T) {
	var got url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got, _ = url.ParseQuery(string(text))
		if r.URL.Path != "/api/v2/oauth2/token" || r.Header.Get("Authorization") != "" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "opaque", "refresh_token": "unused", "expires_in": 3600})
	}))
	t.Cleanup(server.Close)
	env, err := core.NewEnvironment("next", server.URL)
	if err != nil {
		t.Fatal(err)
	}
	env.Platform = core.PlatformFusion
	secret := `s&=%+" ü`
	client := &authn.ClientCredentials{ID: "the id", Secret: core.NewSecret(secret)}
	if _, err := client.Authenticate(t.Context(), core.LoginRequest{Environment: env}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"grant_type": "client_credentials", "scope": "token", "client_id": "the id", "client_secret": secret}
	if len(got) != len(want) {
		t.Errorf("the form %v", got)
	}
	for name, value := range want {
		if got.Get(name) != value {
			t.Errorf("%s = %q, want %q", name, got.Get(name), value)
		}
	}
}

// The refusal has a form of its own, which the error shows.
func TestARefusalOfFusion(t *testing.T) {
	server := taegistest.NewServer(t)
	settings := demoOfFusion()
	settings["SOPHOS_CLIENT_SECRET"] = "not-the-secret"
	_, err := (&authn.ClientCredentials{}).Authenticate(t.Context(), onFusion(server, settings))
	wantFailure(t, err, true, "401", "oauth.invalid_client_secret", "Unauthorized", "tracking id ", "check SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET")
	if text := err.Error(); strings.Contains(text, "not-the-secret") || strings.Contains(text, "log in as a user") {
		t.Errorf("the error: %s", text)
	}
	if n := server.Count(fusionRoute); n != 1 {
		t.Errorf("%d requests: a denied secret was sent again", n)
	}
}

// The settings of Taegis are never used on fusion, and the reverse.
func TestClientsBelongToTheirPlatform(t *testing.T) {
	server := taegistest.NewServer(t)
	client := &authn.ClientCredentials{}
	_, err := client.Account(t.Context(), onFusion(server, demo()))
	wantNext(t, err, "SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET are not set")
	settings := demoOfFusion()
	delete(settings, "CLIENT_ID")
	delete(settings, "CLIENT_SECRET")
	_, err = client.Account(t.Context(), request(server, settings))
	wantNext(t, err, "CLIENT_ID and CLIENT_SECRET are not set")
	settings["SOPHOS_CLIENT_SECRET"] = ""
	_, err = client.Account(t.Context(), onFusion(server, settings))
	wantFailure(t, err, false, "SOPHOS_CLIENT_ID is set but SOPHOS_CLIENT_SECRET is not")

	// Values of the client's own platform do not go to another one.
	own := &authn.ClientCredentials{ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret)}
	req := onFusion(server, nil)
	req.HomeEnvironment, req.HomePlatform = "charlie", core.PlatformTaegis
	_, err = own.Account(t.Context(), req)
	wantNext(t, err, "SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET are not set")
	req.Environment, req.HomeEnvironment, req.HomePlatform = server.Environment, "fusion", core.PlatformFusion
	_, err = own.Account(t.Context(), req)
	wantNext(t, err, "CLIENT_ID and CLIENT_SECRET are not set")
	req.Lookup = onFusion(server, running()).Lookup
	_, err = program(t, "print", `{"client_id": "x", "client_secret": "y"}`).Authenticate(t.Context(), req)
	wantNext(t, err, "is for fusion")
	if server.Count("") != 0 {
		t.Error("something was sent")
	}
}

// Fusion has no login for users. The error names what to set, also if it has another name.
func TestFusionHasNoLoginForUsers(t *testing.T) {
	server := taegistest.NewServer(t)
	user := newTestUser(t, server)
	for _, authenticator := range []ports.Authenticator{
		&authn.Interactive{}, &authn.DeviceCode{}, &authn.Password{}, &authn.Interactive{Username: emulator.DemoUser},
		&authn.DeviceCode{Username: emulator.DemoSSOUser}, &authn.Password{Username: emulator.DemoUser},
	} {
		req := onFusion(server, nil)
		req.Prompt = user.prompt()
		lookup := req.Lookup
		req.Lookup = func(name string) (core.Setting, bool) {
			s, ok := lookup(name)
			s.Variable = "MY_" + name
			return s, ok
		}
		account, err := authenticator.Account(t.Context(), req)
		wantNext(t, err, "fusion has no login for users", "MY_SOPHOS_CLIENT_ID and MY_SOPHOS_CLIENT_SECRET")
		if !account.IsUser() { // so that a cached token is found, as without a terminal
			t.Errorf("%T: the account %q", authenticator, account)
		}
		if _, err := authenticator.Authenticate(t.Context(), req); !errors.Is(err, core.ErrUnavailable) {
			t.Errorf("%T: %v", authenticator, err)
		}
	}
	if server.Count("") != 0 || len(user.labels) != 0 {
		t.Error("something was sent or asked")
	}
}

func TestAForeignTokenIsNotUsed(t *testing.T) {
	server := taegistest.NewServer(t)
	token := server.Token(emulator.DemoClientID) // with the tenants of Taegis
	for name, authenticator := range map[string]ports.Authenticator{
		"value":   &authn.StaticToken{Token: core.NewSecret(token)},
		"setting": &authn.StaticToken{},
		"process": program(t, "print", `{"access_token": "`+token+`"}`),
	} {
		settings := running()
		settings["TAEGIS_ACCESS_TOKEN"] = token
		req := onFusion(server, settings)
		if _, err := authenticator.Authenticate(t.Context(), req); err == nil || !strings.Contains(err.Error(), "it is a token of the platform taegis") || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", name, err)
		}
		req.Environment = server.Environment
		if _, err := authenticator.Authenticate(t.Context(), req); err != nil {
			t.Errorf("%s on Taegis: %v", name, err)
		}
	}
}
