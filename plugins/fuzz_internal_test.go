package plugins

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// hostsSecret is what the plugin was told in confidence.
const hostsSecret = "c4nary of the host's"

// wire is what a message is sent as.
func wire(t testing.TB, m proto.Message) []byte {
	t.Helper()
	text, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// target is a plugin that is not started, and a login.
func target(t testing.TB) (*Plugin, core.LoginRequest) {
	t.Helper()
	p, err := New(Config{Name: "acme", Path: "/acme", Settings: map[string]string{"a": "b"}, Env: []string{"SECRET"}})
	if err != nil {
		t.Fatal(err)
	}
	env, err := core.FindEnvironment("delta")
	if err != nil {
		t.Fatal(err)
	}
	return p, core.LoginRequest{Environment: env, Now: func() time.Time { return time.Unix(1_700_000_000, 0) }}
}

// FuzzPluginAnswers has a plugin answer any message. A token is of the environment, the credential
// and the link that were asked, and lives no longer than the message and the token say; an error
// has a type, a hint and one line without secrets.
func FuzzPluginAnswers(f *testing.F) {
	for _, expiry := range []*timestamppb.Timestamp{nil, {}, {Seconds: 1_800_000_000}, {Seconds: -1}, {Seconds: 1 << 62}, {Nanos: -1}, {Seconds: -62135596800}} {
		for _, access := range []string{"", "opaque", "e30.eyJleHAiOjE3MDAwMDAwMDB9.x", "e30.eyJleHAiOi01fQ.x", "a b", "\u2028"} {
			f.Add(wire(f, &contract.AuthenticateResponse{Outcome: &contract.AuthenticateResponse_Token{Token: &contract.Token{AccessToken: access, Expiry: expiry}}}))
		}
	}
	for code := range contract.Failure_Code_name {
		f.Add(wire(f, &contract.AuthenticateResponse{Outcome: &contract.AuthenticateResponse_Failure{Failure: &contract.Failure{
			Code: contract.Failure_Code(code), Reason: "no\u00a0badge\u3000" + hostsSecret + "\x1b[2J\n", Hint: hostsSecret, Host: "\r" + hostsSecret, Status: -5,
		}}}))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, text []byte) {
		var m contract.AuthenticateResponse
		if proto.Unmarshal(text, &m) != nil {
			return // gRPC refuses it
		}
		p, req := target(t)
		said := &printed{}
		said.withhold(core.NewSecret(hostsSecret))
		token, err := p.outcome(&m, req, said)
		if err != nil {
			presentable(t, token, err)
			return
		}
		access := token.AccessToken.Reveal()
		if access != m.GetToken().GetAccessToken() || access == "" || strings.ContainsFunc(access, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("the token %q", access)
		}
		if token.Account != p.account(req).With(m.GetAccount()) || token.Host != req.Environment.AuthHost() || token.Origin != p.name {
			t.Fatalf("the token is of another: %+v", token)
		}
		claims, _ := token.Claims()
		for _, stated := range []time.Time{m.GetToken().GetExpiry().AsTime(), claims.Expiry} {
			if is := m.GetToken().GetExpiry() != nil || !claims.Expiry.IsZero(); !is {
				continue
			}
			if token.Expiry.IsZero() || (m.GetToken().GetExpiry() != nil || stated.Equal(claims.Expiry)) && !stated.IsZero() && token.Expiry.After(stated) {
				t.Fatalf("it expires at %v, stated is %v", token.Expiry, stated)
			}
		}
	})
}

// presentable checks an error that a plugin is the cause of.
func presentable(t *testing.T, token core.Token, err error) {
	t.Helper()
	_, isLogin := errors.AsType[*core.LoginError](err)
	_, isUnavailable := errors.AsType[*core.UnavailableError](err)
	text := fmt.Sprintf("%v %v", err, core.Hint(err))
	if !token.IsZero() || !isLogin && !isUnavailable || core.Hint(err) == "" {
		t.Fatalf("error %v (%T), want one of a type and with a hint", err, err)
	}
	if strings.ContainsFunc(text, hidden) || len([]rune(text)) > 4*shownOutput {
		t.Fatalf("the error is not fit to be shown: %q", text)
	}
	if strings.Contains(text, hostsSecret) {
		t.Fatalf("the error shows a secret: %q", text)
	}
}

// hidden reports whether a character is neither visible nor a space of any language.
func hidden(r rune) bool { return !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) }

