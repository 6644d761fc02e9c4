package corpus

import (
	"strconv"
	"time"
)

// Tenant is the root tenant or one of its children.
type Tenant struct {
	ref
	ID, Name string
	Parent   string // the ID of the root tenant, "" for that tenant itself
	Created  time.Time
}

// childStep is the distance of the IDs of two children.
const childStep = 17

// child returns the ID of a child tenant, which is a number if the root's ID is one.
func (c *Corpus) child(number int) string {
	if root, err := strconv.Atoi(c.Root); err == nil {
		return strconv.Itoa(root + (number+1)*childStep)
	}
	return c.Root + "-" + strconv.Itoa(number+1)
}

// TenantIDs returns the IDs of the root tenant and its children.
func (c *Corpus) TenantIDs() []string {
	ids := make([]string, 0, c.Tenants+1)
	ids = append(ids, c.Root)
	for number := range c.Tenants {
		ids = append(ids, c.child(number))
	}
	return ids
}

// HasTenant reports whether the ID is that of the root tenant or of a child.
func (c *Corpus) HasTenant(id string) bool {
	_, ok := c.Tenant(id)
	return ok
}

// Tenant returns a tenant by its ID.
func (c *Corpus) Tenant(id string) (*Tenant, bool) {
	if id == c.Root {
		return c.TenantAt(0), true
	}
	n, err := strconv.Atoi(id)
	root, rootErr := strconv.Atoi(c.Root)
	if err != nil || rootErr != nil {
		for number := range c.Tenants {
			if c.child(number) == id {
				return c.TenantAt(number + 1), true
			}
		}
		return nil, false
	}
	if number := (n - root) / childStep; number > 0 && number <= c.Tenants && c.child(number-1) == id {
		return c.TenantAt(number), true
	}
	return nil, false
}

// TenantAt returns the root tenant for 0, and its children for 1 to the number of tenants.
func (c *Corpus) TenantAt(number int) *Tenant {
	r := newRef(c.Seed, kindTenant, number)
	t := &Tenant{ref: r, ID: c.Root, Name: "Example Partner"}
	if number > 0 {
		t.ID, t.Parent = c.child(number-1), c.Root
		t.Name = pick(r, purposeTitle, tenantNames) + " " + strconv.Itoa(number)
	}
	t.Created = c.Start.AddDate(-1, 0, -number)
	return t
}

var tenantNames = []string{"Acme", "Bank of Example", "City of Example", "Example Health", "Example Motors", "Example University"}

// tenantOf returns the tenant of a record.
func (c *Corpus) tenantOf(r ref) string {
	if c.Tenants == 0 {
		return c.Root
	}
	if number := r.below(purposeTenant, c.Tenants+1); number > 0 {
		return c.child(number - 1)
	}
	return c.Root
}

// UUID returns the tenant's UUID.
func (t *Tenant) UUID() string { return t.uuid() }

// Subscriptions returns the names of the tenant's subscriptions.
func (t *Tenant) Subscriptions() []string {
	if t.oneIn(purposeLicense, 3) {
		return []string{"Taegis XDR", "Managed XDR"}
	}
	if t.oneIn(purposeLicense+64, 3) {
		return []string{"Taegis XDR", "Sophos MDR"}
	}
	return []string{"Taegis XDR"}
}

// Label returns the name and the value of the tenant's label.
func (t *Tenant) Label() (name, value string) {
	return "tier", pick(t.ref, purposeTag, []string{"gold", "silver", "bronze"})
}

// Environments returns the names of the environments in which the tenant is enabled.
func (t *Tenant) Environments() []string {
	if t.Parent == "" {
		return []string{"CHARLIE", "DELTA"}
	}
	return []string{pick(t.ref, purposeRegion, []string{"CHARLIE", "DELTA"})}
}

// Enabled reports whether the tenant is enabled.
func (t *Tenant) Enabled() bool { return t.Parent == "" || !t.oneIn(purposeStatus, 20) }

// License returns the license level and the MDR provider.
func (t *Tenant) License() (level, provider string) {
	for _, s := range t.Subscriptions() {
		switch s {
		case "Managed XDR":
			return "MDR", "TAEGIS_MDR"
		case "Sophos MDR":
			return "ALL_SOPHOS", "SOPHOS_MDR"
		}
	}
	return "ALL_XDR", "NONE"
}

// Retention returns for how many months the tenant's data is kept.
func (t *Tenant) Retention() int { return 12 }
