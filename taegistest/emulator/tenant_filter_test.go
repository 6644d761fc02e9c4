package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// listed is a tenant of a list, with what selectors are about.
type listed struct {
	ID, Name, LicenseLevel, MDRProviderType string
	ParentTenantID                          *string
	Enabled, IsPartner                      bool
	EnabledAtEnvironments                   []string
}

// TestTenantSelectors compares the tenants that each selector finds with those of the whole list
// that fit it.
func TestTenantSelectors(t *testing.T) {
	e, access := local(t, emulator.Config{Corpus: emulator.Corpus{Tenants: 60}})
	find := func(t *testing.T, selectors map[string]any) []listed {
		var data struct {
			Tenants struct{ Tenants []listed }
		}
		ask(t, e, gateway, access, "", `query ($q: TenantsQuery!) { tenants(tenantsQuery: $q) { tenants {
			id name licenseLevel mdrProviderType parentTenantID enabled isPartner enabledAtEnvironments
		} } }`, map[string]any{"q": selectors}).into(t, &data)
		return data.Tenants.Tenants
	}
	all := find(t, map[string]any{"count": 1000})
	if len(all) != 61 {
		t.Fatalf("%d tenants", len(all))
	}
	type selectors = map[string]any
	child := all[7]
	isChild := func(l listed) bool { return l.ID == child.ID }
	inDelta := func(l listed) bool { return slices.Contains(l.EnabledAtEnvironments, "DELTA") }
	for name, test := range map[string]struct {
		selectors selectors
		fits      func(listed) bool
	}{
		"ids":          {selectors{"ids": []string{child.ID, "1"}}, isChild},
		"uuid":         {selectors{"ids": []string{e.FusionTenant(child.ID)}}, isChild},
		"names":        {selectors{"names": []string{strings.ToUpper(child.Name)}}, func(l listed) bool { return l.Name == child.Name }},
		"partners":     {selectors{"partners": []string{emulator.DemoTenant}, "isPartnerRoot": false}, func(l listed) bool { return !l.IsPartner }},
		"hierarchies":  {selectors{"hierarchies": []string{child.ID}}, isChild},
		"root":         {selectors{"isPartnerRoot": true}, func(l listed) bool { return l.ID == emulator.DemoTenant }},
		"enabled":      {selectors{"enabled": true}, func(l listed) bool { return l.Enabled }},
		"disabled":     {selectors{"enabled": false}, func(l listed) bool { return !l.Enabled }},
		"provider":     {selectors{"mdrProviders": []string{"SOPHOS_MDR"}}, func(l listed) bool { return l.MDRProviderType == "SOPHOS_MDR" }},
		"license":      {selectors{"licenseLevel": "MDR"}, func(l listed) bool { return l.LicenseLevel == "MDR" }},
		"environments": {selectors{"enabledInEnvironments": []string{"DELTA"}}, inDelta},
		"two of them": {selectors{"licenseLevel": "MDR", "enabledInEnvironments": []string{"DELTA"}}, func(l listed) bool {
			return l.LicenseLevel == "MDR" && inDelta(l)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			test.selectors["count"] = 1000
			want := slices.DeleteFunc(slices.Clone(all), func(l listed) bool { return !test.fits(l) })
			found := find(t, test.selectors)
			if !slices.EqualFunc(found, want, func(a, b listed) bool { return a.ID == b.ID }) {
				t.Errorf("found %d tenants, %d fit", len(found), len(want))
			}
			if len(want) == 0 || len(want) == len(all) {
				t.Errorf("%d tenants fit, which proves nothing", len(want))
			}
		})
	}
	for _, nothing := range []selectors{{"organizations": []string{"1"}}, {"partners": []string{"1"}}} {
		if found := find(t, nothing); len(found) != 0 {
			t.Errorf("%v finds %d tenants", nothing, len(found))
		}
	}
	for _, level := range []string{"ALL", "NOT_NONE"} { // each tenant has a license
		if found := find(t, selectors{"licenseLevel": level, "count": 1000}); len(found) != len(all) {
			t.Errorf("%s are the levels of %d tenants", level, len(found))
		}
	}
}
