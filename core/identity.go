package core

// IdentityType is what the credentials of fusion belong to.
type IdentityType string

// The types of identities (docs/protocol.md#who-am-i).
const (
	IdentityTenant       IdentityType = "tenant"       // one tenant, which calls are for
	IdentityPartner      IdentityType = "partner"      // a partner; calls need one of its tenants
	IdentityOrganization IdentityType = "organization" // as for a partner
)

// Identity is what the identity service of fusion returns for a token.
type Identity struct {
	// ID is the UUID of the tenant, the partner or the organization.
	ID string
	// Type says what ID is the id of. It may be a value that this SDK does not know.
	Type IdentityType
}

// IsZero reports whether the identity is not known.
func (i Identity) IsZero() bool { return i == Identity{} }
