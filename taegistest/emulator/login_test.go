package emulator_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestClientCredentials(t *testing.T) {
	const secret = "a secret: with/+%odd=characters"
	s := start(t, emulator.Config{Clients: []emulator.Client{{ID: "id", Secret: secret, Tenant: "7"}}})
	const path = "/auth/api/v2/auth/token"
	form, json := "application/x-www-form-urlencoded", "application/json"
	tests := []struct {
		name, media, body string
		basic             []string
		want              int
	}{
		{"basic and form", form, "grant_type=client_credentials", []string{"id", secret}, 200},
		{"basic and JSON", json, `{"grant_type":"client_credentials"}`, []string{"id", secret}, 200},
		{"all in a form", form, "grant_type=client_credentials&client_id=id&client_secret=" + url.QueryEscape(secret), nil, 200},
		{"all in JSON", json, `{"grant_type":"client_credentials","client_id":"id","client_secret":"` + secret + `"}`, nil, 200},
		{"form-encoded in basic", form, "grant_type=client_credentials", []string{"id", url.QueryEscape(secret)}, 401},
		{"wrong secret", form, "grant_type=client_credentials", []string{"id", "wrong"}, 401},
		{"unknown client", form, "grant_type=client_credentials", []string{"nobody", secret}, 401},
		{"unknown grant", form, "grant_type=magic", []string{"id", secret}, 400},
		{"no JSON", json, "grant_type", []string{"id", secret}, 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, http.MethodPost, s.URL+path, test.media, test.body)
			if test.basic != nil {
				r.SetBasicAuth(test.basic[0], test.basic[1])
			}
			a := do(t, r)
			if a.status != test.want {
				t.Fatalf("status %d, want %d: %s", a.status, test.want, a.text)
			}
			if test.want != http.StatusOK {
				if a.string("error") == "" {
					t.Errorf("no error code: %s", a.text)
				}
				return
			}
			claims, err := core.ParseClaims(a.string("access_token"))
			if err != nil {
				t.Fatal(err)
			}
			if claims.ClientID != "id" || claims.Subject != "id@clients" || !slices.Equal(claims.Tenants, []string{"7"}) {
				t.Errorf("claims: %+v", claims)
			}
			if life := claims.Expiry.Sub(claims.IssuedAt); life != emulator.DefaultTokenLifetime || a.json["expires_in"] != life.Seconds() {
				t.Errorf("life %v, expires_in %v", life, a.json["expires_in"])
			}
		})
	}
	if got := s.Count(path); got != len(tests) {
		t.Errorf("%d requests counted, want %d", got, len(tests))
	}
}

func TestDecisionsOnUnknownCodesAndUsers(t *testing.T) {
	s := start(t, emulator.Config{})
	code := postJSON(t, s.URL+"/universal-auth/device/code/auth", nil).string("user_code")
	if err := s.Approve(code, "nobody@example.com"); !errors.Is(err, emulator.ErrUnknownUser) {
		t.Errorf("approved for nobody: %v", err)
	}
	for _, decide := range []func(string) error{s.Deny, func(code string) error { return s.Approve(code, "") }} {
		if err := decide("NONE-SUCH"); !errors.Is(err, emulator.ErrUnknownCode) {
			t.Errorf("an unknown code: %v", err)
		}
	}
	if err := s.Approve(code, ""); err != nil {
		t.Error(err)
	}
	if err := s.Deny(code); !errors.Is(err, emulator.ErrUnknownCode) {
		t.Errorf("a decided code: %v", err)
	}
}

// The page is what a user sees: it shows the code and has a button.
func TestTheDevicePageApproves(t *testing.T) {
	s := start(t, emulator.Config{})
	offer := postJSON(t, s.URL+"/universal-auth/device/code/auth", nil)
	page := do(t, request(t, http.MethodGet, offer.string("verification_uri_complete"), "", ""))
	if page.status != http.StatusOK || !strings.Contains(page.text, offer.string("user_code")) || !strings.Contains(page.text, "<button") {
		t.Fatalf("%d %s", page.status, page.text)
	}
	form := url.Values{"user_code": {offer.string("user_code")}, "user": {emulator.DemoSSOUser}, "decision": {"approve"}}
	if decision := do(t, request(t, http.MethodPost, offer.string("verification_uri"), "application/x-www-form-urlencoded", form.Encode())); decision.status != http.StatusOK {
		t.Fatalf("%d %s", decision.status, decision.text)
	}
	if granted := postJSON(t, s.URL+"/universal-auth/device/code/token", map[string]any{"device_code": offer.string("device_code"), "interval": 1}); granted.string("access_token") == "" {
		t.Errorf("%d %s", granted.status, granted.text)
	}
}

func TestExpiryFormats(t *testing.T) {
	now := &clock{time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.UTC)}
	s := start(t, emulator.Config{Now: now.Now, TokenLifetime: time.Minute, Expiry: emulator.ExpiryTime})
	if a := logIn(t, s, emulator.DemoClientID, emulator.DemoClientSecret); a.string("expiry") != "2026-01-02T03:05:05.6Z" || a.json["expires_in"] != nil {
		t.Errorf("expiry: %s", a.text)
	}
	s.Configure(func(c *emulator.Config) { c.Expiry = emulator.ExpiryNone })
	if a := logIn(t, s, emulator.DemoClientID, emulator.DemoClientSecret); a.string("access_token") == "" || a.json["expiry"] != nil || a.json["expires_in"] != nil {
		t.Errorf("none: %s", a.text)
	}
	s.Configure(func(c *emulator.Config) { c.TokenLifetime = -time.Minute })
	claims, err := core.ParseClaims(token(t, s))
	if err != nil || !claims.Expiry.Before(now.Now()) || !claims.IssuedAt.Before(claims.Expiry) {
		t.Errorf("a negative life: %+v, %v", claims, err)
	}
}

