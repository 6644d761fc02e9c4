package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// instantOf parses a time of an argument; an empty or wrong text returns a zero time.
func instantOf(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// auditFilter holds the filters of both lists of audits.
type auditFilter struct {
	TenantIDs                                                                  []string `json:"tenantIDs"`
	ID, Application, EventName, Email, Username, Action, TargetRn, SearchByAll string
	Applications, EventNames, Emails, TargetRns                                []string
	After, Before, SortBy, SortOrder                                           string
}

func (f auditFilter) matches(a *corpus.Audit) bool {
	after, before := instantOf(f.After), instantOf(f.Before)
	is := func(want, value string) bool { return want == "" || strings.EqualFold(want, value) }
	among := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	all := strings.ToLower(strings.Join([]string{a.Application, a.Event, a.Email, a.Target, a.Action}, " "))
	return among(f.TenantIDs, a.Tenant) && is(f.ID, a.AuditID) && is(f.Application, a.Application) &&
		is(f.EventName, a.Event) && is(f.Email, a.Email) && is(f.Username, a.User) && is(f.Action, a.Action) &&
		is(f.TargetRn, a.Target) && among(f.Applications, a.Application) && among(f.EventNames, a.Event) &&
		among(f.Emails, a.Email) && among(f.TargetRns, a.Target) && strings.Contains(all, strings.ToLower(f.SearchByAll)) &&
		(after.IsZero() || !a.Created.Before(after)) && (before.IsZero() || !a.Created.After(before))
}

// listAudits returns the list of audits whose filters are an argument.
func listAudits(argument string) list {
	return func(c *call, args map[string]any) (source, error) {
		input, _ := args[argument].(map[string]any)
		f, err := decode[auditFilter](input)
		if err != nil {
			return source{}, err
		}
		offset, _ := numberAt(input, "offset")
		limit, _ := numberAt(input, "limit")
		if ceiling := c.config.Behavior.AuditCeiling; ceiling > 0 && offset+limit > ceiling {
			return source{}, badInput("offset and limit together are too large")
		}
		var found []*corpus.Audit
		for i := range c.scope.Audits.Len() {
			a := c.scope.Audits.At(i)
			if c.scope.sees(a.Tenant) && !a.Created.After(c.scope.now) && f.matches(a) {
				found = append(found, a)
			}
		}
		slices.SortFunc(found, func(a, b *corpus.Audit) int {
			order := a.Created.Compare(b.Created)
			if order == 0 {
				return strings.Compare(a.AuditID, b.AuditID)
			}
			if strings.EqualFold(f.SortOrder, "asc") {
				return order
			}
			return -order
		})
		return source{
			length: len(found), at: func(i int) any { return auditObject(found[i]) },
			key:  func(i int) string { return found[i].AuditID },
			more: map[string]any{"relation": "eq", "offset": offset, "limit": limit},
		}, nil
	}
}

func auditObject(a *corpus.Audit) any {
	return row{
		"id": a.AuditID, "logType": "AUDIT", "application": a.Application, "username": a.User, "email": a.Email,
		"source": a.Source, "targetRn": a.Target, "action": a.Action, "timestamp": a.Created.UTC().Format(time.RFC3339),
		"eventName": a.Event, "eventDesc": strings.ReplaceAll(a.Event, "_", " "), "tenantId": a.Tenant,
		"responseCode": 200, "subject": row{"id": a.User},
	}
}

// oneAudit returns an entry of the audit log, nil if there is none.
func (c *call) oneAudit(args struct{ AuditID string }) (any, error) {
	a, ok := c.scope.AuditByID(args.AuditID)
	if !ok || !c.scope.sees(a.Tenant) {
		return nil, nil
	}
	return auditObject(a), nil
}

// users returns the users that match, by their email address.
func (c *call) users(match func(*corpus.User) bool) source {
	var found []*corpus.User
	for i := range c.scope.Users.Len() {
		if u := c.scope.Users.At(i); c.scope.sees(u.Tenant) && match(u) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, func(a, b *corpus.User) int { return strings.Compare(a.Email, b.Email) })
	return source{
		length: len(found), at: func(i int) any { return userObject(found[i]) },
		key: func(i int) string { return found[i].UserID },
	}
}

// userFilter holds the filters of both lists of users.
type userFilter struct {
	Email, Role, Status, Name, QuickLookup string
	TenantID                               string   `json:"tenantID"`
	RoleIDs                                []string `json:"role_IDs"`
	TenantIDs                              []string `json:"tenant_IDs"`
	Emails                                 []string
}

func (f userFilter) matches(u *corpus.User) bool {
	among := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	part := func(want, value string) bool { return strings.Contains(strings.ToLower(value), strings.ToLower(want)) }
	return part(f.Email, u.Email) && part(f.Name, u.Name) && part(f.QuickLookup, u.Name+" "+u.Email) &&
		(f.Status == "" || strings.EqualFold(f.Status, u.Status)) && (f.Role == "" || f.Role == u.Role) &&
		(f.TenantID == "" || f.TenantID == u.Tenant) && among(f.RoleIDs, u.Role) && among(f.TenantIDs, u.Tenant) &&
		among(f.Emails, u.Email)
}

func (c *call) listUsers(args map[string]any) (source, error) {
	f, err := decode[userFilter](args)
	return c.users(f.matches), err
}

func (c *call) searchUsers(args map[string]any) (source, error) {
	input, _ := args["filters"].(map[string]any)
	f, err := decode[userFilter](input)
	s := c.users(f.matches)
	s.more = map[string]any{"total_unfiltered_count": s.length, "pageOffset": nil}
	return s, err
}

func userObject(u *corpus.User) any {
	given, family, _ := strings.Cut(u.Name, ".")
	return row{
		"__typename": "TDRUser", "id": u.UserID, "id_uuid": u.UserID, "user_id": "auth0|" + u.UserID, "status": u.Status,
		"created_at": isoTime(u.Created), "updated_at": isoTime(u.LastLogin), "last_login": isoTime(u.LastLogin),
		"email": u.Email, "email_normalized": strings.ToLower(u.Email), "given_name": given, "family_name": family,
		"roles": []string{u.Role}, "timezone": "UTC", "is_partner": false, "is_scwx": false, "masked": false,
		"tenants": []any{row{"id": u.Tenant}}, "role_assignments": []any{row{
			"id": u.UserID + ":" + u.Role, "tenant_id": u.Tenant, "role_id": u.Role, "role_name": corpus.RoleName(u.Role),
		}},
	}
}

// oneUser returns a user by its ID, nil if there is none.
func (c *call) oneUser(args struct{ ID string }) (any, error) {
	u, ok := c.scope.UserByID(strings.TrimPrefix(args.ID, "auth0|"))
	if !ok || !c.scope.sees(u.Tenant) {
		return nil, nil
	}
	return userObject(u), nil
}

// usersByID returns users by their IDs. It omits unknown ones.
func (c *call) usersByID(args struct{ UserIDs []string }) (any, error) {
	list := []any{}
	for _, id := range args.UserIDs {
		if u, ok := c.scope.UserByID(strings.TrimPrefix(id, "auth0|")); ok && c.scope.sees(u.Tenant) {
			list = append(list, userObject(u))
		}
	}
	return list, nil
}
