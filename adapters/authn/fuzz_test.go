package authn_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/ports"
)

// The credentials of the fuzz test. Secrets of the server have the same mark.
const (
	mark           = "c4nary"
	markedSecret   = mark + "-of-the-client"
	markedPassword = mark + " of \"the\" user"
	markedCode     = mark + "123456"
)

// scripted is an answer of a server, or its failure to answer.
type scripted struct {
	status int
	body   string
	after  string // Retry-After
	broken bool   // the connection breaks behind the body
}

// FuzzLoginAnswers logs in with each authenticator at a server that answers anything. A token comes
// from a successful answer and does not expire later than that answer says. An error is typed, has
// a hint and contains no secret.
func FuzzLoginAnswers(f *testing.F) {
	const device = `{"device_code":"c4nary-device","user_code":"AB-CD","verification_uri":"https://a.example/x","interval":1e300,"expires_in":1e300}`
	for _, seed := range []struct {
		first  int
		bodies [3]string
	}{
		{200, [3]string{`{"access_token":"e30.eyJleHAiOjF9.c4nary","token_type":"bearer","expires_in":3600}`, "", ""}},
		{200, [3]string{`{"access_token":"c4nary-opaque","expires_in":1e300}`, "", ""}},
		{200, [3]string{`{"access_token":"c4nary-opaque","expires_in":"1e300","expiry":"9999-12-31T23:59:59-23:59"}`, "", ""}},
		{200, [3]string{`{"access_token":"c4nary-opaque","expires_in":-1,"expiry":"0000-01-01T00:00:00Z"}`, "", ""}},
		{200, [3]string{`{"access_token":"c4nary opaque","expires_in":NaN}`, `[]`, `null`}},
		{200, [3]string{device, `{"error":"slow_down"}`, `{"access_token":"c4nary-opaque","expires_in":"inf"}`}},
		{200, [3]string{strings.ReplaceAll(device, "https:", "javascript:"), "", ""}},
		{200, [3]string{strings.ReplaceAll(device, "1e300", "0"), `{"error":"authorization_pending"}`, `{"error":"expired_token"}`}},
		{200, [3]string{`{"login_type":"username-password"}`, `{"mfa_token":"c4nary-mfa"}`, `{"error":"c4nary-mfa","message":"c4nary123456"}`}},
		{200, [3]string{`{"login_type":"sso"}`, device, `{"error":"access_denied","error_description":"c4nary-device"}`}},
		{200, [3]string{`{"login_type":"c4nary-of-the-client"}`, "<html>", " \n"}},
		{401, [3]string{`{"error":"invalid_client","error_description":"c4nary-of-the-client is wrong"}`, "", ""}},
		{403, [3]string{`{"mfa_token":"c4nary-mfa","message":"c4nary of \"the\" user"}`, `{"mfa_token":"c4nary-again"}`, `{"message":"c4nary-again c4nary-mfa"}`}},
		{429, [3]string{`{"error":"x"}`, `{"access_token":"c4nary-opaque"}`, ""}},
		{302, [3]string{"", "", ""}},
		{404, [3]string{"{", device, `{"access_token":["c4nary"]}`}},
	} {
		for choice := range uint8(4) {
			f.Add(choice, uint16(seed.first-200), seed.bodies[0], "1", uint16(0), seed.bodies[1], "99999999999999999999", uint16(0), seed.bodies[2], "18446744074", choice == 3)
			f.Add(choice, uint16(seed.first-200), seed.bodies[0], "", uint16(200), seed.bodies[1], "Fri, 31 Dec 9999 23:59:59 GMT", uint16(303), seed.bodies[2], "-1", false)
		}
	}
	f.Add(uint8(0), uint16(201), `{"access_token":"c4nary-opaque","message":"not c4nary-opaque"}`, "", uint16(0), "", "", uint16(0), "", "", false)
	withRetry := strings.Replace(device, "1e300", "1", 1)
	f.Add(uint8(1), uint16(0), withRetry, "", uint16(303), "", "18446744074", uint16(0), `{"access_token":"c4nary-opaque"}`, "", false)
	f.Fuzz(func(t *testing.T, choice uint8, status1 uint16, body1, after1 string, status2 uint16, body2, after2 string, status3 uint16, body3, after3 string, broken bool) {
		replies := []scripted{
			{200 + int(status1)%400, body1, after1, false}, {200 + int(status2)%400, body2, after2, false}, {200 + int(status3)%400, body3, after3, broken},
		}
		synctest.Test(t, func(t *testing.T) { logIn(t, choice, replies) })
	})
}

