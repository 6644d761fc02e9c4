package emulator

import (
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/taegis-go/taegis/core"
)

// tenantClaim is the claim that lists the tenants a token is good for.
const tenantClaim = "https://missione/octolabs/io/tenantIds"

// owner is whose token it is: a client or a person.
type owner struct {
	clientID string // empty for a person
	user     string // the user name; empty for a client
	tenant   string
}

// subject is the owner's sub claim.
func (o owner) subject() string {
	if o.clientID != "" {
		return o.clientID + "@clients"
	}
	return "auth0|" + core.Digest(strings.ToLower(o.user))
}

// tokens mints and checks JWTs. A token is good while its id is live: revoking forgets the id.
type tokens struct {
	key  []byte
	mu   sync.Mutex
	live map[string]owner
}

func newTokens() tokens {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, says its documentation
	return tokens{key: key, live: map[string]owner{}}
}

func (t *tokens) mint(o owner, issued, expires time.Time) (string, error) {
	id := rand.Text()
	claims := jwt.MapClaims{
		"jti": id, "iss": "taegis-emulator", "sub": o.subject(), "iat": issued.Unix(), "exp": expires.Unix(),
		tenantClaim: []string{o.tenant},
	}
	if o.clientID != "" {
		claims["client_id"], claims["azp"], claims["gty"] = o.clientID, o.clientID, "client-credentials"
	} else {
		claims["email"] = o.user
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(t.key)
	if err == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.live[id] = o
	}
	return text, err
}

// check returns whose token it is, if it is one of ours, still valid and not revoked.
func (t *tokens) check(text string, now func() time.Time) (owner, bool) {
	id, err := t.id(text, jwt.WithTimeFunc(now), jwt.WithExpirationRequired())
	t.mu.Lock()
	defer t.mu.Unlock()
	o, live := t.live[id]
	return o, live && err == nil
}

// id returns the token's id; an error says that it is no good by the given measure.
func (t *tokens) id(text string, measure ...jwt.ParserOption) (string, error) {
	var claims jwt.RegisteredClaims
	measure = append(measure, jwt.WithValidMethods([]string{"HS256"}))
	_, err := jwt.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return t.key, nil }, measure...)
	return claims.ID, err
}

// Token mints an access token for a user or a client of that name, as if they had signed in
// without leaving a trace. It returns "" if there is nobody of that name.
func (e *Emulator) Token(name string) string {
	c := e.config.Load()
	o, found := c.person(name)
	if record, ok := e.clients.get(name); ok && !found {
		o, found = record.owner(), true
	}
	if !found {
		return ""
	}
	now := c.Now()
	text, err := e.tokens.mint(o, now, now.Add(c.TokenLife))
	if err != nil {
		return ""
	}
	return text
}

// Revoke makes an access token rejected from now on.
func (e *Emulator) Revoke(accessToken string) {
	id, err := e.tokens.id(accessToken, jwt.WithoutClaimsValidation())
	if err != nil {
		return // it was never accepted
	}
	e.tokens.mu.Lock()
	defer e.tokens.mu.Unlock()
	delete(e.tokens.live, id)
}

// RevokeAll makes every access token rejected that was minted so far.
func (e *Emulator) RevokeAll() {
	e.tokens.mu.Lock()
	defer e.tokens.mu.Unlock()
	clear(e.tokens.live)
}

// grant answers a sign-in with a new access token.
func (x *exchange) grant(o owner) {
	life := x.config.TokenLife
	if x.expired {
		life = -time.Minute
	}
	now := x.config.Now()
	expires := now.Add(life)
	issued := now
	if expires.Before(issued) {
		issued = expires.Add(-DefaultTokenLife)
	}
	token, err := x.e.tokens.mint(o, issued, expires)
	if err != nil {
		x.refuse(http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	answer := map[string]any{"access_token": token, "token_type": "bearer"}
	switch x.config.Expiry {
	case ExpiresIn:
		answer["expires_in"] = int64(life.Seconds())
	case ExpiryTime:
		answer["expiry"] = expires.UTC().Format("2006-01-02T15:04:05.999999Z")
	case ExpiryNone:
	}
	x.json(http.StatusOK, answer)
}
