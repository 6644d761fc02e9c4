package emulator

import (
	"crypto/sha256"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// fusionRoutes are the endpoints of the successor besides GraphQL.
func (e *Emulator) fusionRoutes() map[string]endpoint {
	always := func(*Config) bool { return true }
	return map[string]endpoint{
		pathFusionToken:        post(always, (*exchange).fusionToken),
		pathFusionIdentity:     identified((*exchange).fusionIdentity),
		pathFusionPartner:      identified(tenantsOf(core.IdentityPartner, headerPartner)),
		pathFusionOrganization: identified(tenantsOf(core.IdentityOrganization, headerOrganization)),
	}
}

// fusionToken logs in a client of the successor. Credentials are in a form, not in a header. Its
// failures have a form of their own (docs/protocol.md#client-credentials-of-the-successor). Of
// these only that of a wrong secret is known; the emulator makes the other codes up.
func (x *exchange) fusionToken() {
	media, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	form, err := url.ParseQuery(string(x.body))
	client, known := x.config.Fusion.client(form.Get("client_id"))
	switch {
	case media != "application/x-www-form-urlencoded" || err != nil:
		x.fusionRefusal(http.StatusBadRequest, "oauth.invalid_request", "Bad Request")
	case form.Get("grant_type") != "client_credentials":
		x.fusionRefusal(http.StatusBadRequest, "oauth.unsupported_grant_type", "Bad Request")
	case form.Get("scope") != "token":
		x.fusionRefusal(http.StatusBadRequest, "oauth.invalid_scope", "Bad Request")
	case !known:
		x.fusionRefusal(http.StatusUnauthorized, "oauth.invalid_client", "Unauthorized")
	case !same(client.Secret, form.Get("client_secret")):
		x.fusionRefusal(http.StatusUnauthorized, "oauth.invalid_client_secret", "Unauthorized")
	default:
		x.grant(client.owner())
	}
}

// fusionRefusal responds to a login that is denied, in the form of the successor.
func (x *exchange) fusionRefusal(status int, code, message string) {
	x.json(status, map[string]string{"errorCode": code, "message": message, "trackingId": uuidOf(x.id)})
}

// uuidOf returns a UUID that follows from a text.
func uuidOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80 // RFC 9562, section 5.4
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// identified returns an endpoint for GET requests with a token of the successor.
func identified(serve func(*exchange, FusionClient)) endpoint {
	return func(x *exchange) {
		o, valid := x.caller()
		client, known := x.config.Fusion.client(o.clientID)
		switch {
		case x.r.Method != http.MethodGet:
			x.w.Header().Set("Allow", http.MethodGet)
			x.fusionFailure(http.StatusMethodNotAllowed, "MethodNotAllowed", "use GET")
		case !valid || !known:
			x.fusionFailure(http.StatusUnauthorized, "Unauthorized", "the access token is missing, expired or revoked")
		default:
			serve(x, client)
		}
	}
}

// fusionIdentity returns what a client belongs to.
func (x *exchange) fusionIdentity(client FusionClient) {
	global := x.baseURL() + pathFusion
	hosts := map[string]string{"global": global}
	if client.Type == core.IdentityTenant {
		hosts["dataRegion"] = global // of no use for GraphQL
	}
	x.json(http.StatusOK, map[string]any{"id": x.e.identityOf(client), "idType": client.Type, "apiHosts": hosts})
}

// identityOf returns the UUID of what a client belongs to.
func (e *Emulator) identityOf(client FusionClient) string {
	if client.Type == core.IdentityTenant {
		return e.FusionTenant(client.Tenant)
	}
	return uuidOf(string(client.Type) + " " + client.Tenant)
}

// tenantsOf returns the endpoint that lists the tenants of clients of that type, which name
// themselves in a header.
func tenantsOf(kind core.IdentityType, header string) func(*exchange, FusionClient) {
	return func(x *exchange, client FusionClient) {
		if client.Type != kind || !strings.EqualFold(x.r.Header.Get(header), x.e.identityOf(client)) {
			x.fusionFailure(http.StatusForbidden, "Forbidden", "the client is not that of "+header)
			return
		}
		x.fusionTenants(client)
	}
}

// fusionTenants returns one page of the tenants of a partner or an organization.
func (x *exchange) fusionTenants(client FusionClient) {
	query := x.r.URL.Query()
	page, err := strconv.Atoi(orDefault(query.Get("page"), "1"))
	if err != nil || page < 1 {
		x.fusionFailure(http.StatusBadRequest, "BadRequest", "page must be a number from 1")
		return
	}
	records := x.e.corpora.of(client.Tenant)
	count := records.Tenants + 1
	items := []any{}
	for number := (page - 1) * fusionTenantsPerPage; number < min(page*fusionTenantsPerPage, count); number++ {
		t := records.TenantAt(number)
		items = append(items, map[string]any{
			"id": t.UUID(), "name": t.Name, "apiHost": x.baseURL() + pathFusion,
			"dataGeography": "US", "dataRegion": fusionTenantsDataRegion,
		})
	}
	pages := map[string]any{"current": page, "size": fusionTenantsPerPage}
	if query.Get("pageTotal") == "true" {
		pages["total"] = (count + fusionTenantsPerPage - 1) / fusionTenantsPerPage
	}
	x.json(http.StatusOK, map[string]any{"items": items, "pages": pages})
}
