package profile

import (
	"bytes"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// TenantsConfig is a named selection of tenants. Values of one key are alternatives, and all keys
// that are set must fit. In names, services, labels and licenses * stands for any characters.
type TenantsConfig struct {
	IDs      []string `toml:"ids"`
	Names    []string `toml:"names"`
	Services []string `toml:"services"`
	// Labels are of the form NAME=VALUE. Those with different names must all fit.
	Labels        []string `toml:"labels"`
	Partners      []string `toml:"partners"`
	Organizations []string `toml:"organizations"`
	// Regions are names or aliases of the environments of Taegis.
	Regions  []string `toml:"regions"`
	Licenses []string `toml:"licenses"`
}

// Terms returns the selection as terms of the form KEY=VALUE, for example for fleet.ParseTerms.
func (t TenantsConfig) Terms() []string {
	var terms []string
	add := func(key string, values []string) {
		for _, value := range values {
			terms = append(terms, key+value)
		}
	}
	add("id=", t.IDs)
	add("name=", t.Names)
	add("service=", t.Services)
	add("label:", t.Labels)
	add("partner=", t.Partners)
	add("organization=", t.Organizations)
	add("region=", t.Regions)
	add("license=", t.Licenses)
	return terms
}

// values returns the lists of the selection by their keys.
func (t *TenantsConfig) values() map[string][]string {
	return map[string][]string{
		"ids": t.IDs, "names": t.Names, "services": t.Services, "labels": t.Labels, "partners": t.Partners,
		"organizations": t.Organizations, "regions": t.Regions, "licenses": t.Licenses,
	}
}

// ErrUnknownTenants marks the error about a selection of tenants that the file does not have.
var ErrUnknownTenants = errors.New("unknown selection of tenants")

// SelectionOf returns the selection of tenants with that name. An unknown name returns a
// [*core.FileError] that wraps [ErrUnknownTenants].
func (f *File) SelectionOf(name string) (TenantsConfig, error) {
	selection, ok := f.Tenants[name]
	if ok {
		return selection, nil
	}
	names := slices.Sorted(maps.Keys(f.Tenants))
	hint := "add a table [tenants." + name + "]"
	if near := nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	} else if len(names) > 0 {
		hint = "use one of " + strings.Join(names, ", ")
	}
	return TenantsConfig{}, &core.FileError{
		Path: f.Path, Reason: `unknown selection of tenants "` + name + `"`, HintText: hint, Err: ErrUnknownTenants,
	}
}

// checkTenants returns the first fault of the accounts and the selections of tenants, in the order
// of names.
func (f *File) checkTenants() error {
	for _, id := range slices.Sorted(maps.Keys(f.Accounts)) {
		key := "accounts." + id
		if reason := faultOfTenant(id); reason != "" {
			return f.fault(key, reason, "name a tenant by its id")
		}
		if name := f.Accounts[id]; !f.hasProfile(name) {
			return f.fault(key, `unknown profile "`+name+`"`, f.suggestProfile(name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Tenants)) {
		if err := f.checkSelection(name); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) hasProfile(name string) bool { _, ok := f.Profiles[name]; return ok }

func (f *File) checkSelection(name string) error {
	if err := f.checkName("tenants", name); err != nil {
		return err
	}
	table := "tenants." + name
	if name == "all" {
		return f.fault(table, `the name "all" is taken: it selects all tenants`, "choose another name")
	}
	selection := f.Tenants[name]
	empty := true
	lists := selection.values()
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		for _, value := range lists[key] {
			empty = false
			if reason, hint := faultOfSelection(key, value); reason != "" {
				return f.fault(table+"."+key, reason, hint)
			}
		}
	}
	if empty {
		return f.fault(table, "it selects nothing", "add ids, names, services, labels, partners, organizations, regions or licenses")
	}
	return nil
}

// faultOfSelection returns why a value cannot be used, "" if it can.
func faultOfSelection(key, value string) (reason, hint string) {
	switch {
	case value == "":
		return "a value is empty", "remove it"
	case key == "ids":
		return faultOfTenant(value), "name a tenant by its id"
	case key == "labels":
		if name, label, ok := strings.Cut(value, "="); !ok || name == "" || label == "" {
			return `"` + value + `" is not a label`, `write it as "NAME=VALUE"`
		}
	case key == "regions":
		if _, err := core.FindEnvironment(value); err != nil {
			return err.Error(), "name an environment of Taegis"
		}
	}
	return "", ""
}

// faultOfTenant returns why a text cannot be the id of a tenant, "" if it can.
func faultOfTenant(id string) string {
	if id == "" || strings.ContainsAny(id, " \t,;@*=") {
		return `"` + id + `" is not the id of a tenant`
	}
	return setting.TenantFault(id)
}

// placed adds the line of its key to an error of checkTenants, if the key has a line of its own in
// the text of f.
func (f *File) placed(err error, text []byte) error {
	fault, ok := err.(*core.FileError) //nolint:errorlint // made by fault
	if !ok || fault.Line > 0 || fault.Path != f.Path {
		return err
	}
	key, _, _ := strings.Cut(fault.Reason, ":")
	fault.Line = lineOf(text, key)
	return err
}

// lineOf returns the line of a dotted key, or of its table, 0 if neither has a line of its own.
func lineOf(text []byte, key string) (line int) {
	table, last, _ := cutLast(key)
	header := regexp.MustCompile(`^\s*\[\s*` + spelled(table) + `\s*\]`)
	whole := regexp.MustCompile(`^\s*\[\s*` + spelled(key) + `\s*\]`)
	entry := regexp.MustCompile(`^\s*["']?` + regexp.QuoteMeta(last) + `["']?\s*=`)
	inline := regexp.MustCompile(`^\s*` + spelled(table) + `\s*=.*["']` + regexp.QuoteMeta(last) + `["']\s*=`)
	inside := false
	for i, raw := range bytes.Split(text, []byte("\n")) {
		switch {
		case whole.Match(raw):
			return i + 1
		case header.Match(raw):
			inside, line = true, i+1
		case tableLine().Match(raw):
			inside = false
		case inside && entry.Match(raw), !inside && inline.Match(raw):
			return i + 1
		}
	}
	return line
}

// cutLast splits a dotted key before its last name.
func cutLast(key string) (table, last string, ok bool) {
	at := strings.LastIndexByte(key, '.')
	if at < 0 {
		return "", key, false
	}
	return key[:at], key[at+1:], true
}

// spelled returns a pattern of a dotted key, each name of it with or without quotes.
func spelled(key string) string {
	var names []string
	for name := range strings.SplitSeq(key, ".") {
		names = append(names, `["']?`+regexp.QuoteMeta(name)+`["']?`)
	}
	return strings.Join(names, `\s*\.\s*`)
}
