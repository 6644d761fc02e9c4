package core

import "fmt"

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
	ID string `json:"id"`
	// Type is the type of the object that ID identifies. It may be a value that this SDK does not
	// define.
	Type IdentityType `json:"type"`
}

// IsZero reports whether the identity is not known.
func (i Identity) IsZero() bool { return i == Identity{} }

// TenantRequiredError is returned for a call to fusion without a tenant if the credentials belong
// to a partner or an organization. They have many tenants, and the call needs one of them. Only the
// request for the identity was sent.
type TenantRequiredError struct{ Identity Identity }

func (e *TenantRequiredError) Error() string {
	return sentence(fmt.Sprintf("the credentials are those of the %s %s, and a call needs one of its tenants",
		e.Identity.Type, e.Identity.ID), e.Hint())
}

// Hint returns what the caller can do about it.
func (e *TenantRequiredError) Hint() string {
	return "set the tenant to the UUID of one of them; a client lists them"
}
