package fleet

import (
	"slices"
	"strings"

	"github.com/taegis-go/taegis/services/tenants4"
)

// Queries returns the queries of the list of tenants that together find what the selector selects.
// The server requires all services and all labels of a query, and takes one license level, so
// alternatives of these are queries of their own.
func (s Selector) Queries() []tenants4.TenantsQuery {
	if s.IsZero() {
		return nil
	}
	base := tenants4.TenantsQuery{IDs: s.IDs, Names: s.Names, Partners: s.Partners, Organizations: s.Organizations}
	if len(s.IDs) == 0 {
		base.Enabled = new(true)
	}
	for _, name := range s.Environments {
		base.EnabledInEnvironments = append(base.EnabledInEnvironments, tenants4.TenantEnvironment(strings.ToUpper(canonicalName(name))))
	}
	queries := []tenants4.TenantsQuery{base}
	queries = alternatives(queries, s.Services, func(q *tenants4.TenantsQuery, name string) {
		q.SubscriptionsMatch = []tenants4.SubscriptionMatcher{{Name: &name}}
	})
	for _, group := range s.labelsByName() {
		queries = alternatives(queries, group, func(q *tenants4.TenantsQuery, l Label) {
			q.LabelsMatch = append(slices.Clip(q.LabelsMatch), tenants4.TenantLabelMatcher{Name: &l.Name, Value: &l.Value})
		})
	}
	return alternatives(queries, s.exactLicenses(), func(q *tenants4.TenantsQuery, level string) {
		q.LicenseLevel = new(tenants4.LicenseLevel(level))
	})
}

// exactLicenses returns the license levels that a query can name, nil if one has a *.
func (s Selector) exactLicenses() []string {
	var levels []string
	for _, pattern := range s.Licenses {
		if strings.Contains(pattern, "*") {
			return nil // Select compares the tenants that it finds
		}
		levels = append(levels, strings.ToUpper(pattern))
	}
	return levels
}

// alternatives returns each query with each of the values; the queries themselves if there is none.
func alternatives[T any](queries []tenants4.TenantsQuery, values []T, set func(*tenants4.TenantsQuery, T)) []tenants4.TenantsQuery {
	if len(values) == 0 {
		return queries
	}
	var all []tenants4.TenantsQuery
	for _, query := range queries {
		for _, value := range values {
			one := query
			set(&one, value)
			all = append(all, one)
		}
	}
	return all
}
