package authn_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestInteractiveChoosesTheLoginOfEachUser(t *testing.T) {
	for name, test := range map[string]struct {
		change        func(*emulator.Config)
		user          string
		typed         []string // for the user name, if not the name itself
		answers       []string // after the user name
		verifications int
	}{
		"single sign-on":                   {user: emulator.DemoSSOUser, verifications: 1},
		"single sign-on, legacy endpoints": {change: older, user: emulator.DemoSSOUser, verifications: 1},
		"password":                         {user: emulator.DemoUser, answers: []string{emulator.DemoPassword}},
		"password, legacy endpoints":       {change: older, user: emulator.DemoUser, answers: []string{emulator.DemoPassword}},
		"password, newer endpoints":        {change: newer, user: emulator.DemoUser, answers: []string{emulator.DemoPassword}},
		"second factor":                    {user: emulator.DemoMFAUser, answers: []string{emulator.DemoPassword, emulator.DemoMFACode}},
		"no endpoint to ask":               {change: func(c *emulator.Config) { c.NoUserLogin = true }, user: emulator.DemoSSOUser, verifications: 1},
		"a name with spaces":               {user: emulator.DemoSSOUser, typed: []string{"  ", " " + emulator.DemoSSOUser + "\n"}, verifications: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := test.change
			if change == nil {
				change = func(*emulator.Config) {}
			}
			typed := test.typed
			if typed == nil {
				typed = []string{test.user}
			}
			p := newTestUser(t, taegistest.NewServer(t, change), append(typed, test.answers...)...)
			token, err := p.logIn(&authn.Interactive{})
			wantUser(t, token, err, test.user)
			if len(p.verifications) != test.verifications || p.labels[0] != "Username: " || token.Account != core.AnyUserAccount {
				t.Errorf("%d verifications, questions %q, account %q", len(p.verifications), p.labels, token.Account)
			}
		})
	}
}

func TestAnUnknownLoginMethod(t *testing.T) {
	server := taegistest.NewServer(t)
	server.AddFault(userLoginRoute, emulator.Fault{Status: 200, Body: `{"login_type":"retina-scan"}`})
	for _, authenticator := range []ports.Authenticator{&authn.Interactive{}, &authn.Password{}} {
		_, err := newTestUser(t, server, emulator.DemoUser).logIn(authenticator)
		wantFailure(t, err, false, `"retina-scan"`, emulator.DemoUser)
	}
}

func TestAnOrganizationWithSingleSignOnHasNoPassword(t *testing.T) {
	_, err := newTestUser(t, taegistest.NewServer(t), emulator.DemoSSOUser).logIn(&authn.Password{})
	wantNext(t, err, "uses single sign-on", "method sso")
}

func TestSecondFactor(t *testing.T) {
	right := emulator.DemoMFACode
	for name, test := range map[string]struct {
		status int
		codes  []string
		denied bool
	}{
		"right":                {codes: []string{right}},
		"challenge by 401":     {status: 401, codes: []string{right}},
		"challenge by 403":     {status: 403, codes: []string{right}},
		"typed in groups":      {codes: []string{" " + right[:3] + " " + right[3:]}},
		"wrong, then right":    {codes: []string{"000000", right}},
		"twice wrong, right":   {codes: []string{"000000", "111111", right}},
		"three times wrong":    {codes: []string{"000000", "111111", "222222"}, denied: true},
		"empty line, then one": {codes: []string{"", right}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := taegistest.NewServer(t, func(c *emulator.Config) { c.MFAStatus = test.status })
			p := newTestUser(t, server, append([]string{emulator.DemoPassword}, test.codes...)...)
			token, err := p.logIn(&authn.Password{Username: emulator.DemoMFAUser})
			if test.denied {
				wantFailure(t, err, true, "3 wrong MFA codes")
				if strings.Contains(err.Error(), "222222") {
					t.Error("the error contains a code")
				}
			} else {
				wantUser(t, token, err, emulator.DemoMFAUser)
			}
			if labels := slices.Compact(p.labels); !slices.Equal(labels, []string{"Password: ", "MFA code: "}) {
				t.Errorf("questions %q", p.labels)
			}
			if purpose := "Logging in to loopback at " + strings.TrimPrefix(server.URL, "http://") + "."; p.notified[0] != purpose {
				t.Errorf("notified %q, want %q first", p.notified, purpose)
			}
			if len(p.notified) > 1 && p.notified[1] != "Wrong code, 2 tries left." {
				t.Errorf("notified %q", p.notified)
			}
		})
	}
}

