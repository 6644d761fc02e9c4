package corpus

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Case is a case, or investigation, with its evidence, comments and files.
type Case struct {
	ref
	CaseID                                   string
	Tenant, ShortID, Title                   string
	Status, Type, Assignee, Reason, Findings string
	Priority                                 int
	Risk                                     float64
	Tags                                     []string
	Author                                   string
	Updater                                  string // the subject of the last change, "" for the author
	Created, Inserted, Updated               time.Time
	Archived, Deleted, Closed                time.Time // zero if it is not
	Alerts, Events, Assets, Queries          []string  // IDs of the evidence
	RuleID, DeskID, DeskType                 string
	Comments                                 []Comment
	// Fusion are the fields that only the successor platform has.
	Fusion FusionCase
	Files  []File
	// Pending is the background work that is not done, oldest first. FailedWork are the kinds of
	// work that ended with a failure.
	Pending    []Work
	FailedWork []string
}

// FusionCase are the fields of a case that only the successor platform has.
type FusionCase struct {
	Severity                          int // 0 if it follows from the priority
	SecondaryStatus, SecondaryVerdict string
	Reasons                           []string // of the secondary status
	ManagedBy, Source, Advisor        string
	QueueID, Queue                    string
	Links                             []Link
}

// Link is a link of a case.
type Link struct {
	ID, URL, Title, Reference, Type string
	Internal                        bool
	Created, Updated                time.Time
}

// Comment is a comment of a case.
type Comment struct {
	ID, Author, Text string
	Internal         bool
	Created, Updated time.Time
}

// File is a file of a case.
type File struct {
	ID, Name, Type   string
	Status           string // "SCHEDULED" until it is uploaded, then "UPLOADED"
	Size             int
	Embedded         bool
	Author           string
	Created, Updated time.Time
}

// Work is work on a case that goes on after the answer.
type Work struct {
	Kind  string      // "alerts", "events" or "assets"
	Polls int         // readings of the case that see it running
	Done  func() bool // does the work, and reports whether it succeeded
}

// caseTitles are the titles of generated cases.
var caseTitles = []string{
	"Suspicious sign-ins", "Malware on a workstation", "Data sent to an unknown domain",
	"Ransomware precursor", "Account takeover", "Scan from the guest network", "Phishing campaign",
}

// CaseStatuses are the open statuses, then the closed ones.
var CaseStatuses = []string{
	"OPEN", "ACTIVE", "AWAITING_ACTION", "SUSPENDED", "DRAFT",
	"CLOSED_AUTHORIZED_ACTIVITY", "CLOSED_CONFIRMED_SECURITY_INCIDENT", "CLOSED_FALSE_POSITIVE_ALERT",
	"CLOSED_INCONCLUSIVE", "CLOSED_INFORMATIONAL", "CLOSED_NOT_VULNERABLE", "CLOSED_THREAT_MITIGATED",
}

var caseTypes = []string{"SECURITY_INVESTIGATION", "SECURITY_INVESTIGATION", "INCIDENT_RESPONSE", "THREAT_HUNT"}

// newCase generates a case.
func (c *Corpus) newCase(index int) *Case {
	r := newRef(c.Seed, kindCase, index)
	k := &Case{ref: r, CaseID: r.uuid(), Tenant: c.tenantOf(r), ShortID: shortID(index)}
	k.Created = c.caseTimes.at(index).Truncate(time.Millisecond)
	k.Inserted = k.Created
	k.Title = pick(r, purposeTitle, caseTitles) + " on " + r.host()
	k.Status = pick(r, purposeStatus, CaseStatuses)
	k.Type = pick(r, purposeType, caseTypes)
	k.Priority, k.Risk = 1+r.below(purposePriority, 4), float64(r.below(purposeNumber, 101))/10
	k.Assignee = pick(r, purposeUser, []string{"@customer", "@secureworks", "auth0|5f1e2d3c4b5a697887a6"})
	k.Author = "auth0|" + pick(r, purposeSource, userNames)
	k.Findings = "Seen on " + r.host() + "."
	if r.oneIn(purposeTag, 3) {
		k.Tags = []string{"phishing", "vip"}[:1+r.below(purposeTag+64, 2)]
	}
	k.Updated = k.Created.Add(time.Duration(r.below(purposeUpdate, 3600)) * time.Second)
	if k.IsClosed() {
		k.Closed, k.Reason = k.Updated, pick(r, purposeReason, resolutionReasons)
		if r.oneIn(purposeNumber, 3) {
			k.Archived = k.Updated
		}
	}
	c.evidence(k)
	c.comments(k)
	return k
}

// IsClosed reports whether the case's status is a closed one.
func (k *Case) IsClosed() bool { return strings.HasPrefix(k.Status, "CLOSED_") }

