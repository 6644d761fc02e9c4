package authn_test

import (
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestConformance(t *testing.T) {
	secrets := []string{emulator.DemoClientSecret, emulator.DemoPassword, emulator.DemoMFACode}
	for name, test := range map[string]struct {
		authenticator ports.Authenticator
		settings      map[string]string
		answers       []string
	}{
		"access token":              {authenticator: &authn.StaticToken{Token: core.NewSecret("opaque")}},
		"access token by a setting": {authenticator: &authn.StaticToken{}, settings: map[string]string{"TAEGIS_ACCESS_TOKEN": "opaque"}},
		"client credentials":        {authenticator: &authn.ClientCredentials{}, settings: demo()},
		"client in code":            {authenticator: &authn.ClientCredentials{ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret)}},
		"device code":               {authenticator: &authn.DeviceCode{}},
		"password":                  {authenticator: &authn.Password{}, answers: []string{emulator.DemoMFAUser, emulator.DemoPassword, emulator.DemoMFACode}},
		"password of a user":        {authenticator: &authn.Password{Username: emulator.DemoUser}, answers: []string{emulator.DemoPassword}},
		"user login":                {authenticator: &authn.Interactive{}, answers: []string{emulator.DemoUser, emulator.DemoPassword}},
	} {
		t.Run(name, func(t *testing.T) {
			portstest.Authenticator(t, func(t *testing.T) portstest.Login {
				server := taegistest.NewServer(t)
				req := request(server, test.settings)
				req.Prompt = newTestUser(t, server, test.answers...).prompt()
				return portstest.Login{Authenticator: test.authenticator, Request: req, Secrets: secrets}
			})
		})
	}
}

func TestStaticToken(t *testing.T) {
	server := taegistest.NewServer(t)
	expired := taegistest.NewServer(t, func(c *emulator.Config) { c.TokenLifetime = -time.Minute })
	_, err := (&authn.StaticToken{}).Authenticate(t.Context(), request(server, map[string]string{"TAEGIS_ACCESS_TOKEN": " "}))
	wantNext(t, err, "TAEGIS_ACCESS_TOKEN is not set")
	_, err = (&authn.StaticToken{Token: core.NewSecret(expired.Token(emulator.DemoUser))}).Authenticate(t.Context(), request(server, nil))
	wantFailure(t, err, false, "expired at")
	_, err = (&authn.StaticToken{}).Authenticate(t.Context(), request(server, map[string]string{"TAEGIS_ACCESS_TOKEN": "two words"}))
	wantFailure(t, err, false, "no header can hold")
	token, err := (&authn.StaticToken{Label: "vault"}).Authenticate(t.Context(), request(server, map[string]string{"TAEGIS_ACCESS_TOKEN": "\ufeffopaque\n"}))
	if err != nil || token.AccessToken.Reveal() != "opaque" || token.Account != "" || token.Origin != "TAEGIS_ACCESS_TOKEN" || !token.Expiry.IsZero() {
		t.Errorf("%+v, %v", token, err)
	}
}
