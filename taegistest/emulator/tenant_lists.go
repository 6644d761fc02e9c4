package emulator

import (
	"path"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// like reports whether a name matches a pattern with "*", without case.
func like(pattern, name string) bool {
	matched, err := path.Match(strings.ToLower(strings.ReplaceAll(pattern, "/", "\x00")), strings.ToLower(strings.ReplaceAll(name, "/", "\x00")))
	return err == nil && matched
}

// matching are the names of a selector, each with an optional value.
type matcher struct{ Name, Value, ID string }

// tenantFilter holds the selectors of tenants, of both versions of the service.
type tenantFilter struct {
	IDs, Names, Partners, Organizations, Hierarchies, ForHierarchies, MDRProviders []string
	Name, WithService, LicenseLevel                                                string
	WithServices                                                                   []string
	Enabled                                                                        *bool
	EnabledInEnvironments                                                          []string
	LabelsMatch, SubscriptionsMatch                                                []matcher
	IsPartner, IsPartnerRoot                                                       *bool
	EnvironmentFilter                                                              struct {
		Name, Environment string
		Enabled           *bool
	}
	LabelFilter struct{ LabelName, LabelValue, Name, Value string }
}

// matches reports whether the tenant fits all selectors that are set.
func (f tenantFilter) matches(t *corpus.Tenant) bool {
	return f.isNamed(t) && f.isPlaced(t) && f.hasState(t) &&
		f.inEnvironments(t) && f.hasSubscriptions(t) && f.hasLabels(t)
}

// isNamed reports whether the tenant has one of the IDs, and a name that the selectors accept.
func (f tenantFilter) isNamed(t *corpus.Tenant) bool {
	return (anyOf(f.IDs, t.ID) || anyOf(f.IDs, t.UUID())) &&
		anyLike(f.Names, t.Name) && (f.Name == "" || like("*"+f.Name+"*", t.Name))
}

// isPlaced reports whether the tenant is below the partners and hierarchies of the selectors.
func (f tenantFilter) isPlaced(t *corpus.Tenant) bool {
	for _, ids := range [][]string{f.Partners, f.Hierarchies, f.ForHierarchies} {
		if !anyOf(ids, t.Parent) && !anyOf(ids, t.ID) {
			return false
		}
	}
	return len(f.Organizations) == 0 // no tenant of the emulator belongs to one
}

// hasState reports whether the tenant has the license, the provider and the flags of the selectors.
func (f tenantFilter) hasState(t *corpus.Tenant) bool {
	level, provider := t.License()
	isPartner := t.Parent == ""
	return anyOf(f.MDRProviders, provider) &&
		hasLevel(f.LicenseLevel, level) &&
		isWanted(f.Enabled, t.Enabled()) && isWanted(f.IsPartner, isPartner) && isWanted(f.IsPartnerRoot, isPartner)
}

// hasLevel reports whether a license level is the wanted one, or one of those that it stands for.
func hasLevel(wanted, level string) bool {
	switch wanted {
	case "", "ALL":
		return true
	case "NOT_NONE":
		return level != "NONE"
	}
	return level == wanted
}

// anyOf reports whether a value is one of the accepted ones, or none are given.
func anyOf(accepted []string, value string) bool {
	return len(accepted) == 0 || slices.Contains(accepted, value)
}

// isWanted reports whether a flag has the wanted value, or none is given.
func isWanted(wanted *bool, flag bool) bool { return wanted == nil || *wanted == flag }

// anyLike reports whether a name matches one of the patterns, or there is none.
func anyLike(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool { return like(pattern, name) })
}

func (f tenantFilter) inEnvironments(t *corpus.Tenant) bool {
	wanted := f.EnabledInEnvironments
	if name := orDefault(f.EnvironmentFilter.Name, f.EnvironmentFilter.Environment); name != "" {
		wanted = append(slices.Clip(wanted), strings.ToUpper(name))
	}
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(name string) bool { return slices.Contains(t.Environments(), name) })
}

// hasSubscriptions reports whether the tenant has all of the subscriptions.
func (f tenantFilter) hasSubscriptions(t *corpus.Tenant) bool {
	wanted := slices.Clone(f.WithServices)
	if f.WithService != "" {
		wanted = append(wanted, f.WithService)
	}
	for _, m := range f.SubscriptionsMatch {
		wanted = append(wanted, orDefault(m.Name, m.ID))
	}
	return !slices.ContainsFunc(wanted, func(pattern string) bool {
		return !slices.ContainsFunc(t.Subscriptions(), func(name string) bool { return like(pattern, name) })
	})
}

