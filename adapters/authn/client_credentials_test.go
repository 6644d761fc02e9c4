package authn_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func demo() map[string]string {
	return map[string]string{"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret}
}

func TestClientCredentials(t *testing.T) {
	server := taegistest.NewServer(t)
	for name, test := range map[string]struct {
		authenticator authn.ClientCredentials
		settings      map[string]string
	}{
		"settings": {settings: demo()},
		"values":   {authenticator: authn.ClientCredentials{ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret)}, settings: map[string]string{"CLIENT_ID": "another"}},
		"pasted":   {settings: map[string]string{"CLIENT_ID": "\u200b " + emulator.DemoClientID + "\n", "CLIENT_SECRET": "\ufeff" + emulator.DemoClientSecret + "\u00a0"}},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := test.authenticator.Authenticate(t.Context(), request(server, test.settings))
			if err != nil {
				t.Fatal(err)
			}
			want := core.ClientAccount(server.Environment.AuthHost(), emulator.DemoClientID)
			claims, _ := token.Claims()
			if token.Account != want || claims.ClientID != emulator.DemoClientID || token.Host != server.Environment.AuthHost() || token.Expiry.IsZero() {
				t.Errorf("%+v of %+v", token, claims)
			}
		})
	}
}

func TestAnIncompleteClientIsAnError(t *testing.T) {
	server := taegistest.NewServer(t)
	authenticator := &authn.ClientCredentials{}
	_, err := authenticator.Account(t.Context(), request(server, map[string]string{"CLIENT_ID": "x"}))
	wantFailure(t, err, false, "CLIENT_ID is set but CLIENT_SECRET is not", "set CLIENT_SECRET")
	_, err = authenticator.Account(t.Context(), request(server, map[string]string{"CLIENT_SECRET": "hidden", "CLIENT_ID": " "}))
	wantFailure(t, err, false, "CLIENT_SECRET is set but CLIENT_ID is not")
	renamed := request(server, nil)
	renamed.Lookup = func(name string) (core.Setting, bool) {
		if name == "CLIENT_ID" {
			return core.Setting{Variable: "CHARLIE_ID", NamedBy: "the file", Value: core.NewSecret("x")}, true
		}
		return core.Setting{Variable: "CHARLIE_SECRET", NamedBy: "the file"}, false
	}
	_, err = authenticator.Authenticate(t.Context(), renamed)
	wantFailure(t, err, false, "CHARLIE_ID (named by the file) is set but CHARLIE_SECRET (named by the file) is not")
	_, err = authenticator.Authenticate(t.Context(), request(server, map[string]string{"CLIENT_ID": "", "CLIENT_SECRET": ""}))
	wantNext(t, err, "CLIENT_ID and CLIENT_SECRET are not set")
	if server.Count("") != 0 {
		t.Error("something was sent")
	}
}

func TestADeniedClientEndsTheChain(t *testing.T) {
	server := taegistest.NewServer(t)
	settings := demo()
	settings["CLIENT_SECRET"] = "not-the-secret"
	_, err := (&authn.ClientCredentials{}).Authenticate(t.Context(), request(server, settings))
	wantFailure(t, err, true, "401", "unset CLIENT_ID CLIENT_SECRET", "and log in as a user")
	if strings.Contains(err.Error(), "not-the-secret") {
		t.Error("the error contains the secret")
	}
	if n := server.Count(clientRoute); n != 1 {
		t.Errorf("%d requests: a denied secret was sent again", n)
	}
	for _, status := range []int{400, 403} {
		server.AddFault(clientRoute, emulator.Fault{Times: 1, Status: status, Body: `{"error":"no"}`})
		_, err := (&authn.ClientCredentials{}).Authenticate(t.Context(), request(server, demo()))
		wantFailure(t, err, true, "no")
	}
}

func TestTransientErrorsAreRetried(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{
		"busy":        {Times: 2, Status: 503},
		"rate limit":  {Times: 1, Status: 429, RetryAfter: "1"},
		"dropped":     {Times: 1, Drop: true},
		"torn answer": {Times: 1, Truncate: true},
		"HTML":        {Times: 1, HTML: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := taegistest.NewServer(t)
			server.AddFault(clientRoute, fault)
			if _, err := (&authn.ClientCredentials{}).Authenticate(t.Context(), request(server, demo())); err != nil {
				t.Error(err)
			}
			if n := server.Count(clientRoute); n != fault.Times+1 {
				t.Errorf("%d requests, want %d", n, fault.Times+1)
			}
		})
	}
}

func TestPermanentErrorsOfAClient(t *testing.T) {
	server := taegistest.NewServer(t)
	server.AddFault(clientRoute, emulator.Fault{Status: 500, Body: "oops"})
	_, err := (&authn.ClientCredentials{}).Authenticate(t.Context(), request(server, demo()))
	wantFailure(t, err, false, "500")
	if n := server.Count(clientRoute); n != 3 {
		t.Errorf("%d requests, want the 3 of the limit", n)
	}
	gone := request(server, demo())
	gone.Environment, _ = core.NewEnvironment("gone", "http://127.0.0.1:1")
	_, err = (&authn.ClientCredentials{}).Authenticate(t.Context(), gone)
	wantFailure(t, err, false, "no connection to 127.0.0.1:1")
	if connection, ok := errors.AsType[*core.ConnectionError](err); !ok || connection.Sent {
		t.Errorf("error %v", err)
	}
	_, err = (&authn.ClientCredentials{AuthStyle: "guess"}).Authenticate(t.Context(), request(server, demo()))
	wantFailure(t, err, false, `"guess"`, "basic-form")
}

