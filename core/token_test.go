package core_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
)

// jwt makes an unsigned token of a payload.
func jwt(payload string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".sig"
}

func TestParseClaims(t *testing.T) {
	c, err := core.ParseClaims(jwt(`{"exp":1700000000.5,"iat":1699990000,"sub":"abc@clients","https://missione/octolabs/io/tenantIds":["145831",7]}`))
	if err != nil || c.Expiry.UnixMilli() != 1700000000500 || c.IssuedAt.Unix() != 1699990000 || c.Subject != "abc@clients" || c.ClientID != "abc" {
		t.Errorf("%+v, %v", c, err)
	}
	if !slices.Equal(c.Tenants, []string{"145831", "7"}) {
		t.Errorf("tenants %q", c.Tenants)
	}
	for payload, id := range map[string]string{
		`{"azp":"a@clients"}`:                     "a",
		`{"client_id":"b","azp":"a"}`:             "b",
		`{"sub":"ann"}`:                           "",
		`{"client_id":7,"sub":"c@clients"}`:       "c",
		`{"exp":"soon","iat":{},"email":"a@b.c"}`: "",
		`{"exp":1e300,"iat":1e400}`:               "",
	} {
		c, err := core.ParseClaims(jwt(payload))
		if err != nil || c.ClientID != id || !c.Expiry.IsZero() || !c.IssuedAt.IsZero() {
			t.Errorf("%s: %+v, %v", payload, c, err)
		}
	}
	for _, bad := range []string{"", "opaque", "a.b", "a.!!.c", jwt("[]"), jwt("null"), jwt("{"), "a.b.c.d"} {
		if _, err := core.ParseClaims(bad); !errors.Is(err, core.ErrNotJWT) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNewTokenTakesTheEarliestExpiry(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	token := core.NewToken(jwt(`{"exp":1003600,"iat":999000}`), now, time.Time{}, now.Add(2*time.Hour))
	if token.Expiry.Unix() != 1_003_600 || token.IssuedAt.Unix() != 999_000 {
		t.Errorf("%+v", token)
	}
	if token := core.NewToken(jwt(`{"exp":1003600}`), now, now.Add(time.Minute)); !token.Expiry.Equal(now.Add(time.Minute)) || !token.IssuedAt.Equal(now) {
		t.Errorf("%+v", token)
	}
	for _, past := range []string{"0", "-5", "-1e400"} {
		if token := core.NewToken(jwt(`{"exp":`+past+`,"iat":`+past+`}`), now, now.Add(time.Minute)); token.Expiry.Unix() != 0 || !token.IssuedAt.Equal(now) {
			t.Errorf("%s: %+v", past, token)
		}
	}
	endless := time.Date(9999, 12, 31, 0, 1, 1, 0, time.FixedZone("", -(23*60+59)*60))
	if token := core.NewToken("opaque", now, endless); !token.Expiry.IsZero() {
		t.Errorf("%+v", token)
	}
	if token := core.NewToken("opaque", now); !token.Expiry.IsZero() || token.Valid(now) || token.IsZero() {
		t.Errorf("%+v", token)
	}
}

func TestValidNeedsFifteenSeconds(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	token := core.Token{AccessToken: core.NewSecret("x"), Expiry: now.Add(15 * time.Second)}
	if !token.Valid(now) || token.Valid(now.Add(time.Nanosecond)) || (core.Token{Expiry: now.Add(time.Hour)}).Valid(now) {
		t.Error("the margin is not 15 s")
	}
}

func TestAccounts(t *testing.T) {
	a, b := core.ClientAccount("api.ctpx.secureworks.com", "id"), core.ClientAccount("api.delta.taegis.secureworks.com", "id")
	if a == b || len(a) != len("client-credentials/")+16 || a.IsUser() || !a.Named() {
		t.Errorf("%s, %s", a, b)
	}
	if u := core.UserAccount("h", ""); u != core.AnyUserAccount || u.Named() || !u.IsUser() {
		t.Errorf("%s", u)
	}
	if u := core.UserAccount("h", "Ann@example.com"); u != core.UserAccount("h", "ann@example.com") || !u.Named() || !u.IsUser() {
		t.Errorf("%s", u)
	}
	if p := core.PluginAccount("acme", "k", "v"); p == core.PluginAccount("acme", "kv") || p.IsUser() {
		t.Errorf("%s", p)
	}
}
