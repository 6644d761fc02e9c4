package fleet

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/tenants"
	"github.com/taegis-go/taegis/services/tenants4"
)

// Select returns the tenants that fit all selectors, in the order of the server, each once. It asks
// the fourth version of the tenants service, or the third one if the server lacks the fourth.
//
// Each tenant gets the environment for its calls: the first that a selector names and in which it
// is enabled, or else the first in which it is enabled. [Tenant.In] chooses another one.
//
// If a selector has ids that the account does not see, Select returns the other tenants together
// with an [*UnknownTenantsError]; ids of tenants that another field leaves out are not an error of
// that kind. Without a selector, or with one that selects nothing, Select returns a
// [*SelectorError]. Other errors are those of the calls.
func Select(ctx context.Context, t ports.Transport, selectors ...Selector) ([]Tenant, error) {
	if len(selectors) == 0 || slices.ContainsFunc(selectors, Selector.IsZero) {
		return nil, &SelectorError{Reason: "it selects nothing"}
	}
	var preferred []string
	for _, s := range selectors {
		preferred = append(preferred, s.Environments...)
	}
	var found []Tenant
	var unknown []string
	for i, s := range needed(selectors) {
		some, err := s.find(ctx, t)
		if err != nil {
			return nil, err
		}
		if s.OnlyIDs() {
			unknown = append(unknown, missing(s.IDs, some)...)
		}
		if i > 0 {
			some = common(found, some)
		}
		found = some
	}
	for i := range found {
		found[i] = found[i].In(preferred...)
	}
	if unknown != nil {
		return found, &UnknownTenantsError{IDs: unique(unknown)}
	}
	return found, nil
}

// needed returns the selectors without those that select all if another one is left.
func needed(selectors []Selector) []Selector {
	some := slices.DeleteFunc(slices.Clone(selectors), func(s Selector) bool { return len(s.IDs) == 0 && !s.narrows() })
	if len(some) == 0 {
		return selectors[:1]
	}
	return some
}

// missing returns the ids without a tenant.
func missing(ids []string, found []Tenant) []string {
	known := idSet(found)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return known[id] })
}

// common returns the tenants that others has too.
func common(tenants, others []Tenant) []Tenant {
	known := idSet(others)
	return slices.DeleteFunc(tenants, func(t Tenant) bool { return !known[t.ID] })
}

func idSet(tenants []Tenant) map[string]bool {
	known := make(map[string]bool, len(tenants))
	for _, t := range tenants {
		known[t.ID] = true
	}
	return known
}

// find returns the tenants that fit the selector.
func (s Selector) find(ctx context.Context, t ports.Transport) ([]Tenant, error) {
	found, err := s.findCurrent(ctx, t)
	if schema, ok := errors.AsType[*core.SchemaError](err); ok && schema.NoOperation {
		return s.findOlder(ctx, t)
	}
	return found, err
}

// mostIDs is how many ids go into one query, so that it stays small.
const mostIDs = 500

// inBatches returns selectors with at most mostIDs ids each.
func (s Selector) inBatches() []Selector {
	if len(s.IDs) <= mostIDs {
		return []Selector{s}
	}
	var batches []Selector
	for ids := range slices.Chunk(s.IDs, mostIDs) {
		one := s
		one.IDs = ids
		batches = append(batches, one)
	}
	return batches
}

// findCurrent asks the fourth version of the service.
func (s Selector) findCurrent(ctx context.Context, t ports.Transport) ([]Tenant, error) {
	fits := func(Tenant) bool { return true }
	if s.exactLicenses() == nil {
		fits = s.hasLicense
	}
	var u union
	for _, batch := range s.inBatches() {
		for _, query := range batch.Queries() {
			query.Count = new(pageSize)
			all := tenants4.New(t).TenantsAll(ctx, tenants4.TenantsArgs{TenantsQuery: query})
			if err := u.add(convert(all, current), fits); err != nil {
				return nil, err
			}
		}
	}
	return u.tenants, nil
}

// pageSize is how many tenants a request asks for.
const pageSize = 500

// findOlder asks the third version of the service for the ids and the services, and compares the
// rest.
func (s Selector) findOlder(ctx context.Context, t ports.Transport) ([]Tenant, error) {
	services := s.Services
	if len(services) == 0 {
		services = []string{""}
	}
	var u union
	for _, batch := range s.inBatches() {
		for _, name := range services {
			query := tenants.TenantsQuery{IDs: batch.IDs}
			if name != "" {
				query.WithServices = []string{name}
			}
			all := tenants.New(t).TenantsAll(ctx, tenants.TenantsArgs{TenantsQuery: query})
			if err := u.add(convert(all, older), s.Matches); err != nil {
				return nil, err
			}
		}
	}
	return u.tenants, nil
}

// union collects tenants, each once.
type union struct {
	tenants []Tenant
	known   map[string]bool
}

// add adds the tenants that fit.
func (u *union) add(tenants iter.Seq2[Tenant, error], fits func(Tenant) bool) error {
	if u.known == nil {
		u.known = map[string]bool{}
	}
	for t, err := range tenants {
		if err != nil {
			return err
		}
		if t.ID != "" && !u.known[t.ID] && fits(t) {
			u.known[t.ID] = true
			u.tenants = append(u.tenants, t)
		}
	}
	return nil
}

// convert converts the rows of a service.
func convert[Row any](rows iter.Seq2[*Row, error], one func(*Row) Tenant) iter.Seq2[Tenant, error] {
	return func(yield func(Tenant, error) bool) {
		for row, err := range rows {
			var t Tenant
			if row != nil {
				t = one(row)
			}
			if !yield(t, err) {
				return
			}
		}
	}
}

// current converts a tenant of the fourth version of the service.
func current(row *tenants4.TenantV4) Tenant {
	t := Tenant{
		ID: row.ID, Name: row.Name, Enabled: row.Enabled, Partner: row.PartnerTenantID, Organization: row.OrganizationTenantID,
		License: string(row.LicenseLevel), Environments: canonicalNames(row.EnabledAtEnvironments),
	}
	for _, label := range row.Labels {
		if label != nil {
			t.Labels = append(t.Labels, Label{Name: label.Name, Value: label.Value})
		}
	}
	return t
}

// older converts a tenant of the third version of the service.
func older(row *tenants.Tenant) Tenant {
	t := Tenant{
		ID: row.ID, Name: row.Name, Enabled: row.Enabled, Partner: row.Partner, Organization: row.Organization,
		License: string(row.LicenseLevel),
	}
	for _, environment := range row.Environments {
		if environment != nil && environment.Enabled {
			t.Environments = append(t.Environments, canonicalNames([]string{environment.Name})...)
		}
	}
	for _, label := range row.Labels {
		if label != nil {
			t.Labels = append(t.Labels, Label{Name: label.Name, Value: label.Value})
		}
	}
	return t
}
