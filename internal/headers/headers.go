// Package headers tells which HTTP headers carry an identity, and which belong to the connection, so
// that neither a caller nor a server can set them.
//
// All names are in the form of [http.CanonicalHeaderKey].
package headers

import (
	"net/http"

	"github.com/taegis-go/taegis/core"
)

// CarriesIdentity reports whether a header carries a token, a cookie, a password or the tenant of a
// platform. The host of a signed URL gets none of them.
func CarriesIdentity(name string) bool {
	return name == "Cookie" || name == "Proxy-Authorization" || IsOfCalls(name)
}

// IsOfCalls reports whether a header carries the token or the tenant of a call, of either platform.
func IsOfCalls(name string) bool {
	switch name {
	case "Authorization", tenantOf(core.PlatformTaegis), tenantOf(core.PlatformFusion):
		return true
	}
	return false
}

func tenantOf(p core.Platform) string { return http.CanonicalHeaderKey(p.TenantHeader()) }

// IsOfConnection reports whether a header describes the connection, or how the body is sent on it.
// The transport sets it.
func IsOfConnection(name string) bool {
	switch name {
	case "Connection", "Content-Length", "Host", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}
