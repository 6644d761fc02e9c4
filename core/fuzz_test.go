package core_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
)

// FuzzTokenClaims reads the claims of any token: its expiry is the one that it states, to the
// microsecond, and never later; nothing that is printed of it holds the token.
func FuzzTokenClaims(f *testing.F) {
	for _, payload := range []string{
		`{"exp":1700000000.5,"iat":1699990000,"sub":"abc@clients","https://missione/octolabs/io/tenantIds":["145831",7]}`,
		`{"exp":-1,"iat":-1e400}`, `{"exp":0}`, `{"exp":1e300}`, `{"exp":"1700000000"}`, `{"exp":NaN}`, `{"exp":null}`, `{"exp":253402300799.9}`,
		`{"exp":253402300800}`, `{"exp":1700000000000}`, `{"exp":9,"exp":1700000000}`, `{"EXP":9,"exp":1.7e9,"\u0065xp":8}`, `{"exp":9223372036854775808}`,
		`{"exp":-0.0000001}`, `{"exp":5e-324}`, `{"exp":0x10}`, `{"exp":[1]}`, `[]`, `null`, `{`, ``, "{\"exp\":1}\n", "{\"sub\":\"\xff\"}", `{"exp":1} {}`,
	} {
		f.Add("e30", payload, "c2ln", true, int64(3600))
	}
	for _, access := range []string{"", ".", "..", "...", "opaque", "a.e30=.b", "a.e30.b.c", "a.e\n30.b", "a.e30\n.b", "\x00.e30.\xff"} {
		f.Add("", access, "", false, int64(-1))
	}
	now := time.Unix(1_700_000_000, 0)
	f.Fuzz(func(t *testing.T, head, body, signature string, encoded bool, life int64) {
		access := body
		if encoded {
			access = head + "." + base64.RawURLEncoding.EncodeToString([]byte(body)) + "." + signature
		}
		claims, err := core.ParseClaims(access)
		if err != nil {
			if !errors.Is(err, core.ErrNotJWT) || err.Error() != core.ErrNotJWT.Error() {
				t.Fatalf("error %v", err)
			}
			if encoded && isObject(body) && !strings.Contains(head+signature, ".") {
				t.Fatal("a token was not accepted")
			}
			return
		}
		payload := []byte(body)
		if !encoded {
			payload, _ = base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.Split(access, ".")[1], "="))
		}
		stated := statedExpiry(t, payload)
		if (stated == nil) != claims.Expiry.IsZero() {
			t.Fatalf("%q: the expiry is %v", payload, claims.Expiry)
		}
		received := now.Add(time.Duration(life))
		token := core.NewToken(access, now, time.Time{}, received)
		if token.Expiry.IsZero() || token.Expiry.After(received) || stated != nil && !isNear(token.Expiry, received, stated) {
			t.Fatalf("%q, received as living until %v: expires at %v", payload, received, token.Expiry)
		}
		if year := token.Expiry.UTC().Year(); year < 1 || year > 9999 {
			t.Fatalf("%q expires in %d, which cannot be written down", payload, year)
		}
		if token.IssuedAt.Unix() <= 0 || token.Valid(token.Expiry) {
			t.Fatalf("%q: %+v", payload, token)
		}
		if shown := fmt.Sprintf("%v %+v %#v", token, token, &token); len(access) > 40 && strings.Contains(shown, access) {
			t.Fatal("the token is shown")
		}
	})
}

// isObject reports whether encoding/json takes the text for an object.
func isObject(text string) bool {
	var object map[string]any
	return json.Unmarshal([]byte(text), &object) == nil && object != nil
}

// statedExpiry is the number that exp is, seconds since 1970; nil if it is none, or one beyond
// the year 9999. Of several the last counts (RFC 7519, section 4).
func statedExpiry(t *testing.T, payload []byte) *big.Float {
	t.Helper()
	var claims map[string]any
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&claims); err != nil {
		t.Fatalf("%q: %v", payload, err)
	}
	number, ok := claims["exp"].(json.Number)
	if !ok {
		return nil
	}
	seconds, _, err := big.ParseFloat(number.String(), 10, 256, big.ToNearestEven)
	if err != nil { // the exponent is too large, or too small
		float, _ := strconv.ParseFloat(number.String(), 64)
		seconds = big.NewFloat(float)
	}
	if seconds.Cmp(big.NewFloat(253402300799)) > 0 {
		return nil
	}
	return seconds
}

// isNear reports whether expiry is the earlier of received and stated, to the microsecond, if
// what lies before 1970 counts as 1970.
func isNear(expiry, received time.Time, stated *big.Float) bool {
	if stated.Sign() < 0 {
		stated = new(big.Float)
	}
	nanoseconds, _ := new(big.Float).Mul(stated, big.NewFloat(1e9)).Int(nil)
	want := nanoseconds.Int64()
	if limit := received.UnixNano(); !nanoseconds.IsInt64() || limit < want {
		want = limit
	}
	return expiry.UnixNano() <= want+1000 && expiry.UnixNano() >= want-1000
}