// FuzzPluginQuestions has a plugin ask a user anything. What the user sees is one line that says
// who asks, a link that is safe to open, and a time that is one.
func FuzzPluginQuestions(f *testing.F) {
	for _, address := range []string{"https://a.example/?code=x", "http://localhost:1", "http://a.example", "javascript:1", "https://u:p@a.example", "https://", "file:///etc", "https://a\n", "HTTPS://a", "http://127.0.0.1.a.example"} {
		f.Add(uint8(0), wire(f, &contract.ShowVerificationRequest{Url: address, Code: address + "\x1b", Expires: &timestamppb.Timestamp{Seconds: int64(len(address)) << 57}}))
	}
	for kind, m := range []proto.Message{
		&contract.ShowVerificationRequest{Url: "https://a.example", Code: strings.Repeat("x", 99), Expires: timestamppb.Now()},
		&contract.AskRequest{Label: "[taegis] \u202e\rPassword:\n"}, &contract.AskRequest{Label: strings.Repeat("\u00e9", 999)},
		&contract.NotifyRequest{Message: "a\u00a0b\x1b]0;x\x07"}, &contract.CountdownRequest{Left: &durationpb.Duration{Seconds: -1 << 62, Nanos: -1}},
	} {
		f.Add(uint8(kind), wire(f, m))
	}
	f.Fuzz(func(t *testing.T, kind uint8, text []byte) {
		p := &promptServer{name: "plugin:acme", told: func(core.Secret) {}, clock: newClock(time.Hour, time.Hour, func(bool) {})}
		defer p.clock.stop()
		p.prompt = seeing(t)
		switch ctx := t.Context(); kind % 5 {
		case 0:
			ask(ctx, text, new(contract.ShowVerificationRequest), p.ShowVerification)
		case 1:
			ask(ctx, text, new(contract.AskRequest), p.AskText)
		case 2:
			ask(ctx, text, new(contract.AskRequest), p.AskSecret)
		case 3:
			ask(ctx, text, new(contract.NotifyRequest), p.Notify)
		case 4:
			ask(ctx, text, new(contract.CountdownRequest), p.Countdown)
		}
	})
}

// ask passes a message on, if it is one.
func ask[M proto.Message, A any](ctx context.Context, text []byte, m M, method func(context.Context, M) (A, error)) {
	if proto.Unmarshal(text, m) == nil {
		_, _ = method(ctx, m) // what matters is what the user sees
	}
}

// seeing is a prompt that checks what is put before the user.
func seeing(t *testing.T) core.Prompt {
	said := func(text string) {
		if !strings.HasPrefix(text, "[plugin:acme] ") || strings.ContainsFunc(text, hidden) || len([]rune(text)) > maxLabel+20 {
			t.Errorf("the user reads %q", text)
		}
	}
	return core.Prompt{
		ShowVerification: func(_ context.Context, page core.Verification) error {
			u, err := url.Parse(page.URI)
			safe := err == nil && u.User == nil && u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http" && netaddr.IsLoopback(u.Hostname()))
			shown := page.URI + page.UserCode
			if !safe || strings.ContainsFunc(shown, hidden) || len(shown) > maxAddress+8*maxCode {
				t.Errorf("the user is shown %+v", page)
			}
			if year := page.ExpiresAt.Year(); year < 1 || year > 9999 {
				t.Errorf("the link expires in the year %d", year)
			}
			return nil
		},
		AskText: func(_ context.Context, label string) (string, error) { said(label); return "", nil },
		AskSecret: func(_ context.Context, label string) (core.Secret, error) {
			said(label)
			return core.NewSecret(""), nil
		},
		Notify: func(_ context.Context, message string) { said(message) },
		Countdown: func(_ context.Context, left time.Duration) {
			if left < 0 {
				t.Errorf("there are %v left", left)
			}
		},
	}
}