func TestAPasswordIsSentOnce(t *testing.T) {
	for name, test := range map[string]struct {
		fault  emulator.Fault
		denied bool
		word   string
	}{
		"refused":     {emulator.Fault{Status: 401, Body: `{"error":"invalid_grant"}`}, true, "invalid_grant"},
		"busy":        {emulator.Fault{Status: 503}, false, "was not sent again"},
		"rate limit":  {emulator.Fault{Status: 429}, false, "locked"},
		"dropped":     {emulator.Fault{Drop: true}, false, "no answer"},
		"torn answer": {emulator.Fault{Truncate: true}, false, "no answer"},
		"late":        {emulator.Fault{Delay: time.Hour}, false, "no answer within"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := time.Minute
			if test.fault.Delay > 0 {
				timeout = 200 * time.Millisecond
			}
			var server *emulator.Server
			var err error
			for ; server == nil || server.Count(passwordRoute) == 0 && timeout < time.Minute; timeout *= 2 { // until what comes before is in time
				server = taegistest.NewServer(t)
				server.AddFault(passwordRoute, test.fault)
				req := request(server, nil)
				req.Prompt, req.Timeout = newTestUser(t, server, emulator.DemoPassword).prompt(), timeout
				_, err = (&authn.Password{Username: emulator.DemoUser}).Authenticate(t.Context(), req)
			}
			wantFailure(t, err, test.denied, test.word)
			if n := server.Count(passwordRoute) + server.Count(clientRoute); n != 1 || strings.Contains(err.Error(), emulator.DemoPassword) {
				t.Errorf("sent %d times; %v", n, err)
			}
		})
	}
}

func TestTheLegacyEndpointIsUsedOnlyIfTheCurrentIsAbsent(t *testing.T) {
	for status, asked := range map[int]int{404: 1, 405: 1, 410: 0, 400: 0, 500: 0} {
		server := taegistest.NewServer(t)
		server.AddFault(passwordRoute, emulator.Fault{Status: status})
		_, _ = newTestUser(t, server, emulator.DemoPassword).logIn(&authn.Password{Username: emulator.DemoUser})
		if n := server.Count(clientRoute); n != asked {
			t.Errorf("after %d the legacy endpoint got %d requests, want %d", status, n, asked)
		}
	}
	server := taegistest.NewServer(t)
	for _, route := range []string{passwordRoute, clientRoute} {
		server.AddFault(route, emulator.Fault{Status: 404})
	}
	_, err := newTestUser(t, server, emulator.DemoPassword).logIn(&authn.Password{Username: emulator.DemoUser})
	wantNext(t, err, "no endpoint for passwords")
	for _, route := range []string{deviceRoute, "/auth/device/code/auth"} {
		server.AddFault(route, emulator.Fault{Status: 404})
	}
	_, err = newTestUser(t, server).logIn(&authn.DeviceCode{})
	wantNext(t, err, "no endpoint for single sign-on")
}

func TestDeviceCode(t *testing.T) {
	for name, test := range map[string]emulator.Device{
		"held":                  {},
		"held, approved late":   {ApproveAfter: 50 * time.Millisecond},
		"polling":               {Poll: true, ApproveAfter: 50 * time.Millisecond},
		"no complete URI":       {NoCompleteURI: true},
		"a server that is slow": {ApproveAfter: 50 * time.Millisecond, CodeLifetime: time.Minute},
	} {
		for generation, endpoints := range map[string]func(*emulator.Config){"newer": newer, "older": older} {
			t.Run(name+"/"+generation, func(t *testing.T) {
				t.Parallel()
				server := taegistest.NewServer(t, endpoints, func(c *emulator.Config) { c.Device = test })
				p := newTestUser(t, server)
				if test.ApproveAfter > 0 {
					p.follow = func(core.Verification) error { return nil }
				}
				token, err := p.logIn(&authn.DeviceCode{})
				wantUser(t, token, err, emulator.DemoSSOUser)
				shown := p.verifications[0]
				if !strings.Contains(shown.URI, "user_code="+shown.UserCode) || !strings.HasPrefix(shown.URI, server.URL) || shown.ExpiresAt.Before(time.Now()) {
					t.Errorf("the verification is %+v", shown)
				}
			})
		}
	}
}

