package core

import (
	"regexp"
	"strings"
)

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

// TenantFault returns why a call to the platform cannot be for a tenant, "" if it can. Each call to
// fusion needs the UUID of a tenant; on Taegis any id will do, and none.
func (p Platform) TenantFault(id string) string {
	switch {
	case p != PlatformFusion || uuid.MatchString(id):
		return ""
	case id == "":
		return "fusion needs a tenant for each call: its UUID"
	}
	return "a tenant of fusion is a UUID, for example 4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10"
}

var uuid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

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

// Platform returns the platform that issued the token, as far as its claims show: by the host of
// the issuer, or by the tenants of Taegis. It returns false if they show neither, or both.
func (c Claims) Platform() (Platform, bool) {
	issuer := c.IssuerHost()
	taegis := len(c.Tenants) > 0 || under(issuer, "secureworks.com")
	fusion := under(issuer, "sophos.com")
	if fusion {
		return PlatformFusion, !taegis
	}
	return PlatformTaegis, taegis
}

// Foreign returns why a token of unknown origin must not be sent to the environment, ""
// if it can: its claims name the other platform.
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
