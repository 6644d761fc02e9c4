package core

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Account names whose token a link of the chain obtains, without revealing it:
// "client-credentials/8f14e45fceea167a", "user", "user/0a1b2c3d4e5f6071", or
// "plugin/acme/5f60718293a4b5c6". The empty Credential names nobody; a token of such a link is
// never stored.
type Account string

// AnyUserAccount is the credential of a user of whom no user name is set.
const AnyUserAccount Account = "user"

// ClientAccount names the OAuth client clientID of the authentication host authHost.
func ClientAccount(authHost, clientID string) Account {
	return Account("client-credentials/" + Digest(authHost, clientID))
}

// UserAccount names the user username of the authentication host authHost; an empty
// username gives [AnyUserAccount].
func UserAccount(authHost, username string) Account {
	if username == "" {
		return AnyUserAccount
	}
	return AnyUserAccount + Account("/"+Digest(authHost, strings.ToLower(username)))
}

// PluginAccount names a plugin with its settings, given as alternating keys and values.
func PluginAccount(name string, settings ...string) Account {
	return Account("plugin/" + name + "/" + Digest(settings...))
}

// Named reports whether the credential identifies somebody: neither empty nor [AnyUserAccount]. Only a
// named credential insists on a token of its own; any other takes the environment's latest.
func (c Account) Named() bool { return c != "" && c != AnyUserAccount }

// IsUser reports whether a user is behind the credential.
func (c Account) IsUser() bool {
	return c == AnyUserAccount || strings.HasPrefix(string(c), string(AnyUserAccount)+"/")
}

// Digest returns 16 hex digits of the SHA-256 of the parts, joined by NUL.
func Digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// TokenKey says which token is meant: of which environment, minted by which host, of whom. It
// is comparable.
type TokenKey struct {
	// Section is the environment's section in a token file, [Environment.Section].
	Section string
	// Host is the authentication host, [Environment.AuthHost]. A token is never handed out for
	// another host than the one that minted it.
	Host string
	// Account names whose token it is; one that is not Named stands for whoever logged in last.
	Account Account
}
