package emulator

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strings"
	"time"
)

// defaultPerPage is the default page size.
const defaultPerPage = 100

func errNoSuchClient(id string) error { return notFound("no client has the id " + id) }

type clientArgs struct {
	ID     string
	Secret string
}

func (c *call) client(args clientArgs) (any, error) {
	r, ok := c.e.clients.get(args.ID)
	if !ok {
		return nil, errNoSuchClient(args.ID)
	}
	return r.record(), nil
}

type createClientArgs struct {
	Name  *string // nil if the schema has drifted
	Roles []string
	Input struct{ OwnerTenantID string }
}

func (c *call) createClient(args createClientArgs) (any, error) {
	var name string
	if args.Name != nil {
		if name = *args.Name; strings.TrimSpace(name) == "" {
			return nil, badInput("a client needs a name")
		}
	}
	tenant := orDefault(c.tenant(), c.owner.tenant)
	r := newClientRecord(Client{ID: rand.Text(), Secret: newSecret(), Name: name, Tenant: tenant, Roles: args.Roles}.withDefaults(), c.config.Now())
	r.ownerTenant = orDefault(args.Input.OwnerTenantID, tenant)
	r.createdBy = c.owner.subject()
	c.e.clients.put(r)
	return r.withSecret(), nil
}

// rotateSecret replaces the secret. If the caller sends one, it must be the current secret.
func (c *call) rotateSecret(args clientArgs) (any, error) {
	r, err := c.e.clients.update(args.ID, c.config.Now(), func(r *clientRecord) error {
		if args.Secret != "" && !same(args.Secret, r.Secret) {
			return badInput("that is not the client's current secret")
		}
		r.Secret = newSecret()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.withSecret(), nil
}

// forceRotateSecret replaces the secret.
func (c *call) forceRotateSecret(args struct{ ID string }) (any, error) {
	return c.rotateSecret(clientArgs{ID: args.ID})
}

func newSecret() string { return rand.Text() + rand.Text() }

// roleInput is a ClientRoleAssignmentInput, in either spelling of its fields.
type roleInput struct {
	TenantID     string `json:"tenantID"`
	OldTenantID  string `json:"tenant_id"`
	RoleID       string `json:"roleID"`
	OldRoleID    string `json:"role_id"`
	ExpiresAt    string `json:"expiresAt"`
	OldExpiresAt string `json:"expires_at"`
}

type appendRolesArgs struct {
	ID    string
	Roles []roleInput
}

func (c *call) appendRoles(args appendRolesArgs) (any, error) {
	return c.changeClient(args.ID, func(r *clientRecord) error {
		for _, in := range args.Roles {
			role := cmp.Or(in.RoleID, in.OldRoleID)
			if role == "" {
				return badInput("a role assignment needs a roleID")
			}
			r.assign(role, cmp.Or(in.TenantID, in.OldTenantID), cmp.Or(in.ExpiresAt, in.OldExpiresAt))
		}
		return nil
	})
}

type removeRolesArgs struct {
	ID    string
	Roles []string
}

// removeRoles removes roles, by the ID of the role or of its assignment.
func (c *call) removeRoles(args removeRolesArgs) (any, error) {
	return c.changeClient(args.ID, func(r *clientRecord) error {
		r.assignments = slices.DeleteFunc(r.assignments, func(a assignment) bool {
			return slices.Contains(args.Roles, a.role) || slices.Contains(args.Roles, a.id)
		})
		return nil
	})
}

func (c *call) changeClient(id string, change func(*clientRecord) error) (any, error) {
	r, err := c.e.clients.update(id, c.config.Now(), change)
	if err != nil {
		return nil, err
	}
	return r.record(), nil
}

func (c *call) deleteClient(args clientArgs) (any, error) {
	r, err := c.e.clients.remove(args.ID)
	if err != nil {
		return nil, err
	}
	return r.record(), nil
}

// clientFilter holds the filters of both searches.
type clientFilter struct {
	Name      string // a part of the name, not case-sensitive
	ClientIDs []string
	TenantID  string
	RoleIDs   []string
	TenantIDs []string
}

func (f clientFilter) matches(r *clientRecord) bool {
	inRole := func(role string) bool {
		return slices.ContainsFunc(r.assignments, func(a assignment) bool { return a.role == role })
	}
	return strings.Contains(strings.ToLower(r.Name), strings.ToLower(f.Name)) &&
		(len(f.ClientIDs) == 0 || slices.Contains(f.ClientIDs, r.ID)) &&
		(f.TenantID == "" || f.TenantID == r.Tenant) &&
		(len(f.TenantIDs) == 0 || slices.Contains(f.TenantIDs, r.Tenant)) &&
		(len(f.RoleIDs) == 0 || slices.ContainsFunc(f.RoleIDs, inRole))
}

// source returns the clients that match as a list with pages.
func (f clientFilter) source(all []*clientRecord) source {
	matching := slices.DeleteFunc(slices.Clone(all), func(r *clientRecord) bool { return !f.matches(r) })
	return source{
		length: len(matching),
		at:     func(i int) any { return matching[i].record() },
		key:    func(i int) string { return matching[i].ID },
		more:   map[string]any{"totalUnfilteredCount": len(all)},
	}
}

func (c *call) listClients(raw map[string]any) (source, error) {
	args, err := decode[clientFilter](raw)
	return args.source(c.e.clients.all()), err
}

type searchClientsArgs struct {
	Filters struct {
		clientFilter
		SortBy    string
		SortOrder string
	}
}

func (c *call) searchClients(raw map[string]any) (source, error) {
	args, err := decode[searchClientsArgs](raw)
	all := c.e.clients.all()
	slices.SortStableFunc(all, clientOrder(args.Filters.SortBy, args.Filters.SortOrder))
	return args.Filters.source(all), err
}

// clientOrder compares clients by a ClientsSearchSortBy.
func clientOrder(by, order string) func(a, b *clientRecord) int {
	compare := func(*clientRecord, *clientRecord) int { return 0 }
	switch by {
	case "NAME":
		compare = func(a, b *clientRecord) int { return strings.Compare(a.Name, b.Name) }
	case "CLIENT_ID":
		compare = func(a, b *clientRecord) int { return strings.Compare(a.ID, b.ID) }
	case "ROLE_ASSIGNMENT_NAME":
		compare = func(a, b *clientRecord) int { return strings.Compare(a.roles(), b.roles()) }
	case "TOKEN_REQUEST_COUNT":
		compare = func(a, b *clientRecord) int { return a.tokens - b.tokens }
	case "TOKEN_REQUEST_TIME":
		compare = func(a, b *clientRecord) int { return a.lastToken.Compare(b.lastToken) }
	}
	if order == "DESC" {
		return func(a, b *clientRecord) int { return compare(b, a) }
	}
	return compare
}

// roles returns the IDs of the client's roles.
func (r *clientRecord) roles() string {
	ids := make([]string, len(r.assignments))
	for i, a := range r.assignments {
		ids[i] = a.role
	}
	return strings.Join(ids, ",")
}

// withSecret returns the client as a NewClient, the only type with the secret.
func (r *clientRecord) withSecret() record {
	return twice(record{"clientSecret": r.Secret, "client": r.record()}, "clientSecret", "client_secret")
}

// record returns the client as a Client.
func (r *clientRecord) record() record {
	assignments := []any{}
	for _, a := range r.assignments {
		assignments = append(assignments, twice(
			record{"id": a.id, "tenantID": a.tenant, "roleID": a.role, "roleName": a.role, "expiresAt": nullable(a.expires)},
			"tenantID", "tenant_id", "roleID", "role_id", "roleName", "role_name", "expiresAt", "expires_at"))
	}
	return twice(record{
		"__typename": "Client", "id": r.id, "name": r.Name, "clientID": r.ID, "roles": r.roles(),
		"tenantID": r.Tenant, "ownerTenantID": r.ownerTenant, "environment": "emulator", "enabled": true,
		"createdAt": stamp(r.created), "updatedAt": stamp(r.updated),
		"createdBy": nullable(r.createdBy), "updatedBy": nullable(r.createdBy),
		"tokenRequestTime": stamp(r.lastToken), "tokenRequestCount": r.tokens, "roleAssignments": assignments,
	}, "clientID", "client_id", "tenantID", "tenant_id", "createdAt", "created_at", "updatedAt", "updated_at",
		"createdBy", "created_by", "updatedBy", "updated_by", "tokenRequestTime", "token_request_time",
		"tokenRequestCount", "token_request_count", "roleAssignments", "role_assignments")
}

// twice copies fields to their older names. The pairs are a name and its older name.
func twice(r record, pairs ...string) record {
	for pair := range slices.Chunk(pairs, 2) {
		r[pair[1]] = r[pair[0]]
	}
	return r
}

// stamp formats a time. It returns nil for a zero time.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// nullable returns the text, or nil if it is empty.
func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}