func logIn(t *testing.T, choice uint8, replies []scripted) {
	env, err := core.NewEnvironment("lab", "https://lab.example")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := &hostile{t: t, replies: replies, cancel: cancel}
	var verifications []core.Verification
	req := core.LoginRequest{
		Environment: env, HTTP: &http.Client{Transport: server}, Timeout: time.Minute,
		Retry: core.RetryLimits{MaxTries: 3, MaxTime: time.Minute},
		Prompt: core.Prompt{
			ShowVerification: func(_ context.Context, l core.Verification) error {
				verifications = append(verifications, l)
				return nil
			},
			AskText: func(context.Context, string) (string, error) { return "ann", nil },
			AskSecret: func(_ context.Context, label string) (core.Secret, error) {
				if strings.Contains(label, "MFA") {
					return core.NewSecret(markedCode), nil
				}
				return core.NewSecret(markedPassword), nil
			},
		},
	}
	authenticator := []ports.Authenticator{
		&authn.ClientCredentials{ID: "id", Secret: core.NewSecret(markedSecret), AuthStyle: []authn.AuthStyle{authn.AuthStyleBasicForm, authn.AuthStyleBodyJSON}[choice/4%2]},
		&authn.DeviceCode{}, &authn.Password{}, &authn.Interactive{},
	}[choice%4]
	token, err := authenticator.Authenticate(ctx, req)
	for _, l := range verifications {
		u, parseErr := url.Parse(l.URI)
		if parseErr != nil || u.Scheme != "https" && !netaddr.IsLoopback(u.Hostname()) || l.ExpiresAt.Before(time.Now().AddDate(-200, 0, 0)) {
			t.Errorf("the user is shown %+v", l)
		}
	}
	if err != nil {
		server.failed(token, err, ctx.Err() != nil)
		return
	}
	server.minted(token)
	if token.Host != env.AuthHost() || token.Origin == "" || token.Account == "" {
		t.Errorf("token %+v", token)
	}
}

// hostile is a server that gives replies in turn. The last one repeats until the user cancels.
type hostile struct {
	t       *testing.T
	replies []scripted
	cancel  func()
	served  []scripted
	early   time.Time // before which the request of path is not to come again
	path    string
	typed   int      // how often the password came
	told    []string // what is secret of its answers
	secrets []string // what the last request and its answer held, which no error may show
}

