package core

import "strings"

// Platform is a generation of the vendor's platform. Each has its own login, its own tenants and
// its own services, and the token of one is never sent to the other
// (docs/protocol.md#the-successor-platform).
type Platform string

// The platforms.
const (
	PlatformTaegis Platform = ""       // the ten regions of Taegis
	PlatformFusion Platform = "fusion" // the successor, one host for all regions
)

// String returns "taegis" or "fusion".
func (p Platform) String() string {
	if p == PlatformTaegis {
		return "taegis"
	}
	return string(p)
}

// TenantHeader returns the name of the header that carries the tenant of a call: X-Tenant-Context
// on Taegis, X-Tenant-ID on fusion.
func (p Platform) TenantHeader() string {
	if p == PlatformFusion {
		return "X-Tenant-ID"
	}
	return "X-Tenant-Context"
}

// TenantFault returns the reason for which a call to the platform cannot have the tenant id, "" if
// it can. A call to fusion needs the UUID of a tenant; a call to Taegis takes any id, or none.
func (p Platform) TenantFault(id string) string {
	switch {
	case p != PlatformFusion || isUUID(id):
		return ""
	case id == "":
		return "fusion needs a tenant for each call: its UUID"
	}
	return "a tenant of fusion is a UUID, for example 4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10"
}

// isUUID reports whether a text is a UUID in its usual form. A regular expression would be compiled
// at the start of every program.
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		switch i {
		case 8, 13, 18, 23:
			if text[i] != '-' {
				return false
			}
		default:
			if !strings.ContainsRune("0123456789abcdefABCDEF", rune(text[i])) {
				return false
			}
		}
	}
	return true
}

// ClientSettings returns the names of the settings with the id and the secret of an OAuth client of
// the platform.
func (p Platform) ClientSettings() (id, secret string) {
	if p == PlatformFusion {
		return SettingSophosClientID, SettingSophosClientSecret
	}
	return SettingClientID, SettingClientSecret
}

// fusion is the environment of the successor platform.
var fusion = Environment{
	Canonical:  "fusion",
	Platform:   PlatformFusion,
	APIURL:     "https://api.taegis.sophos.com",
	AuthURL:    "https://id.sophos.com",
	TenantsURL: "https://api.central.sophos.com",
}

// Platform returns the platform that issued the token, according to its claims: the host of the
// issuer, or the tenants of Taegis. It returns false if the claims point to no platform or to both.
func (c Claims) Platform() (Platform, bool) {
	issuer := c.IssuerHost()
	taegis := len(c.Tenants) > 0 || under(issuer, "secureworks.com")
	fusion := under(issuer, "sophos.com")
	if fusion {
		return PlatformFusion, !taegis
	}
	return PlatformTaegis, taegis
}

// Foreign returns the reason for which a token of unknown origin must not be sent to the
// environment: its claims name the other platform. It returns "" if the token can be sent.
func (e Environment) Foreign(accessToken string) string {
	claims, err := ParseClaims(accessToken)
	if err != nil {
		return ""
	}
	if platform, known := claims.Platform(); known && platform != e.Platform {
		return "it is a token of the platform " + platform.String() + ", and " + e.Name + " is of " + e.Platform.String()
	}
	return ""
}

// under reports whether host is domain or below it.
func under(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}
