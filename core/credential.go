package core

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Credential names whose token a link of the chain obtains, without revealing it:
// "client-credentials/8f14e45fceea167a", "user", "user/0a1b2c3d4e5f6071", or
// "plugin/acme/5f60718293a4b5c6". The empty Credential names nobody; a token of such a link is
// never stored.
type Credential string

// AnyUser is the credential of a person of whom no user name is set.
const AnyUser Credential = "user"

// ClientCredential names the OAuth client clientID of the authentication host authHost.
func ClientCredential(authHost, clientID string) Credential {
	return Credential("client-credentials/" + Digest(authHost, clientID))
}

// UserCredential names the person username of the authentication host authHost; an empty
// username gives [AnyUser].
func UserCredential(authHost, username string) Credential {
	if username == "" {
		return AnyUser
	}
	return AnyUser + Credential("/"+Digest(authHost, strings.ToLower(username)))
}

// PluginCredential names a plugin with its settings, given as alternating keys and values.
func PluginCredential(name string, settings ...string) Credential {
	return Credential("plugin/" + name + "/" + Digest(settings...))
}

// Named reports whether the credential identifies somebody: neither empty nor [AnyUser]. Only a
// named credential insists on a token of its own; any other takes the environment's latest.
func (c Credential) Named() bool { return c != "" && c != AnyUser }

// Person reports whether a person is behind the credential.
func (c Credential) Person() bool {
	return c == AnyUser || strings.HasPrefix(string(c), string(AnyUser)+"/")
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
	// Credential names whose token it is; one that is not Named stands for whoever signed in last.
	Credential Credential
}