func (s *hostile) RoundTrip(req *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(req.Body)
	if err != nil {
		s.t.Error(err)
	}
	if req.Method != http.MethodPost || req.URL.Host != "lab.example" || req.URL.Scheme != "https" {
		s.t.Errorf("%s %s", req.Method, req.URL)
	}
	if req.URL.Path == s.path && time.Now().Before(s.early) {
		s.t.Errorf("repeated %v too early", time.Until(s.early))
	}
	s.secrets = nil
	for _, secret := range append(s.told, markedSecret, markedPassword, markedCode, base64.StdEncoding.EncodeToString([]byte("id:"+markedSecret))) {
		sent, _ := json.Marshal(secret)
		if strings.Contains(req.Header.Get("Authorization")+string(text), strings.Trim(string(sent), `"`)) {
			s.secrets = append(s.secrets, secret)
		}
	}
	if strings.Contains(string(text), `"password":`) {
		if s.typed++; s.typed > 1 && !slices.Contains([]int{404, 405}, s.served[len(s.served)-1].status) {
			s.t.Error("the password was sent again")
		}
	}
	r := s.replies[min(len(s.served), len(s.replies)-1)]
	s.served = append(s.served, r)
	var fields map[string]any
	_ = json.Unmarshal([]byte(r.body), &fields) // else it has none
	for _, name := range []string{"access_token", "device_code", "mfa_token"} {
		if secret, _ := fields[name].(string); strings.Contains(secret, mark) {
			s.told, s.secrets = append(s.told, secret), append(s.secrets, secret)
		}
	}
	if len(s.served) > 12 {
		s.cancel()
	}
	s.path, s.early = req.URL.Path, time.Time{}
	if wait, ok := new(big.Int).SetString(r.after, 10); ok && wait.Sign() > 0 && passes(r.status) && !r.broken {
		century := big.NewInt(100 * 365 * 24 * 3600)
		if wait.Cmp(century) > 0 {
			wait = big.NewInt(60 * 365 * 24 * 3600) // it makes no difference
		}
		s.early = time.Now().Add(time.Duration(wait.Int64()) * time.Second)
	}
	body := io.Reader(strings.NewReader(r.body))
	if r.broken {
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	header := http.Header{"Retry-After": {r.after}, "Location": {"https://evil.example/"}}
	return &http.Response{StatusCode: r.status, Header: header, Body: io.NopCloser(body), Request: req}, nil
}

// passes reports whether a request may be repeated after an answer with that status.
func passes(status int) bool { return status == 408 || status == 429 || status >= 500 }

// failed checks the error of a login, which the user may have cancelled.
func (s *hostile) failed(token core.Token, err error, gaveUp bool) {
	_, isLogin := errors.AsType[*core.LoginError](err)
	_, isUnavailable := errors.AsType[*core.UnavailableError](err)
	if !token.IsZero() || !isLogin && !isUnavailable || core.Hint(err) == "" && !gaveUp {
		s.t.Errorf("error %v (%T), want one of a type and with a hint", err, err)
	}
	text := err.Error()
	if strings.ContainsAny(text, "\n\r\x1b") {
		s.t.Errorf("the error is more than a line: %q", text)
	}
	for _, secret := range s.secrets {
		if strings.Contains(text, secret) {
			s.t.Errorf("the error contains %q: %q", secret, text)
		}
	}
}

// minted checks the token of a login.
func (s *hostile) minted(token core.Token) {
	access := token.AccessToken.Reveal()
	at := slices.IndexFunc(s.served, func(r scripted) bool {
		var answer struct {
			Token string `json:"access_token"`
		}
		var fields map[string]json.RawMessage
		return r.status < 300 && !r.broken && json.Unmarshal([]byte(r.body), &fields) == nil &&
			json.Unmarshal(fields["access_token"], &answer.Token) == nil && answer.Token == access
	})
	if at < 0 {
		s.t.Fatal("a token that the server did not issue")
	}
	if strings.ContainsFunc(access, func(r rune) bool { return r <= ' ' || r > '~' }) {
		s.t.Errorf("a token that no header holds: %q", access)
	}
	now := time.Now()
	if claims, err := token.Claims(); err == nil && !claims.Expiry.IsZero() && token.Expiry.After(claims.Expiry) {
		s.t.Errorf("it expires at %v, later than it says", token.Expiry)
	}
	if _, err := token.Expiry.UTC().MarshalJSON(); err != nil {
		s.t.Errorf("its expiry %v cannot be written down: %v", token.Expiry, err)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(s.served[at].body), &fields); err != nil {
		return // a number beyond float64 next to it
	}
	const decades = 1e9 // seconds
	life, _ := fields["expires_in"].(float64)
	claims, _ := token.Claims()
	switch limit := now.Add(time.Duration(min(life, decades) * 1e9)); {
	case life > 0 && life < decades && (token.Expiry.IsZero() || token.Expiry.After(limit.Add(time.Second))),
		life >= decades && fields["expiry"] == nil && claims.Expiry.IsZero() && token.Expiry.Before(limit):
		s.t.Errorf("it expires at %v, and has a life of %v s", token.Expiry, life)
	}
}
