package keyring

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/taegis-go/taegis/core"
)

// contents are what the file seals: the tokens, in the order in which they were stored.
type contents struct {
	Tokens []record `json:"tokens"`
	// States are what authenticators keep; a token that expires leaves that of its account.
	States []stateRecord `json:"states,omitempty"`
}

// record is one token. Its access token is a plain string, because a [core.Secret] would be
// redacted by the encoder.
type record struct {
	Environment string       `json:"environment"`
	Host        string       `json:"host"`
	Account     core.Account `json:"account"`
	AccessToken string       `json:"access_token"`
	Expiry      time.Time    `json:"expiry"`
	IssuedAt    time.Time    `json:"issued_at"`
	// Latest marks the token of the environment's latest login.
	Latest bool `json:"latest,omitempty"`
	// Identity is what the token's account belongs to on fusion; zero if it is not known.
	Identity core.Identity `json:"identity,omitzero"`
}

func parseContents(plain []byte) (*contents, error) {
	c := &contents{}
	return c, json.Unmarshal(plain, c)
}

// bytes returns what parseContents reads. Strings and times of these centuries always can be
// encoded.
func (c *contents) bytes() []byte {
	plain, _ := json.Marshal(c)
	return plain
}

// canonical is the one name under which all names of a region find its tokens.
func canonical(section string) string {
	if env, err := core.FindEnvironment(section); err == nil {
		return env.Canonical
	}
	return section
}

func (r record) key() core.TokenKey {
	return core.TokenKey{Section: r.Environment, Host: r.Host, Account: r.Account}
}

func (r record) token(origin string) core.Token {
	return core.Token{
		AccessToken: core.NewSecret(r.AccessToken), Expiry: r.Expiry, IssuedAt: r.IssuedAt,
		Account: r.Account, Host: r.Host, Origin: origin + " [" + r.Environment + "]",
		Identity: r.Identity,
	}
}

// serves reports whether key means this token. A key whose account is not Named also means the
// token of the latest login.
func (r record) serves(key core.TokenKey) bool {
	key.Section = canonical(key.Section)
	if r.Latest && !key.Account.Named() {
		key.Account = r.Account
	}
	return r.key() == key
}

// find returns the token that key means and that is valid at now, that of the latest login
// first; the zero token for none.
func (c *contents) find(key core.TokenKey, now time.Time, origin string) core.Token {
	for _, latest := range []bool{true, false} {
		for _, r := range c.Tokens {
			if t := r.token(origin); r.Latest == latest && r.serves(key) && t.Valid(now) {
				return t
			}
		}
	}
	return core.Token{}
}

// isEmpty reports whether there is neither a token that is valid at now nor a state.
func (c *contents) isEmpty(now time.Time) bool {
	return len(c.States) == 0 && !slices.ContainsFunc(c.Tokens, func(r record) bool { return r.token("").Valid(now) })
}

// put stores the token as that of the latest login. It deletes the token that it replaces and all
// expired ones.
func (c *contents) put(key core.TokenKey, token core.Token, now time.Time) {
	if !key.Account.Named() && token.Account != "" {
		key.Account = token.Account // the server has named the account
	}
	key.Section = canonical(key.Section)
	c.Tokens = slices.DeleteFunc(c.Tokens, func(r record) bool {
		return r.key() == key || !r.token("").Valid(now)
	})
	for i := range c.Tokens {
		if c.Tokens[i].Environment == key.Section {
			c.Tokens[i].Latest = false
		}
	}
	c.Tokens = append(c.Tokens, record{
		Environment: key.Section, Host: key.Host, Account: key.Account,
		AccessToken: token.AccessToken.Reveal(), Expiry: token.Expiry, IssuedAt: token.IssuedAt, Latest: true,
		Identity: token.Identity,
	})
}

// identify stores the identity of a token if it is still there.
func (c *contents) identify(key core.TokenKey, token core.Token) {
	for i, r := range c.Tokens {
		if r.serves(key) && r.AccessToken == token.AccessToken.Reveal() {
			c.Tokens[i].Identity = token.Identity
		}
	}
}

// remove deletes the tokens that key means and the state of its account; with an empty account all tokens of its environment.
func (c *contents) remove(key core.TokenKey) {
	c.forget(key)
	c.Tokens = slices.DeleteFunc(c.Tokens, func(r record) bool {
		if key.Account == "" {
			return r.Environment == canonical(key.Section)
		}
		return r.serves(key)
	})
}

// removeOne deletes the token that key means and its expired tokens, if access is that token, or if
// access is empty and there is none. It reports whether it deleted.
func (c *contents) removeOne(key core.TokenKey, access string, now time.Time) bool {
	if c.find(key, now, "").AccessToken.Reveal() != access {
		return false
	}
	c.Tokens = slices.DeleteFunc(c.Tokens, func(r record) bool {
		gone := r.serves(key) && (r.AccessToken == access || !r.token("").Valid(now))
		if gone {
			c.forget(r.key())
		}
		return gone
	})
	return true
}
