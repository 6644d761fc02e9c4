// Package fleet runs work over many tenants: it selects them, calls a function for each of them at
// a bounded rate, and collects results and errors.
//
//	selector, err := fleet.ParseSelector("all", "service=*MDR*", "region=us1")
//	tenants, err := fleet.Select(ctx, client, selector)
//	err = fleet.ForEach(ctx, tenants, 32, func(ctx context.Context, t fleet.Tenant) error {
//		return alerts.New(client).…(taegis.ContextWithTenant(ctx, t.ID), …)
//	})
//
// An account of a partner calls for all of its tenants with one client and the id of the tenant. A
// tenant with credentials of its own needs a client of its own: see [Clients]. All clients of a
// process share a [Limiter], which learns how many requests the server accepts.
package fleet
