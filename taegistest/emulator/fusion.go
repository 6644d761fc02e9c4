package emulator

import (
	"net/http"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// Paths of the successor platform, fusion. It has a base of its own on the same host, because some
// of its paths are those of Taegis.
const (
	pathFusion              = "/fusion"
	pathFusionToken         = pathFusion + "/api/v2/oauth2/token"
	pathFusionIdentity      = pathFusion + "/whoami/v1"
	pathFusionPartner       = pathFusion + "/partner/v1/tenants"
	pathFusionGraphQL       = pathFusion + core.DefaultGateway
	pathFusionOrganization  = pathFusion + "/organization/v1/tenants"
	headerPartner           = "X-Partner-ID"
	headerOrganization      = "X-Organization-ID"
	fusionIssuer            = "fusion-emulator"
	fusionTenantsPerPage    = 50
	fusionTenantsDataRegion = "us03"
)

// Fusion configures the successor platform, which the emulator serves below the path "/fusion".
type Fusion struct {
	// Clients are the OAuth clients of the successor. Nil selects [DemoFusionClients].
	Clients []FusionClient
	// NotMoved are the IDs of tenants that have not moved to the successor. They have no types of
	// cases there.
	NotMoved []string
	// Refusals is how many calls of createCase and addEvidenceToCase are refused for a reason that
	// passes before one succeeds. A negative number refuses all.
	Refusals int
	// RefusedTakeEffect makes such a call take effect although it is refused. Whether that happens
	// is not known.
	RefusedTakeEffect bool
}

// FusionClient is an OAuth client of the successor platform.
type FusionClient struct {
	// ID is the OAuth client_id, Secret the OAuth client_secret.
	ID, Secret string
	// Type is what the client belongs to. Empty selects a tenant. A client of a partner or an
	// organization can use all tenants of Tenant: it and its children.
	Type core.IdentityType
	// Tenant is the ID that the tenant has on Taegis. Empty selects [DemoTenant]. Its ID on the
	// successor is [Emulator.FusionTenant].
	Tenant string
}

// Clients of a zero [Fusion].
const (
	DemoSophosClientID       = "6f1c2b1e-0d5a-4f35-8a43-90a2b7d0c101" // of a tenant
	DemoSophosPartnerID      = "6f1c2b1e-0d5a-4f35-8a43-90a2b7d0c102" // of a partner
	DemoSophosOrganizationID = "6f1c2b1e-0d5a-4f35-8a43-90a2b7d0c103" // of an organization
	DemoSophosClientSecret   = "demo-sophos-secret"
)

// DemoFusionClients returns [DemoSophosClientID], [DemoSophosPartnerID] and
// [DemoSophosOrganizationID], all with the secret [DemoSophosClientSecret].
func DemoFusionClients() []FusionClient {
	return []FusionClient{
		{ID: DemoSophosClientID, Secret: DemoSophosClientSecret},
		{ID: DemoSophosPartnerID, Secret: DemoSophosClientSecret, Type: core.IdentityPartner},
		{ID: DemoSophosOrganizationID, Secret: DemoSophosClientSecret, Type: core.IdentityOrganization},
	}
}

// withDefaults returns a copy with defaults for unset fields.
func (f Fusion) withDefaults() Fusion {
	if f.Clients == nil {
		f.Clients = DemoFusionClients()
	}
	f.Clients = slices.Clone(f.Clients)
	for i := range f.Clients {
		f.Clients[i].Type = orDefault(f.Clients[i].Type, core.IdentityTenant)
		f.Clients[i].Tenant = orDefault(f.Clients[i].Tenant, DemoTenant)
	}
	return f
}

// client returns the client with that ID.
func (f Fusion) client(id string) (FusionClient, bool) {
	i := slices.IndexFunc(f.Clients, func(c FusionClient) bool { return c.ID == id })
	if i < 0 {
		return FusionClient{}, false
	}
	return f.Clients[i], true
}

func (c FusionClient) owner() owner {
	return owner{platform: core.PlatformFusion, clientID: c.ID, tenant: c.Tenant}
}

// FusionTenant returns the ID that a tenant of Taegis has on the successor platform, a UUID. It
// returns "" if the emulator has no such tenant.
func (e *Emulator) FusionTenant(tenant string) string {
	t, found := e.corpora.of(tenant).Tenant(tenant)
	if !found {
		return ""
	}
	return t.UUID()
}

// tenantOfFusion returns the tenant of the records that has a UUID.
func tenantOfFusion(records *corpus.Corpus, id string) (*corpus.Tenant, bool) {
	for number := range records.Tenants + 1 {
		if t := records.TenantAt(number); strings.EqualFold(t.UUID(), id) {
			return t, true
		}
	}
	return nil, false
}

// platform returns the platform that the path of the request belongs to.
func (x *exchange) platform() core.Platform {
	if strings.HasPrefix(x.r.URL.Path, pathFusion+"/") {
		return core.PlatformFusion
	}
	return core.PlatformTaegis
}

// fusionScope is [exchange.scope] on the successor, where each call names a tenant by its UUID. A
// client of a tenant can use that tenant only, others the children too.
func (x *exchange) fusionScope(o owner) (scope, bool) {
	records := x.e.corpora.of(o.tenant)
	s := scope{Corpus: records, tenant: o.tenant, now: x.config.Now()}
	t, known := tenantOfFusion(records, x.tenant())
	if !known {
		return s, x.config.AnyTenant
	}
	client, _ := x.config.Fusion.client(o.clientID)
	s.tenant = t.ID
	return s, t.ID == o.tenant || client.Type != core.IdentityTenant || x.config.AnyTenant
}

// moved reports whether the tenant of the scope has moved to the successor.
func (c *call) moved() bool { return !slices.Contains(c.config.Fusion.NotMoved, c.scope.tenant) }

// notePlatforms records what clients must never do: sending a token or the header of one platform
// to the other.
func (x *exchange) notePlatforms() {
	here := x.platform()
	other := core.PlatformFusion
	if here == core.PlatformFusion {
		other = core.PlatformTaegis
	}
	if name := other.TenantHeader(); x.r.Header.Get(name) != "" {
		x.e.violate(here.String() + " " + x.r.URL.Path + ": the header " + name + " belongs to the other platform")
	}
	if !x.e.tokens.issued(other) {
		return // most programs use one platform, and reading a token takes time
	}
	if o, known := x.e.tokens.owner(x.bearer()); known && o.platform != here {
		x.e.violate(here.String() + " " + x.r.URL.Path + ": the token belongs to the other platform")
	}
}

// fusionHeaders answers a call that lacks the tenant's header, and reports whether it did. The
// status is that of the REST interfaces; it is not known for GraphQL.
func (x *exchange) fusionHeaders() (answered bool) {
	reason := core.PlatformFusion.TenantFault(x.tenant())
	if reason == "" {
		return false
	}
	x.fusionFailure(http.StatusUnauthorized, "Unauthorized", reason)
	return true
}

// fusionFailure responds with the standard object of the successor's failures.
func (x *exchange) fusionFailure(status int, code, message string) {
	x.json(status, map[string]string{"error": code, "message": message, "correlationId": x.id})
}