const (
	hasLegacy  = "/auth/api/v2/auth/token"
	hasCurrent = "/universal-auth/token"
	otp        = "http://ctpx.secureworks.com/grant-type/mfa-otp"
)

func password(user string) map[string]string {
	return map[string]string{"username": user, "password": emulator.DemoPassword, "grant_type": "password"}
}

func TestPassword(t *testing.T) {
	s := start(t, emulator.Config{})
	for _, path := range []string{hasLegacy, hasCurrent} {
		a := postJSON(t, s.URL+path, password("BOB@example.com"))
		claims, err := core.ParseClaims(a.string("access_token"))
		if a.status != http.StatusOK || err != nil || claims.Username != emulator.DemoUser {
			t.Errorf("%s: %d %s, %+v", path, a.status, a.text, claims)
		}
		wrong := password(emulator.DemoUser)
		wrong["password"] = "wrong"
		for _, members := range []map[string]string{wrong, password("nobody@example.com"), password(emulator.DemoSSOUser)} {
			if a := postJSON(t, s.URL+path, members); a.status != http.StatusForbidden || a.string("error") != "invalid_grant" {
				t.Errorf("%s %s: %d %s", path, members["username"], a.status, a.text)
			}
		}
	}
}

func TestSecondFactor(t *testing.T) {
	s := start(t, emulator.Config{})
	for _, status := range []int{200, 401, 403} {
		s.Configure(func(c *emulator.Config) { c.MFAStatus = status })
		challenge := postJSON(t, s.URL+hasCurrent, password(emulator.DemoMFAUser))
		code := map[string]string{"mfa_token": challenge.string("mfa_token"), "otp": "000000", "grant_type": otp}
		if challenge.status != status || code["mfa_token"] == "" || challenge.string("access_token") != "" {
			t.Fatalf("challenge: %d %s", challenge.status, challenge.text)
		}
		if a := postJSON(t, s.URL+hasCurrent, code); a.status != http.StatusForbidden {
			t.Errorf("wrong code: %d %s", a.status, a.text)
		}
		code["otp"] = emulator.DemoMFACode
		if a := postJSON(t, s.URL+hasCurrent, code); a.status != http.StatusOK || a.string("access_token") == "" {
			t.Errorf("right code: %d %s", a.status, a.text)
		}
		if a := postJSON(t, s.URL+hasCurrent, code); a.status != http.StatusForbidden {
			t.Errorf("a challenge that is over: %d %s", a.status, a.text)
		}
	}
}

func TestThreeWrongCodesEndTheChallenge(t *testing.T) {
	s := start(t, emulator.Config{})
	challenge := postJSON(t, s.URL+hasCurrent, password(emulator.DemoMFAUser))
	code := map[string]string{"mfa_token": challenge.string("mfa_token"), "otp": "000000", "grant_type": otp}
	for range 3 {
		postJSON(t, s.URL+hasCurrent, code)
	}
	code["otp"] = emulator.DemoMFACode
	if a := postJSON(t, s.URL+hasCurrent, code); a.status != http.StatusForbidden {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestUserLogin(t *testing.T) {
	s := start(t, emulator.Config{})
	for _, path := range []string{"/auth/userLogin", "/auth/username"} {
		for user, want := range map[string]string{
			emulator.DemoSSOUser: "sso", emulator.DemoUser: "username-password", "stranger@example.com": "username-password",
		} {
			if a := postJSON(t, s.URL+path, map[string]string{"username": user}); a.string("login_type") != want {
				t.Errorf("%s %s: %s, want %s", path, user, a.text, want)
			}
		}
		if a := postJSON(t, s.URL+path, map[string]string{}); a.status != http.StatusBadRequest {
			t.Errorf("%s without a name: %d", path, a.status)
		}
	}
}

func TestEndpoints(t *testing.T) {
	currentPaths := []string{hasCurrent, "/auth/userLogin", "/universal-auth/device/code/auth", "/universal-auth/device/code/token"}
	legacyPaths := []string{"/auth/username", "/auth/device/code/auth", "/auth/device/code/token"}
	missing := func(s *emulator.Server, path string) bool {
		return postJSON(t, s.URL+path, map[string]string{}).status == http.StatusNotFound
	}
	s := start(t, emulator.Config{Endpoints: emulator.EndpointsCurrent})
	check := func(name string, present, absent []string) {
		t.Helper()
		for _, path := range present {
			if missing(s, path) {
				t.Errorf("%s: %s is missing", name, path)
			}
		}
		for _, path := range absent {
			if !missing(s, path) {
				t.Errorf("%s: %s exists", name, path)
			}
		}
	}
	check("newer only", currentPaths, legacyPaths)
	if a := postJSON(t, s.URL+hasLegacy, password(emulator.DemoUser)); a.status != http.StatusBadRequest {
		t.Errorf("a password at the older address: %d", a.status)
	}
	s.Configure(func(c *emulator.Config) { c.Endpoints = emulator.EndpointsLegacy })
	check("older only", append(legacyPaths, hasLegacy), currentPaths)
	s.Configure(func(c *emulator.Config) { c.Endpoints, c.NoUserLogin = emulator.EndpointsBoth, true })
	check("no user login", []string{hasLegacy, hasCurrent}, []string{"/auth/userLogin", "/auth/username"})
	if a := do(t, request(t, http.MethodGet, s.URL+hasCurrent, "", "")); a.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", a.status)
	}
}
