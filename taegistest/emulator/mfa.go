package emulator

import (
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
)

// grantMFA is the grant type of a second factor.
const grantMFA = "http://ctpx.secureworks.com/grant-type/mfa-otp"

// maxWrongCodes is the number of wrong codes that end a challenge.
const maxWrongCodes = 3

// challenges holds the pending second factors by their mfa_token.
type challenges struct {
	mu      sync.Mutex
	pending map[string]*challenge
}

type challenge struct {
	user  string
	wrong int
}

func (x *exchange) secondFactor(mfaToken, code string) {
	name, ok := x.e.mfa.user(mfaToken)
	user, known := x.config.user(name)
	switch {
	case !ok || !known:
		x.oauthError(http.StatusForbidden, "invalid_grant", "the mfa_token is unknown, used or has had too many wrong codes")
	case !slices.Contains(user.MFACodes, code):
		x.e.mfa.wrong(mfaToken)
		x.oauthError(http.StatusForbidden, "invalid_grant", "wrong code")
	default:
		x.e.mfa.close(mfaToken)
		x.grant(user.owner())
	}
}

// open starts a challenge and returns its mfa_token.
func (c *challenges) open(user string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending == nil {
		c.pending = map[string]*challenge{}
	}
	token := rand.Text()
	c.pending[token] = &challenge{user: user}
	return token
}

// user returns the user name of a challenge.
func (c *challenges) user(token string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch, ok := c.pending[token]
	if !ok {
		return "", false
	}
	return ch.user, true
}

// wrong counts a wrong code and ends the challenge after maxWrongCodes.
func (c *challenges) wrong(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ch, ok := c.pending[token]; ok {
		if ch.wrong++; ch.wrong == maxWrongCodes {
			delete(c.pending, token)
		}
	}
}

// close ends a challenge.
func (c *challenges) close(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, token)
}