// FuzzPluginContract sends any request to the plugin's side and any outcome back. Both arrive as
// they were sent, or are refused with an error that says what cannot be sent.
func FuzzPluginContract(f *testing.F) {
	f.Add("SECRET", "https://a.example", hostsSecret, "a reason", int64(1_800_000_000), uint8(0))
	f.Add("a", "", "caf\xe9", "caf\xe9", int64(-1), uint8(1))
	f.Add("\xff", "\xff", "", "\xff\n", int64(1)<<62, uint8(2))
	for kind := range uint8(6) {
		f.Add("x", "y", "opaque", "no: \"\u2028", int64(253402300800), kind)
	}
	f.Fuzz(func(t *testing.T, name, address, value, reason string, expiry int64, kind uint8) {
		p, req := target(t)
		p.config.Settings = map[string]string{name: reason}
		req.Environment.APIURL, req.NonInteractive, req.Timeout = address, reason, time.Duration(expiry)
		if req.HomePlatform = core.PlatformFusion; kind%2 == 0 {
			req.Environment.Platform, req.HomePlatform = core.PlatformFusion, core.PlatformTaegis
		}
		req.Lookup = func(name string) (core.Setting, bool) {
			if name != "SECRET" {
				return core.Setting{Variable: name}, false
			}
			return core.Setting{Value: core.NewSecret(value), Variable: name, NamedBy: address}, true
		}
		m, err := p.request(req)
		if err != nil {
			if _, ok := errors.AsType[*core.LoginError](err); !ok || core.Hint(err) == "" || len(value) > 5 && strings.Contains(err.Error(), value) {
				t.Fatalf("error %v", err)
			}
			return
		}
		var received contract.AuthenticateRequest
		if err := proto.Unmarshal(wire(t, m), &received); err != nil {
			t.Fatal(err)
		}
		got := decodeLogin(&received, nil, core.Prompt{})
		if !sameRequest(got, req) {
			t.Fatalf("%+v arrives as %+v", req, got)
		}
		for _, key := range []string{name, "SECRET"} {
			want, _ := req.Setting(key)
			if want.Value.IsZero() {
				want.NamedBy = "" // what is empty is not sent
			}
			if own, is := p.config.Settings[key]; is {
				want = core.Setting{Value: core.NewSecret(own)}
			}
			if s, _ := got.Lookup(key); !s.Value.Equal(want.Value) || s.NamedBy != want.NamedBy {
				t.Fatalf("the setting %q arrives as %+v", key, s)
			}
		}
		sendBack(t, p, req, outcomeOf(kind, value, reason, expiry))
	})
}

func sameRequest(a, b core.LoginRequest) bool {
	x, y := a.Environment, b.Environment
	return x.Name == y.Name && x.Canonical == y.Canonical && slices.Equal(x.Aliases, y.Aliases) && x.APIURL == y.APIURL &&
		x.AuthURL == y.AuthURL && x.TenantsURL == y.TenantsURL &&
		x.Platform == y.Platform && a.HomePlatform == b.HomePlatform && a.NonInteractive == b.NonInteractive && a.Timeout == b.Timeout
}

// A token that claims the other platform is an error of the plugin.
func TestAPluginsTokenOfTheOtherPlatform(t *testing.T) {
	p, req := target(t)
	token := &contract.Token{AccessToken: "e30.eyJodHRwczovL21pc3Npb25lL29jdG9sYWJzL2lvL3RlbmFudElkcyI6WyIxNDU4MzEiXX0.x"}
	if _, err := p.token(token, req); err != nil {
		t.Errorf("on its own platform: %v", err)
	}
	req.Environment.Platform = core.PlatformFusion
	if _, err := p.token(token, req); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "of the platform taegis") {
		t.Errorf("on the other platform: %v", err)
	}
}

// loggedIn is an authenticator that comes to an outcome.
type loggedIn struct {
	token core.Token
	err   error
}

func (s loggedIn) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "", nil
}

func (s loggedIn) Authenticate(context.Context, core.LoginRequest) (core.Token, error) {
	return s.token, s.err
}

func outcomeOf(kind uint8, access, reason string, expiry int64) loggedIn {
	switch kind % 6 {
	case 0:
		return loggedIn{token: core.Token{AccessToken: core.NewSecret(access), Expiry: time.Unix(expiry, 0)}}
	case 1:
		return loggedIn{err: &core.UnavailableError{Reason: reason, HintText: reason}}
	case 2:
		return loggedIn{err: &core.LoginError{Reason: reason, Denied: true}}
	case 3:
		return loggedIn{err: fmt.Errorf("%s: %w", reason, core.ErrCancelled)}
	case 4:
		return loggedIn{err: &core.ConnectionError{Operation: reason, Host: reason, Err: errors.New(reason)}}
	}
	return loggedIn{err: errors.New(reason)}
}

// sendBack has the plugin's side answer with an outcome, and compares what comes of it at the host.
func sendBack(t *testing.T, p *Plugin, req core.LoginRequest, sent loggedIn) {
	t.Helper()
	s := &server{authenticator: sent}
	answer, err := s.Authenticate(t.Context(), &contract.AuthenticateRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var received contract.AuthenticateResponse
	if err := proto.Unmarshal(wire(t, answer), &received); err != nil {
		t.Fatal(err)
	}
	token, err := p.outcome(&received, req, &printed{})
	if err != nil {
		presentable(t, token, err)
	}
	if sent.err == nil {
		if err == nil && !token.AccessToken.Equal(sent.token.AccessToken) {
			t.Fatalf("the token arrives as %q", token.AccessToken.Reveal())
		}
		return
	}
	for _, mark := range []error{core.ErrUnavailable, core.ErrDenied, core.ErrCancelled} {
		if errors.Is(err, mark) != errors.Is(sent.err, mark) {
			t.Fatalf("%v arrives as %v", sent.err, err)
		}
	}
}
