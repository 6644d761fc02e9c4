package fleet

import (
	"slices"
	"strings"

	"github.com/taegis-go/taegis/services/tenants4"
)

// Selector says which tenants are meant. Values of one field are alternatives; all fields that are
// set must fit. Labels are alternatives if they have the same name. In names, services, labels and
// licenses * stands for any characters, and case does not matter.
//
// Tenants that are disabled are selected by their ids only. The zero Selector selects none.
type Selector struct {
	// All selects all tenants that the account sees, as far as the other fields fit.
	All bool
	IDs []string
	// Names, Services and Licenses are those of tenants, of their subscriptions and their license
	// levels.
	Names, Services, Licenses []string
	Labels                    []Label
	Partners, Organizations   []string // ids
	// Environments are names or aliases of environments in which the tenants are enabled. Calls go
	// to the first of them that fits.
	Environments []string
}

// IsZero reports whether the selector selects nothing.
func (s Selector) IsZero() bool { return !s.All && len(s.IDs) == 0 && !s.narrows() }

// narrows reports whether a field other than All and IDs is set.
func (s Selector) narrows() bool {
	return len(s.Names)+len(s.Services)+len(s.Licenses)+len(s.Labels)+len(s.Partners)+len(s.Organizations)+len(s.Environments) > 0
}

// OnlyIDs reports whether the selector consists of ids.
func (s Selector) OnlyIDs() bool { return len(s.IDs) > 0 && !s.narrows() }

// Matches reports whether a tenant fits the selector. It ignores Services if the tenant's are not
// known.
func (s Selector) Matches(t Tenant) bool {
	switch {
	case s.IsZero(), len(s.IDs) > 0 && !slices.Contains(s.IDs, t.ID):
		return false
	case !t.Enabled && len(s.IDs) == 0:
		return false
	case !anyLike(s.Names, t.Name), !s.hasLicense(t), !anyOf(s.Partners, t.Partner), !anyOf(s.Organizations, t.Organization):
		return false
	case len(s.Environments) > 0 && !slices.ContainsFunc(s.Environments, func(name string) bool {
		return slices.Contains(t.Environments, canonicalName(name))
	}):
		return false
	}
	return s.hasLabels(t)
}

// hasLicense reports whether the tenant has one of the license levels. The server knows two levels
// that stand for several.
func (s Selector) hasLicense(t Tenant) bool {
	return len(s.Licenses) == 0 || slices.ContainsFunc(s.Licenses, func(pattern string) bool {
		switch level := tenants4.LicenseLevel(strings.ToUpper(pattern)); level {
		case tenants4.LicenseLevelAll:
			return true
		case tenants4.LicenseLevelNotNone:
			return t.License != "" && t.License != string(tenants4.LicenseLevelNone)
		}
		return like(pattern, t.License)
	})
}

// hasLabels reports whether the tenant has one of the labels of each name.
func (s Selector) hasLabels(t Tenant) bool {
	for _, alternatives := range s.labelsByName() {
		if !slices.ContainsFunc(t.Labels, func(own Label) bool {
			return slices.ContainsFunc(alternatives, func(l Label) bool { return like(l.Name, own.Name) && like(l.Value, own.Value) })
		}) {
			return false
		}
	}
	return true
}

// labelsByName returns the labels in groups of one name, in the order of the first of each.
func (s Selector) labelsByName() (groups [][]Label) {
	for _, label := range s.Labels {
		i := slices.IndexFunc(groups, func(g []Label) bool { return strings.EqualFold(g[0].Name, label.Name) })
		if i < 0 {
			groups = append(groups, []Label{label})
			continue
		}
		groups[i] = append(groups[i], label)
	}
	return groups
}

func anyLike(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool { return like(pattern, name) })
}

func anyOf(accepted []string, value string) bool {
	return len(accepted) == 0 || slices.Contains(accepted, value)
}
