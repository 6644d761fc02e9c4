package core

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/taegis-go/taegis/internal/netaddr"
)

// ExpiryMargin is the least time before its expiry at which a stored token is valid. The Python SDK
// has the same margin for the shared file (docs/protocol.md#its-contents).
const ExpiryMargin = 15 * time.Second

// Token is an access token with its times and its origin.
type Token struct {
	// AccessToken is the value for the Authorization header.
	AccessToken Secret
	// Expiry is when the token expires; zero if that is not known.
	Expiry time.Time
	// IssuedAt is when the token was issued, by its iat claim, or received.
	IssuedAt time.Time
	// Account is the token's account; empty if it is not known.
	Account Account
	// Host is the authentication host that issued the token; empty if it is not known.
	Host string
	// Identity is what the token's account belongs to on fusion; zero if it is not known.
	Identity Identity
	// Origin describes to users where the token was found or how it was obtained, for example
	// "client-credentials" or "/home/ann/.taegis_sdk_python/config [charlie]".
	Origin string
}

// NewToken returns the token access, received at now. Its Expiry is the earliest of the exp claim
// and the times in expiries that are not zero, in UTC. Its IssuedAt is the iat claim, or else now.
// A date after the year 9999, which stores cannot represent, is ignored.
func NewToken(access string, now time.Time, expiries ...time.Time) Token {
	t := Token{AccessToken: NewSecret(access), IssuedAt: now}
	claims, _ := ParseClaims(access) // an opaque token has none
	if claims.IssuedAt.Unix() > 0 {  // otherwise it is absent or invalid
		t.IssuedAt = claims.IssuedAt
	}
	for _, e := range append(expiries, claims.Expiry) {
		if e = e.UTC(); !e.IsZero() && e.Year() <= 9999 && (t.Expiry.IsZero() || e.Before(t.Expiry)) {
			t.Expiry = e
		}
	}
	return t
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.AccessToken.IsZero() }

// Valid reports whether a stored token can be used at now: whether its expiry is known and at least
// [ExpiryMargin] ahead.
func (t Token) Valid(now time.Time) bool {
	return !t.IsZero() && !t.Expiry.Before(now.Add(ExpiryMargin))
}

// Claims returns the token's claims; see [ParseClaims].
func (t Token) Claims() (Claims, error) { return ParseClaims(t.AccessToken.Reveal()) }

// Claims are the claims of a JWT that a client reads (docs/protocol.md#claims). Its signature is
// not verified.
type Claims struct {
	Expiry   time.Time // exp; zero if absent
	IssuedAt time.Time // iat; zero if absent
	Subject  string    // sub
	Issuer   string    // iss
	ClientID string    // client_id, else azp, else sub if it ends in "@clients", without that suffix
	Username string    // email, else preferred_username, else username
	Tenants  []string  // https://missione/octolabs/io/tenantIds
}

// ErrNotJWT is returned for an access token that is not a JSON Web Token. A server may accept it,
// but its claims cannot be read.
var ErrNotJWT = errors.New("the access token is not a JSON Web Token")

// ParseClaims reads the claims of a JWT without verifying it. A claim of an unexpected type stays
// zero. For text that is not a JWT, ParseClaims returns [ErrNotJWT].
func ParseClaims(jwt string) (Claims, error) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return Claims{}, ErrNotJWT
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return Claims{}, ErrNotJWT
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(payload, &raw); err != nil || raw == nil {
		return Claims{}, ErrNotJWT
	}
	text := func(names ...string) string {
		for _, name := range names {
			if s := jsonText(raw[name]); s != "" {
				return s
			}
		}
		return ""
	}
	c := Claims{
		Expiry:   numericDate(raw["exp"]),
		IssuedAt: numericDate(raw["iat"]),
		Subject:  text("sub"),
		Issuer:   text("iss"),
		ClientID: text("client_id", "azp"),
		Username: text("email", "preferred_username", "username"),
		Tenants:  stringList(raw["https://missione/octolabs/io/tenantIds"]),
	}
	if id, isClient := strings.CutSuffix(c.Subject, "@clients"); c.ClientID == "" && isClient {
		c.ClientID = id
	}
	c.ClientID = strings.TrimSuffix(c.ClientID, "@clients")
	return c, nil
}

// IssuerHost returns the host, without a port and in lower case, of an issuer that is a URL or a
// bare host name; "" for any other text.
func (c Claims) IssuerHost() string {
	address := c.Issuer
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if strings.Contains(host, ".") || netaddr.IsLoopback(host) {
		return host
	}
	return "" // a word, for example the name of a program
}

// jsonText returns the string that raw holds, or "" for any other value. Most strings have no escapes
// and need no decoder.
func jsonText(raw json.RawMessage) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if plain := raw[1 : len(raw)-1]; !bytes.ContainsRune(plain, '\\') && utf8.Valid(plain) {
		return string(plain)
	}
	var s string
	_ = json.Unmarshal(raw, &s) // it was checked with the object that holds it
	return s
}

// numericDate reads a JWT's NumericDate: seconds since 1970, possibly with a fraction
// (RFC 7519, section 2). Anything else, and dates after the year 9999, return the zero time. A time
// before 1970 counts as 1970, which is expired and not unknown.
func numericDate(raw json.RawMessage) time.Time {
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if errors.Is(err, strconv.ErrSyntax) || seconds > 253402300799 {
		return time.Time{}
	}
	seconds = max(0, seconds)
	whole := int64(seconds)
	return time.Unix(whole, int64((seconds-float64(whole))*1e9)).UTC()
}

// stringList reads a string, or a list of strings or numbers.
func stringList(raw json.RawMessage) []string {
	if one := jsonText(raw); one != "" {
		return []string{one}
	}
	if len(raw) == 0 {
		return nil
	}
	var many []json.RawMessage
	_ = json.Unmarshal(raw, &many) // it stays empty for any other value
	var list []string
	for _, item := range many {
		if text := string(item); text[0] == '"' || text == "null" {
			list = append(list, jsonText(item))
		} else {
			list = append(list, text)
		}
	}
	return list
}