// answering is a server that gives one answer to all requests and stores the last request.
func answering(t *testing.T, status int, answer string) (core.LoginRequest, *http.Request, *string) {
	t.Helper()
	var last http.Request
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		last, body = *r, string(text)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	environment, err := core.NewEnvironment("test", server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return core.LoginRequest{Environment: environment, Retry: core.RetryLimits{MaxTries: 1}}, &last, &body
}

func TestAuthStyles(t *testing.T) {
	const id, secret = "the id", "sec ret/+%ö"
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
	for style, want := range map[authn.AuthStyle][2]string{ // Authorization and body
		"":                       {basic, "grant_type=client_credentials"},
		authn.AuthStyleBasicForm: {basic, "grant_type=client_credentials"},
		authn.AuthStyleBasicJSON: {basic, `{"grant_type":"client_credentials"}`},
		authn.AuthStyleBodyForm:  {"", "client_id=the+id&client_secret=sec+ret%2F%2B%25%C3%B6&grant_type=client_credentials"},
		authn.AuthStyleBodyJSON:  {"", `{"client_id":"the id","client_secret":"sec ret/+%ö","grant_type":"client_credentials"}`},
	} {
		req, last, body := answering(t, 200, `{"access_token":"opaque","expires_in":60}`)
		token, err := (&authn.ClientCredentials{ID: id, Secret: core.NewSecret(secret), AuthStyle: style}).Authenticate(t.Context(), req)
		if err != nil || token.AccessToken.Reveal() != "opaque" {
			t.Errorf("%q: %v, %v", style, token, err)
		}
		if got := last.Header.Get("Authorization"); got != want[0] || *body != want[1] || last.URL.Path != clientRoute {
			t.Errorf("%q sends %q and %q, want %q", style, got, *body, want)
		}
	}
}

func TestExpiryIsTheEarliest(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	// {"exp":1767225720}, two minutes after now
	jwt := "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"exp":1767225720}`)) + ".x"
	for answer, want := range map[string]time.Duration{
		`{"access_token":"` + jwt + `"}`:                                            2 * time.Minute,
		`{"access_token":"` + jwt + `","expires_in":60}`:                            time.Minute,
		`{"access_token":"` + jwt + `","expires_in":"3600"}`:                        2 * time.Minute,
		`{"access_token":"` + jwt + `","expiry":"2026-01-01T00:00:30.500000Z"}`:     30500 * time.Millisecond,
		`{"access_token":"opaque","expiry":"2026-01-01T00:00:30"}`:                  30 * time.Second,
		`{"access_token":"opaque","expires_in":-5,"expiry":"2026-01-01T01:00:00Z"}`: time.Hour,
	} {
		req, _, _ := answering(t, 200, answer)
		req.Now = func() time.Time { return now }
		token, err := (&authn.ClientCredentials{ID: "x", Secret: core.NewSecret("y")}).Authenticate(t.Context(), req)
		if err != nil || token.Expiry.Sub(now) != want {
			t.Errorf("%s: %v after now, %v; want %v", answer, token.Expiry.Sub(now), err, want)
		}
	}
}

func TestAnswersWithoutAToken(t *testing.T) {
	for answer, word := range map[string]string{
		``:                               "nothing",
		`<html>Log in to the guest WLAN`: "an HTML page",
		`[]`:                             "no JSON object",
		`{}`:                             "without an access_token",
		`{"access_token":"a b"}`:         "no header can hold",
		`{"access_token":7}`:             "without an access_token",
		`{"access_token":"` + strings.Repeat("x", 1<<20) + `"}`: "more than 1 MiB",
	} {
		req, _, _ := answering(t, 200, answer)
		_, err := (&authn.ClientCredentials{ID: "x", Secret: core.NewSecret("y")}).Authenticate(t.Context(), req)
		wantFailure(t, err, false, word)
	}
	req, _, _ := answering(t, 401, `{"error":"bad secret: H1dden Valu3","message":"for basic `+base64.StdEncoding.EncodeToString([]byte("x:H1dden Valu3"))+`"}`)
	_, err := (&authn.ClientCredentials{ID: "x", Secret: core.NewSecret("H1dden Valu3")}).Authenticate(t.Context(), req)
	wantFailure(t, err, true, "withheld")
	if strings.Contains(err.Error(), "Valu3") {
		t.Errorf("the error contains the secret: %v", err)
	}
}

func TestCredentialsDoNotFollowARedirect(t *testing.T) {
	other := taegistest.NewServer(t)
	server := httptest.NewServer(http.RedirectHandler(other.URL+clientRoute, http.StatusTemporaryRedirect))
	defer server.Close()
	req := request(other, demo())
	req.Environment, _ = core.NewEnvironment("test", server.URL)
	_, err := (&authn.ClientCredentials{}).Authenticate(t.Context(), req)
	wantFailure(t, err, false, "307", "redirect")
	if other.Count("") != 0 {
		t.Error("the client's secret went to another host")
	}
}
