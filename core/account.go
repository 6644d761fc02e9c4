package core

import (
	"strings"

	"github.com/taegis-go/taegis/internal/digest"
)

// Account identifies the account that an authenticator logs in to, without revealing names, for
// example "client-credentials/8f14e45fceea167a", "user", "user/0a1b2c3d4e5f6071" or
// "plugin/acme/5f60718293a4b5c6". The empty Account means that it is not known; tokens of an
// authenticator that returns it are never stored.
type Account string

// AnyUserAccount is the account for a login as any user, if no user name is set.
const AnyUserAccount Account = "user"

// ClientAccount returns the account of the OAuth client clientID at the authentication host
// authHost.
func ClientAccount(authHost, clientID string) Account {
	return Account("client-credentials/" + digest.Of(authHost, clientID))
}

// UserAccount returns the account of the user username at the authentication host authHost. The
// case of username does not matter; an empty one returns [AnyUserAccount].
func UserAccount(authHost, username string) Account {
	if username == "" {
		return AnyUserAccount
	}
	return AnyUserAccount + Account("/"+digest.Of(authHost, strings.ToLower(username)))
}

// PluginAccount returns the account of a plugin with these settings, which are alternating keys and
// values.
func PluginAccount(name string, settings ...string) Account {
	return Account("plugin/" + name + "/" + digest.Of(settings...))
}

// Named reports whether the account is neither empty nor [AnyUserAccount]. A named account uses
// only its own tokens; any other account uses the latest token of the environment.
func (a Account) Named() bool { return a != "" && a != AnyUserAccount }

// With returns the account of one of the users that share a. The name is what an authenticator calls
// that user; the account shows its digest. An empty name returns a.
func (a Account) With(name string) Account {
	if name == "" {
		return a
	}
	return a + Account("/"+digest.Of(name))
}

// Has reports whether other is a, or is the account of one of the users that share a; see
// [Account.With].
func (a Account) Has(other Account) bool {
	return a == other || a != "" && strings.HasPrefix(string(other), string(a)+"/")
}

// IsUser reports whether the account belongs to a user, named or not.
func (a Account) IsUser() bool {
	return a == AnyUserAccount || strings.HasPrefix(string(a), string(AnyUserAccount)+"/")
}

// TokenKey identifies a stored token by its environment, authentication host and account. It is
// comparable.
type TokenKey struct {
	// Section is the environment's section in the token file, [Environment.Section].
	Section string
	// Host is the authentication host, [Environment.AuthHost]. A token is used only with the host
	// that issued it.
	Host string
	// Account is the token's account. One that is not [Account.Named] means the latest login.
	Account Account
}

// InSection reports whether section belongs to the environment of k: whether the two sections have
// the same name, in any case, or are two names of one region.
func (k TokenKey) InSection(section string) bool {
	if strings.EqualFold(k.Section, section) {
		return true
	}
	own, err := FindEnvironment(k.Section)
	other, errOther := FindEnvironment(section)
	return err == nil && errOther == nil && own.Canonical == other.Canonical
}
