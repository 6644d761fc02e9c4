package emulator

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/taegis-go/taegis/internal/digest"
)

// registry holds the OAuth clients by ID.
type registry struct {
	mu      sync.Mutex
	records map[string]*clientRecord
}

// clientRecord is a client with its history. The registry changes its records under its lock and
// returns copies.
type clientRecord struct {
	Client
	id          string // the ID of the record, not of the client
	ownerTenant string
	createdBy   string
	created     time.Time
	updated     time.Time
	lastToken   time.Time
	tokens      int // the number of issued tokens
	assignments []assignment
}

// assignment is a role that a client has in a tenant.
type assignment struct {
	id, role, tenant, expires string
}

func newClientRecord(c Client, now time.Time) *clientRecord {
	r := &clientRecord{Client: c, id: digest.Of("client", c.ID), ownerTenant: c.Tenant, created: now, updated: now}
	for _, role := range c.Roles {
		r.assign(role, c.Tenant, "")
	}
	return r
}

func (r *clientRecord) owner() owner { return owner{clientID: r.ID, tenant: r.Tenant} }

// assign assigns a role in a tenant to the client, or changes the expiry of the assignment.
func (r *clientRecord) assign(role, tenant, expires string) {
	tenant = cmp.Or(tenant, r.Tenant)
	r.assignments = append(
		slices.DeleteFunc(r.assignments, func(a assignment) bool { return a.role == role && a.tenant == tenant }),
		assignment{id: digest.Of(r.ID, role, tenant), role: role, tenant: tenant, expires: expires})
}

func (r *clientRecord) clone() *clientRecord {
	c := *r
	c.assignments = slices.Clone(r.assignments)
	return &c
}

func (g *registry) put(r *clientRecord) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.records == nil {
		g.records = map[string]*clientRecord{}
	}
	g.records[r.ID] = r.clone()
}

// find returns a record by the client's ID or by the record's ID. The caller holds mu.
func (g *registry) find(id string) *clientRecord {
	if r, ok := g.records[id]; ok {
		return r
	}
	for _, r := range g.records {
		if r.id == id {
			return r
		}
	}
	return nil
}

func (g *registry) get(id string) (*clientRecord, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.find(id)
	if r == nil {
		return nil, false
	}
	return r.clone(), true
}

// update changes a record and returns a copy of it.
func (g *registry) update(id string, now time.Time, change func(*clientRecord) error) (*clientRecord, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.find(id)
	if r == nil {
		return nil, errNoSuchClient(id)
	}
	if err := change(r); err != nil {
		return nil, err
	}
	r.updated = now
	return r.clone(), nil
}

func (g *registry) remove(id string) (*clientRecord, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.find(id)
	if r == nil {
		return nil, errNoSuchClient(id)
	}
	delete(g.records, r.ID)
	return r, nil
}

// all returns copies of the records, oldest first.
func (g *registry) all() []*clientRecord {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := slices.Collect(maps.Values(g.records))
	for i, r := range list {
		list[i] = r.clone()
	}
	slices.SortFunc(list, func(a, b *clientRecord) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// authenticate checks a client's secret and counts the token.
func (g *registry) authenticate(id, secret string, now time.Time) (owner, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r, ok := g.records[id]
	if !ok || !same(r.Secret, secret) {
		return owner{}, false
	}
	r.tokens++
	r.lastToken = now
	return r.owner(), true
}