// Index returns the position of the case in its store.
func (k *Case) Index() int { return k.index }

func shortID(index int) string { return "INV-" + strconv.Itoa(index+1) }

// evidencePerCase is the largest number of alerts that a generated case has as evidence. A case
// refers to the first alerts of its share of all alerts.
const evidencePerCase = 3

// share returns how many alerts there are for each case.
func (c *Corpus) share() int {
	if c.Size.Cases == 0 {
		return 0
	}
	return c.Size.Alerts / c.Size.Cases
}

// caseOfAlert returns the ID of the case that a generated alert is in.
func (c *Corpus) caseOfAlert(index int, tenant string) (string, bool) {
	share := c.share()
	if share < 2 || index%share >= min(evidencePerCase, share-1) || index/share >= c.Size.Cases {
		return "", false
	}
	r := newRef(c.Seed, kindCase, index/share)
	return r.uuid(), c.tenantOf(r) == tenant
}

// evidence sets the alerts and the assets of a generated case.
func (c *Corpus) evidence(k *Case) {
	share := c.share()
	for i := range min(evidencePerCase, max(share-1, 0)) {
		index := k.index*share + i
		r := newRef(c.Seed, kindAlert, index)
		if c.tenantOf(r) == k.Tenant {
			a := c.alert(index)
			k.Alerts, k.Events = append(k.Alerts, a.ID()), append(k.Events, a.Events()...)
		}
	}
	if c.Size.Assets > 0 {
		k.Assets = []string{newRef(c.Seed, kindAsset, k.below(purposeHost, c.Size.Assets)).uuid()}
	}
}

// comments sets the comments and files of a generated case.
func (c *Corpus) comments(k *Case) {
	for i := range k.below(purposeField, c.Comments+1) {
		r := newRef(k.seed+uint64(k.index), kindComment, i)
		at := k.Created.Add(time.Duration(i+1) * time.Minute)
		k.Comments = append(k.Comments, Comment{
			ID: r.uuid(), Author: "auth0|" + r.user(), Created: at, Updated: at, Internal: r.oneIn(purposeStatus, 4),
			Text: "Comment " + strconv.Itoa(i+1) + ": looked at " + r.host() + ".",
		})
	}
	for i := range k.below(purposeField+1, c.Files+1) {
		r := newRef(k.seed+uint64(k.index), kindFile, i)
		at := k.Created.Add(time.Duration(i+1) * time.Minute)
		k.Files = append(k.Files, File{
			ID: r.uuid(), Name: "notes-" + strconv.Itoa(i+1) + ".txt", Type: "text/plain", Status: "UPLOADED",
			Size: 10 + r.below(purposeNumber, 1000), Embedded: r.oneIn(purposeType, 4),
			Author: "auth0|" + r.user(), Created: at, Updated: at,
		})
	}
}

// CaseByID returns a case by its UUID or its short ID.
func (c *Corpus) CaseByID(id string) (*Case, bool) {
	index, ok := indexOf(c.Seed, kindCase, id)
	if number, short := strings.CutPrefix(id, "INV-"); short {
		n, err := strconv.Atoi(number)
		index, ok = n-1, err == nil
	}
	if !ok {
		return nil, false
	}
	k := c.Cases.At(index)
	if k == nil || k.CaseID != id && k.ShortID != id {
		return nil, false
	}
	return k, true
}

// AddCase adds a case of a tenant that is created at a time. The call of change precedes the
// addition.
func (c *Corpus) AddCase(tenant string, now time.Time, change func(*Case)) *Case {
	return c.Cases.Add(func(index int) *Case {
		r := newRef(c.Seed, kindCase, index)
		now = now.Truncate(time.Millisecond)
		k := &Case{
			ref: r, CaseID: r.uuid(), Tenant: tenant, ShortID: shortID(index), Status: "OPEN",
			Type: caseTypes[0], Priority: 3, Created: now, Inserted: now, Updated: now,
		}
		change(k)
		return k
	})
}

// NewID returns a new UUID that depends on the case and a number.
func (k *Case) NewID(number int) string {
	return newRef(k.seed+uint64(k.index), kindComment, number+1<<20).uuid()
}

// ID returns the case's UUID.
func (k *Case) ID() string { return k.CaseID }

// WorkState returns the state of background work of a kind: RUNNING, SUCCESS or FAILED.
func (k *Case) WorkState(kind string) string {
	for _, w := range k.Pending {
		if w.Kind == kind {
			return "RUNNING"
		}
	}
	if slices.Contains(k.FailedWork, kind) {
		return "FAILED"
	}
	return "SUCCESS"
}

// UpdatedBy returns the subject of the last change.
func (k *Case) UpdatedBy() string { return cmp.Or(k.Updater, k.Author) }
