package emulator

import (
	"crypto/rand"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/digest"
)

// tenantClaim is the claim with the IDs of the token's tenants.
const tenantClaim = "https://missione/octolabs/io/tenantIds"

// owner is the account of a token: a client or a user.
type owner struct {
	platform core.Platform
	clientID string // empty for a user
	user     string // the user name; empty for a client
	tenant   string
}

// subject is the owner's sub claim.
func (o owner) subject() string {
	if o.clientID != "" {
		return o.clientID + "@clients"
	}
	return "auth0|" + digest.Of(strings.ToLower(o.user))
}

// claims returns the claims that describe the owner. Those of the successor are made up: its tokens
// have not been seen.
func (o owner) claims() jwt.MapClaims {
	switch {
	case o.platform == core.PlatformFusion:
		return jwt.MapClaims{"iss": fusionIssuer, "sub": o.clientID}
	case o.clientID != "":
		return jwt.MapClaims{
			"iss": "taegis-emulator", "sub": o.subject(), tenantClaim: []string{o.tenant},
			"client_id": o.clientID, "azp": o.clientID, "gty": "client-credentials",
		}
	}
	return jwt.MapClaims{"iss": "taegis-emulator", "sub": o.subject(), tenantClaim: []string{o.tenant}, "email": o.user}
}

// tokens issues and checks JWTs. A token is valid while its ID is in live; revoking removes the ID.
type tokens struct {
	key   []byte
	mu    sync.Mutex
	live  map[string]owner
	kinds map[core.Platform]bool // the platforms that tokens were issued for
}

// issued reports whether a token was issued for a platform.
func (t *tokens) issued(platform core.Platform) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kinds[platform]
}

func newTokens() tokens {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // documented to never fail
	return tokens{key: key, live: map[string]owner{}, kinds: map[core.Platform]bool{}}
}

func (t *tokens) mint(o owner, issued, expires time.Time) (string, error) {
	id := rand.Text()
	claims := jwt.MapClaims{"jti": id, "iat": issued.Unix(), "exp": expires.Unix()}
	maps.Copy(claims, o.claims())
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(t.key)
	if err == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.live[id], t.kinds[o.platform] = o, true
	}
	return text, err
}

// check returns the owner of a token, and whether the token is valid and not revoked.
func (t *tokens) check(text string, now func() time.Time) (owner, bool) {
	id, err := t.id(text, jwt.WithTimeFunc(now), jwt.WithExpirationRequired())
	t.mu.Lock()
	defer t.mu.Unlock()
	o, live := t.live[id]
	return o, live && err == nil
}

// owner returns the owner of a token that was issued and not revoked, even if it has expired.
func (t *tokens) owner(text string) (owner, bool) {
	id, err := t.id(text, jwt.WithoutClaimsValidation())
	t.mu.Lock()
	defer t.mu.Unlock()
	o, live := t.live[id]
	return o, live && err == nil
}

// id returns the token's ID, or an error if the token is not valid under the options.
func (t *tokens) id(text string, measure ...jwt.ParserOption) (string, error) {
	var claims jwt.RegisteredClaims
	measure = append(measure, jwt.WithValidMethods([]string{"HS256"}))
	_, err := jwt.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return t.key, nil }, measure...)
	return claims.ID, err
}

// Token issues an access token for the user with that name or the client with that ID, on either
// platform, without a recorded request. If neither exists, it returns "".
func (e *Emulator) Token(name string) string {
	c := e.config.Load()
	o, found := c.tokenOwner(name)
	if record, ok := e.clients.get(name); ok && !found {
		o, found = record.owner(), true
	}
	if client, ok := c.Fusion.client(name); ok && !found {
		o, found = client.owner(), true
	}
	if !found {
		return ""
	}
	now := c.Now()
	text, err := e.tokens.mint(o, now, now.Add(c.TokenLifetime))
	if err != nil {
		return ""
	}
	return text
}

// Revoke revokes an access token: later requests with it are rejected.
func (e *Emulator) Revoke(accessToken string) {
	id, err := e.tokens.id(accessToken, jwt.WithoutClaimsValidation())
	if err != nil {
		return // the emulator did not issue it
	}
	e.tokens.mu.Lock()
	defer e.tokens.mu.Unlock()
	delete(e.tokens.live, id)
}

// RevokeAll revokes every access token that was issued so far.
func (e *Emulator) RevokeAll() {
	e.tokens.mu.Lock()
	defer e.tokens.mu.Unlock()
	clear(e.tokens.live)
}

// grant responds to a login with a new access token.
func (x *exchange) grant(o owner) {
	life := x.config.TokenLifetime
	if x.expired {
		life = -time.Minute
	}
	now := x.config.Now()
	expires := now.Add(life)
	issued := now
	if expires.Before(issued) {
		issued = expires.Add(-DefaultTokenLifetime)
	}
	token, err := x.e.tokens.mint(o, issued, expires)
	if err != nil {
		x.oauthError(http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	response := map[string]any{"access_token": token, "token_type": "bearer"}
	if o.platform == core.PlatformFusion {
		response["expires_in"], response["errorCode"] = int64(life.Seconds()), "success"
		x.json(http.StatusOK, response)
		return
	}
	if f := x.config.Expiry; f == ExpiryBoth || f == ExpirySeconds {
		response["expires_in"] = int64(life.Seconds())
	}
	if f := x.config.Expiry; f == ExpiryBoth || f == ExpiryTime {
		response["expiry"] = expires.UTC().Format("2006-01-02T15:04:05.999999Z")
	}
	x.json(http.StatusOK, response)
}
