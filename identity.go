package taegis

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// The requests of fusion's identity service (docs/protocol.md#who-am-i).
var (
	whoAmI = &core.Operation{
		Service: "identity", Name: "whoami", Kind: core.KindGet, Platform: core.PlatformFusion,
		Host: core.HostTenants, Gateway: "/whoami/v1",
	}
	partnerTenants      = tenantList("/partner/v1/tenants")
	organizationTenants = tenantList("/organization/v1/tenants")
)

func tenantList(path string) *core.Operation {
	return &core.Operation{
		Service: "identity", Name: "tenants", Kind: core.KindGet, Platform: core.PlatformFusion,
		Host: core.HostTenants, Gateway: path,
		Arguments: []core.Argument{{Name: "page", Type: "Int!"}, {Name: "pageTotal", Type: "Boolean"}},
	}
}

// Identity returns what the account of the client's token belongs to on fusion: a tenant, a partner
// or an organization. The client requests it once for each token and stores it with the token. If
// ctx has a token from [ContextWithAccessToken], Identity uses that token.
//
// On Taegis, which has no identity service, it returns a [*core.ArgumentError]. Its other errors
// are those of [Client.Token], and a [*core.ResponseError] or a [*core.ConnectionError] of the
// service.
func (c *Client) Identity(ctx context.Context) (core.Identity, error) {
	s := settingsOf(ctx)
	if s.fault != nil {
		return core.Identity{}, s.fault
	}
	branch, err := c.branchFor(s.environment)
	if err != nil {
		return core.Identity{}, err
	}
	if s.token.IsZero() {
		return branch.session.Identity(ctx)
	}
	if err := c.belongs(s, branch.environment); err != nil {
		return core.Identity{}, err
	}
	return branch.session.IdentityOf(ctx, s.token)
}

// identify returns the function that asks the identity service of an environment, nil if the
// platform has none.
func (c *config) identify(environment core.Environment, send func(context.Context, *core.Request, any) error) func(context.Context, core.Secret) (core.Identity, error) {
	if environment.Platform != core.PlatformFusion {
		return nil
	}
	return func(ctx context.Context, token core.Secret) (core.Identity, error) {
		var answer struct {
			ID   string            `json:"id"`
			Type core.IdentityType `json:"idType"`
		}
		req := &core.Request{Operation: whoAmI, Environment: environment, Token: token, Timeout: *c.timeout}
		if err := send(ctx, req, &answer); err != nil {
			return core.Identity{}, err
		}
		if environment.Platform.TenantFault(answer.ID) != "" || answer.Type == "" || strings.ContainsFunc(string(answer.Type), notInType) {
			fault := &core.ResponseError{
				Operation: whoAmI.Name, Status: http.StatusOK, Reason: "the answer has no id that is a UUID, or no idType",
			}
			if base, err := url.Parse(environment.TenantsURL); err == nil {
				fault.Host = base.Host
			}
			return core.Identity{}, fault
		}
		return core.Identity{ID: answer.ID, Type: answer.Type}, nil
	}
}

// notInType reports whether the type of an identity must not contain r, because files hold it as
// one word.
func notInType(r rune) bool { return r <= ' ' || r > '~' }

// FusionTenant is a tenant of a partner or an organization on fusion.
type FusionTenant struct {
	ID   string `json:"id"`             // the UUID for [WithTenant] and [ContextWithTenant]
	Name string `json:"name,omitempty"` // empty if the server did not return it
	// Geography and Region are the location of the tenant's data; empty if the server did not
	// return it.
	Geography string `json:"dataGeography,omitempty"`
	Region    string `json:"dataRegion,omitempty"`
}

// mostPages limits the pages of a list of tenants, in case its total is wrong.
const mostPages = 100_000

// FusionTenants yields the tenants that the account of the client's token can use on fusion, page
// by page, in the order of the server. An account of a partner or an organization has all tenants
// of it; any other account has one tenant, for which only the ID is known. An error ends the
// sequence: one of [Client.Identity], or a [*core.TenantRequiredError] for an identity of an
// unknown type.
func (c *Client) FusionTenants(ctx context.Context) iter.Seq2[FusionTenant, error] {
	return func(yield func(FusionTenant, error) bool) {
		identity, err := c.Identity(ctx)
		if err != nil {
			yield(FusionTenant{}, err)
			return
		}
		op, header := partnerTenants, "X-Partner-ID"
		switch identity.Type {
		case core.IdentityTenant:
			yield(FusionTenant{ID: identity.ID}, nil)
			return
		case core.IdentityOrganization:
			op, header = organizationTenants, "X-Organization-ID"
		case core.IdentityPartner:
		default:
			yield(FusionTenant{}, &core.TenantRequiredError{Identity: identity})
			return
		}
		c.eachTenant(ContextWithHeader(ctx, header, identity.ID), op, yield)
	}
}

// eachTenant yields the tenants of a list. The list ends with its last page, or without a total
// with an empty one.
func (c *Client) eachTenant(ctx context.Context, op *core.Operation, yield func(FusionTenant, error) bool) {
	for page := 1; page <= mostPages; page++ {
		var answer struct {
			Items *[]FusionTenant `json:"items"`
			Pages struct {
				Total int `json:"total"`
			} `json:"pages"`
		}
		req := &core.Request{Operation: op, Args: map[string]any{"page": page, "pageTotal": true}}
		if err := c.Execute(ctx, req, &answer); err != nil {
			yield(FusionTenant{}, err)
			return
		}
		last := answer.Pages.Total
		switch {
		case answer.Items == nil:
			yield(FusionTenant{}, badList(op, "the answer has no items"))
			return
		case len(*answer.Items) == 0 && page < last:
			yield(FusionTenant{}, badList(op, fmt.Sprintf("page %d of %d is empty", page, last)))
			return
		}
		for _, tenant := range *answer.Items {
			if !yield(tenant, nil) {
				return
			}
		}
		if len(*answer.Items) == 0 || last > 0 && page >= last {
			return
		}
	}
}

// badList returns the error for an answer that is no page of a list of tenants.
func badList(op *core.Operation, reason string) error {
	return &core.ResponseError{Operation: op.Name, Status: http.StatusOK, Reason: reason}
}
