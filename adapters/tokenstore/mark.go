package tokenstore

import (
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/digest"
)

// mark follows a token in the file, as `access_token_owner = DIGEST HOST ACCOUNT`: the token's
// account and the host that issued it. The digest is that of the token, so that a mark becomes void
// when a program that does not use marks replaces the token.
type mark struct {
	digest, host string
	account      core.Account
}

// newMark marks the access token of key.
func newMark(access, host string, account core.Account) mark {
	return mark{digest.Of(access), host, account}
}

// parseMark reads a mark. If text is not a mark, it returns the zero mark, which fits no token.
func parseMark(text string) mark {
	digest, rest, _ := strings.Cut(text, " ")
	host, account, _ := strings.Cut(rest, " ")
	if digest == "" || host == "" {
		return mark{}
	}
	return mark{digest, host, core.Account(account)}
}

// fits reports whether the mark belongs to the access token.
func (m mark) fits(access string) bool { return m.digest != "" && m.digest == digest.Of(access) }

// identityText returns the identity of an access token as it follows the token in the file,
// `access_token_identity = DIGEST TYPE ID`. It becomes void like a mark.
func identityText(access string, known core.Identity) string {
	return digest.Of(access) + " " + string(known.Type) + " " + known.ID
}

// parseIdentity reads the identity of an access token. If text is not one of that token, it returns
// the zero identity.
func parseIdentity(text, access string) core.Identity {
	sum, rest, _ := strings.Cut(text, " ")
	kind, id, _ := strings.Cut(rest, " ")
	if kind == "" || sum != digest.Of(access) || core.PlatformFusion.TenantFault(id) != "" {
		return core.Identity{}
	}
	return core.Identity{ID: id, Type: core.IdentityType(kind)}
}

func (m mark) String() string {
	return strings.TrimRight(m.digest+" "+m.host+" "+string(m.account), " ")
}
