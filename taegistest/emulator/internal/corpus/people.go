package corpus

import (
	"strconv"
	"time"
)

// Audit is an entry of the audit log.
type Audit struct {
	ref
	AuditID, Tenant, Application, Event, Action string
	User, Email, Target, Source                 string
	Created                                     time.Time
}

var auditEvents = []struct{ application, event, action string }{
	{"investigations", "investigation_created", "CREATE"},
	{"investigations", "comment_added", "UPDATE"},
	{"alerts", "alert_resolved", "UPDATE"},
	{"users", "user_invited", "CREATE"},
	{"clients", "client_created", "CREATE"},
	{"rules", "rule_disabled", "UPDATE"},
	{"assets", "host_isolated", "UPDATE"},
}

// audit generates an entry of the audit log.
func (c *Corpus) audit(index int) *Audit {
	r := newRef(c.Seed, kindAudit, index)
	kind := pick(r, purposeAction, auditEvents)
	user := r.user()
	return &Audit{
		ref: r, AuditID: r.uuid(), Tenant: c.tenantOf(r), Application: kind.application, Event: kind.event,
		Action: kind.action, User: user, Email: user + "@example.com", Source: r.sourceIP(),
		Target:  "rn:" + kind.application + ":" + r.hex(purposeHash, 12),
		Created: c.auditTimes.at(index).Truncate(time.Second),
	}
}

// AddAudit adds an entry of the audit log.
func (c *Corpus) AddAudit(tenant string, now time.Time, user, event, target string) *Audit {
	return c.Audits.Add(func(index int) *Audit {
		r := newRef(c.Seed, kindAudit, index)
		return &Audit{
			ref: r, AuditID: r.uuid(), Tenant: tenant, Application: "emulator", Event: event, Action: "UPDATE",
			User: user, Email: user, Source: "192.0.2.1", Target: target, Created: now.Truncate(time.Second),
		}
	})
}

// AuditByID returns an entry of the audit log by its UUID.
func (c *Corpus) AuditByID(id string) (*Audit, bool) {
	index, ok := indexOf(c.Seed, kindAudit, id)
	if !ok {
		return nil, false
	}
	a := c.Audits.At(index)
	return a, a != nil && a.AuditID == id
}

// User is a user of a tenant.
type User struct {
	ref
	UserID, Tenant, Name, Email, Status, Role string
	Created, LastLogin                        time.Time
}

// roles are the roles of generated users: the ID and the name.
var roles = [][2]string{
	{"ba0fdcbd-e87d-4bdd-ae7d-ca6118b25068", "Tenant Administrator"},
	{"a72dace7-4536-4dbc-947d-015a8eb65f4d", "Tenant Responder"},
	{"a4903f9f-465b-478f-a24e-82fa2e129d2e", "Tenant Analyst"},
	{"ace1cae4-59fd-4fd1-9500-40077dc529a7", "Tenant Auditor"},
}

// user generates a user.
func (c *Corpus) user(index int) *User {
	r := newRef(c.Seed, kindUser, index)
	name := userNames[index%len(userNames)]
	u := &User{
		ref: r, UserID: r.uuid(), Tenant: c.tenantOf(r), Name: name,
		Email:   name + strconv.Itoa(index/len(userNames)+1) + "@example.com",
		Status:  pick(r, purposeStatus, []string{"Registered", "Registered", "Registered", "Invited"}),
		Role:    pick(r, purposeType, roles)[0],
		Created: c.Start.AddDate(0, 0, -index-1).Truncate(time.Second),
	}
	u.LastLogin = c.Start.Add(time.Duration(r.below(purposeUpdate, 3600)) * time.Second).Truncate(time.Second)
	return u
}

// RoleName returns the name of the role with an ID, or the ID if it is unknown.
func RoleName(id string) string {
	for _, role := range roles {
		if role[0] == id {
			return role[1]
		}
	}
	return id
}

// UserByID returns a user by its UUID.
func (c *Corpus) UserByID(id string) (*User, bool) {
	index, ok := indexOf(c.Seed, kindUser, id)
	if !ok {
		return nil, false
	}
	u := c.Users.At(index)
	return u, u != nil && u.UserID == id
}

// Rule is a rule of a tenant.
type Rule struct {
	ref
	RuleID, Tenant, Name, Description, EventType, Type, Query string
	Severity, Confidence                                      float64
	Enabled, Deleted                                          bool
	Created, Updated                                          time.Time
}

// ruleTypes are the types of events that generated rules are for.
var ruleTypes = []string{"antivirus", "auth", "dnsquery", "http", "process"}

// rule generates a rule.
func (c *Corpus) rule(index int) *Rule {
	r := newRef(c.Seed, kindRule, index)
	of, _ := EventTypeByName(pick(r, purposeType, ruleTypes))
	rule := &Rule{
		ref: r, RuleID: r.uuid(), Tenant: c.tenantOf(r), Type: "QL", EventType: of.Name,
		Name:        "Rule " + strconv.Itoa(index+1) + ": " + signatures[r.below(purposeTitle, len(signatures))].title,
		Description: "Generated rule", Query: "FROM " + of.Name + " WHERE hostname = '" + r.host() + "'",
		Severity: float64(r.below(purposeSeverity, 21)) / 20, Confidence: float64(5+r.below(purposeConfidence, 6)) / 10,
		Enabled: !r.oneIn(purposeStatus, 5), Deleted: r.oneIn(purposeStatus+64, 10),
		Created: c.ruleTimes.at(index).Truncate(time.Millisecond),
	}
	rule.Updated = rule.Created.Add(time.Duration(r.below(purposeUpdate, 600)) * time.Second)
	return rule
}

// AddRule adds a rule. The call of change precedes the addition.
func (c *Corpus) AddRule(tenant string, now time.Time, change func(*Rule)) *Rule {
	return c.Rules.Add(func(index int) *Rule {
		r := newRef(c.Seed, kindRule, index)
		now = now.Truncate(time.Millisecond)
		rule := &Rule{ref: r, RuleID: r.uuid(), Tenant: tenant, Type: "QL", Enabled: true, Created: now, Updated: now}
		change(rule)
		return rule
	})
}

// Index returns the position of the rule in its store.
func (r *Rule) Index() int { return r.index }

// RuleByID returns a rule by its UUID.
func (c *Corpus) RuleByID(id string) (*Rule, bool) {
	index, ok := indexOf(c.Seed, kindRule, id)
	if !ok {
		return nil, false
	}
	r := c.Rules.At(index)
	return r, r != nil && r.RuleID == id
}