func TestADeniedVerificationIsDenied(t *testing.T) {
	p := newTestUser(t, taegistest.NewServer(t))
	p.follow = func(v core.Verification) error { return p.server.Deny(v.UserCode) }
	_, err := p.logIn(&authn.DeviceCode{})
	wantFailure(t, err, true, "declined in the browser")
}

func TestTransientErrorsWhileWaitingForTheUser(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{
		"busy": {Times: 1, Status: 503}, "dropped": {Times: 1, Drop: true}, "HTML": {Times: 1, HTML: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := taegistest.NewServer(t, func(c *emulator.Config) { c.Device.Interval = time.Second })
			server.AddFault(deviceToken, fault)
			p := newTestUser(t, server)
			token, err := p.logIn(&authn.DeviceCode{})
			wantUser(t, token, err, emulator.DemoSSOUser)
			if len(p.verifications) != 1 {
				t.Errorf("%d verifications", len(p.verifications))
			}
		})
	}
}

func TestAnUnsafeVerificationURIIsNotShown(t *testing.T) {
	for _, address := range []string{"", "http://evil.example/x", "file:///etc/passwd", "javascript:alert(1)", "https://"} {
		server := taegistest.NewServer(t)
		server.AddFault(deviceRoute, emulator.Fault{Status: 200, Body: fmt.Sprintf(`{"device_code":"x","user_code":"y","verification_uri":%q}`, address)})
		p := newTestUser(t, server)
		_, err := p.logIn(&authn.DeviceCode{})
		wantFailure(t, err, false, "safe to open")
		if len(p.verifications) != 0 {
			t.Errorf("%s was shown", address)
		}
	}
}

func TestNoPrompt(t *testing.T) {
	server := taegistest.NewServer(t)
	authenticators := []ports.Authenticator{&authn.Interactive{}, &authn.DeviceCode{}, &authn.Password{}}
	for _, authenticator := range authenticators {
		_, err := authenticator.Authenticate(t.Context(), request(server, nil))
		wantNext(t, err, "cannot prompt", "CLIENT_ID")
		forbidden := request(server, nil)
		forbidden.Prompt, forbidden.NonInteractive = newTestUser(t, server).prompt(), "--no-input was given"
		account, err := authenticator.Account(t.Context(), forbidden)
		wantNext(t, err, "--no-input was given")
		if account != core.AnyUserAccount {
			t.Errorf("the account returned with the error is %q", account)
		}
	}
	for word, prompt := range map[string]core.Prompt{
		"show a page":         {AskText: newTestUser(t, server).prompt().AskText},
		"ask for a user name": {ShowVerification: newTestUser(t, server).prompt().ShowVerification},
	} {
		req := request(server, nil)
		req.Prompt = prompt
		authenticator := authenticators[0]
		if word == "show a page" {
			authenticator = authenticators[1]
		}
		_, err := authenticator.Account(t.Context(), req)
		wantNext(t, err, word)
	}
	if server.Count("") != 0 {
		t.Error("something was sent")
	}
}

func TestCancellingEndsTheChain(t *testing.T) {
	server := taegistest.NewServer(t)
	req := request(server, nil)
	req.Prompt = newTestUser(t, server).prompt()
	req.Prompt.AskText = func(context.Context, string) (string, error) { return "", core.ErrCancelled }
	req.Prompt.ShowVerification = func(context.Context, core.Verification) error { return core.ErrCancelled }
	for _, authenticator := range []ports.Authenticator{&authn.Interactive{}, &authn.DeviceCode{}, &authn.Password{}} {
		_, err := authenticator.Authenticate(t.Context(), req)
		wantFailure(t, err, false, "cancelled")
		if !errors.Is(err, core.ErrCancelled) {
			t.Errorf("error %v", err)
		}
	}
	_, err := newTestUser(t, server, "", " ", "").logIn(&authn.Password{})
	wantFailure(t, err, false, "only empty lines")
}

func TestUserNamesSeparateAccounts(t *testing.T) {
	server := taegistest.NewServer(t)
	want := core.UserAccount(server.Environment.AuthHost(), emulator.DemoSSOUser)
	for _, authenticator := range []ports.Authenticator{
		&authn.Interactive{Username: emulator.DemoSSOUser}, &authn.DeviceCode{Username: " " + strings.ToUpper(emulator.DemoSSOUser)},
	} {
		token, err := newTestUser(t, server).logIn(authenticator)
		if err != nil || token.Account != want {
			t.Errorf("%q, %v; want %q", token.Account, err, want)
		}
	}
}