// hasLabels reports whether the tenant has all of the labels.
func (f tenantFilter) hasLabels(t *corpus.Tenant) bool {
	wanted := slices.Clone(f.LabelsMatch)
	if name := orDefault(f.LabelFilter.LabelName, f.LabelFilter.Name); name != "" {
		wanted = append(wanted, matcher{Name: name, Value: orDefault(f.LabelFilter.LabelValue, f.LabelFilter.Value)})
	}
	name, value := t.Label()
	return !slices.ContainsFunc(wanted, func(m matcher) bool {
		return !like(orDefault(m.Name, "*"), name) || !like(orDefault(m.Value, "*"), value)
	})
}

// listTenants returns the list of the tenants that the request may see.
func listTenants(convert func(*corpus.Tenant) any) list {
	return func(c *call, args map[string]any) (source, error) {
		input, _ := args["tenantsQuery"].(map[string]any)
		f, err := decode[tenantFilter](input)
		if err != nil {
			return source{}, err
		}
		var found []*corpus.Tenant
		for _, number := range c.scope.tenants() {
			if t := c.scope.TenantAt(number); f.matches(t) {
				found = append(found, t)
			}
		}
		s := source{
			length: len(found), at: func(i int) any { return convert(found[i]) },
			key: func(i int) string { return found[i].ID },
		}
		if cursor, given := textAt(input, "cursorPos"); given { // the other way of the third version
			position, err := s.position(cursor)
			if err != nil {
				return source{}, err
			}
			found = found[min(position+1, len(found)):]
			s.length = len(found)
		}
		return s, nil
	}
}

// tenantV4 returns a tenant as the fourth version of the service does.
func tenantV4(t *corpus.Tenant) any {
	level, provider := t.License()
	label, value := t.Label()
	return row{
		"id": t.ID, "parentTenantID": optionalText(t.Parent), "partnerTenantID": optionalText(t.Parent),
		"partnerName": "Example Partner", "name": t.Name, "enabled": t.Enabled(), "isPartner": t.Parent == "",
		"isOrganization": false, "hasSupportEnabled": true, "createdAt": isoTime(t.Created), "updatedAt": isoTime(t.Created),
		"mdrProviderType": provider, "licenseLevel": level, "enabledAtEnvironments": t.Environments(),
		"labels":              []any{row{"id": t.ID + "-label", "name": label, "value": value}},
		"dataRetentionPolicy": row{"months": t.Retention()}, "centralTenant": row{"id": t.UUID()},
		"licenseCapabilities": []any{},
	}
}

// tenantV3 returns a tenant as the third version of the service does.
func tenantV3(t *corpus.Tenant) any {
	level, provider := t.License()
	label, value := t.Label()
	environments := rows([]string{"CHARLIE", "DELTA"}, func(name string) any {
		return row{"id": t.ID + "-" + name, "name": strings.ToLower(name), "enabled": slices.Contains(t.Environments(), name)}
	})
	return row{
		"id": t.ID, "created_at": isoTime(t.Created), "updated_at": isoTime(t.Created), "enabled": t.Enabled(),
		"name": t.Name, "name_normalized": strings.ToLower(t.Name), "parent": optionalText(t.Parent),
		"partner": optionalText(t.Parent), "is_partner": t.Parent == "", "is_organization": false, "support_enabled": true,
		"data_retention_months": t.Retention(), "environments": environments, "licenseLevel": level,
		"mdr_provider_type": provider, "labels": []any{row{"id": t.ID + "-label", "name": label, "value": value}},
		"services": rows(t.Subscriptions(), func(name string) any { return row{"id": name, "name": name} }),
	}
}

// oneTenant returns a tenant by its ID or its UUID, nil if there is none.
func (c *call) oneTenant(args struct{ ID string }) (any, error) {
	for _, number := range c.scope.tenants() {
		if t := c.scope.TenantAt(number); t.ID == args.ID || t.UUID() == args.ID {
			return tenantV4(t), nil
		}
	}
	return nil, nil
}
