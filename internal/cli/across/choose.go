package across

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/profile"
)

// namesOf returns the selections of a profile file.
func namesOf(file *profile.File) []string { return slices.Sorted(maps.Keys(file.Tenants)) }

// selectors returns what --tenants and --where say. Its errors are mistakes of the user.
func (f *Flags) selectors(ctx context.Context, a *cmdutil.App, file *profile.File) ([]fleet.Selector, error) {
	var selectors []fleet.Selector
	if f.tenants != "" {
		chosen, err := chosenBy(ctx, a, file, f.tenants)
		if err != nil {
			return nil, cmdutil.FlagError("--tenants", err)
		}
		selectors = append(selectors, chosen)
	}
	if len(f.where) > 0 {
		narrowed, err := fleet.ParseTerms(f.where...)
		if err != nil {
			return nil, cmdutil.FlagError("--where", err)
		}
		selectors = append(selectors, narrowed)
	}
	return selectors, nil
}

// idForm is an id of Taegis, or a UUID of fusion.
var idForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\d+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)
})

// chosenBy returns the selector of --tenants.
func chosenBy(ctx context.Context, a *cmdutil.App, file *profile.File, text string) (fleet.Selector, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "@") || cmdutil.FromStdin(text) {
		content, err := cmdutil.ReadSource(ctx, a, text)
		if err != nil {
			return fleet.Selector{}, err
		}
		ids, err := fleet.ParseIDs([]byte(content))
		return fleet.Selector{IDs: ids}, err
	}
	if _, isName := file.Tenants[text]; !isName && (text == "all" || strings.Contains(text, ",") || idForm().MatchString(text)) {
		return fleet.ParseSelector(text)
	}
	selection, err := file.SelectionOf(text)
	if err != nil {
		return fleet.Selector{}, err
	}
	return fleet.ParseTerms(selection.Terms()...)
}

// choose returns the tenants. Those with an account of their own are not looked up if they are
// given by their ids, because the account of the client need not see them.
func (r *Run) choose(ctx context.Context, selectors []fleet.Selector) ([]fleet.Tenant, error) {
	var own []fleet.Tenant
	if !slices.ContainsFunc(selectors, func(s fleet.Selector) bool { return !s.OnlyIDs() }) && len(selectors) == 1 {
		var others []string
		for _, id := range selectors[0].IDs {
			if account := r.accountOf(id); account != "" {
				own = append(own, fleet.Tenant{ID: id, Account: account, Enabled: true})
			} else {
				others = append(others, id)
			}
		}
		if selectors[0].IDs = others; len(others) == 0 {
			return own, nil
		}
	}
	found, err := r.find(ctx, selectors)
	if err != nil {
		return nil, err
	}
	for i, t := range found {
		found[i].Account = r.accountOf(t.ID)
	}
	found = append(own, found...)
	if slices.ContainsFunc(selectors, func(s fleet.Selector) bool { return !s.All }) {
		return found, nil
	}
	for _, id := range slices.Sorted(maps.Keys(r.file.Accounts)) {
		known := slices.ContainsFunc(found, func(t fleet.Tenant) bool { return t.ID == id })
		if account := r.accountOf(id); !known && account != "" {
			found = append(found, fleet.Tenant{ID: id, Account: account, Enabled: true})
		}
	}
	return found, nil
}

// accountOf returns the profile with the tenant's own credentials, "" if the client's are used.
func (r *Run) accountOf(id string) string {
	if name := r.file.Accounts[id]; name != r.active {
		return name
	}
	return ""
}

// find asks the server for the tenants.
func (r *Run) find(ctx context.Context, selectors []fleet.Selector) ([]fleet.Tenant, error) {
	if r.home.Environment().Platform == core.PlatformFusion {
		return findOnFusion(ctx, r.home, selectors)
	}
	found, err := fleet.Select(ctx, r.home, selectors...)
	if err != nil {
		return nil, err
	}
	var preferred []string
	for _, s := range selectors {
		preferred = append(preferred, s.Environments...)
	}
	for i, t := range found {
		found[i] = r.placed(t, preferred)
	}
	return found, nil
}

// placed returns the tenant with the environment for its calls: one that was chosen, or else that
// of the client if the tenant is enabled there. A custom environment, for example an emulator, is
// not left: the environments that its tenants name are other servers.
func (r *Run) placed(t fleet.Tenant, preferred []string) fleet.Tenant {
	own := r.home.Environment()
	if known, err := core.FindEnvironment(own.Name); err != nil || known.Platform != own.Platform {
		t.Environment = ""
		return t
	}
	if t = t.In(append(slices.Clone(preferred), own.Canonical)...); t.Environment == own.Canonical {
		t.Environment = "" // its name as the user spelled it
	}
	return t
}

// errFusion is returned for a selector that the list of fusion cannot answer.
var errFusion = errors.New("the tenants of fusion have ids and names: --where takes id and name there")

// findOnFusion returns tenants of fusion.
func findOnFusion(ctx context.Context, client *taegis.Client, selectors []fleet.Selector) ([]fleet.Tenant, error) {
	var found []fleet.Tenant
	for _, s := range selectors {
		if len(s.Services)+len(s.Labels)+len(s.Partners)+len(s.Organizations)+len(s.Environments)+len(s.Licenses) > 0 {
			return nil, &usageError{errFusion}
		}
	}
	for row, err := range client.FusionTenants(ctx) {
		if err != nil {
			return nil, err
		}
		t := fleet.Tenant{ID: row.ID, Name: row.Name, Enabled: true}
		if !slices.ContainsFunc(selectors, func(s fleet.Selector) bool { return !s.Matches(t) }) {
			found = append(found, t)
		}
	}
	return found, checkIDs(selectors, found)
}

// checkIDs returns an error if ids of a selector were not found.
func checkIDs(selectors []fleet.Selector, found []fleet.Tenant) error {
	if len(selectors) != 1 || !selectors[0].OnlyIDs() {
		return nil
	}
	missing := slices.DeleteFunc(slices.Clone(selectors[0].IDs), func(id string) bool {
		return slices.ContainsFunc(found, func(t fleet.Tenant) bool { return t.ID == id })
	})
	if len(missing) == 0 {
		return nil
	}
	return &fleet.UnknownTenantsError{IDs: missing}
}

// usageError marks a mistake of the user until the command is known.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usage makes a mistake of the user a usage error of the command.
func usage(cmd *cobra.Command, err error) error {
	if wrong, ok := err.(*usageError); ok { //nolint:errorlint // made in this package
		return cmdutil.UsageErrorf(cmd, "%w", wrong.err)
	}
	return err
}

var errNone = errors.New("no tenant fits --tenants and --where")
