package corpus

import (
	"slices"
	"strconv"
	"time"
)

// Alert is a detection. Its methods return what no operation changes.
type Alert struct {
	ref
	Tenant                     string
	Title                      string
	Severity, Confidence       float64
	ThreatScore                float64
	Status, Reason             string
	Created, Inserted, Updated time.Time
	FirstResolved              time.Time // zero if it was never resolved
	FirstInvestigated          time.Time // zero if it was never in a case
	Cases                      []string  // IDs of the cases that it is in
	Resolutions                []Resolution
	Changes                    []Change // after the creation, oldest first
	signature                  *signature
}

// Resolution is an entry of an alert's resolution history.
type Resolution struct {
	ID, Status, Reason, User string
	Time                     time.Time
}

// Change is an entry of an alert's history: the alert after the change.
type Change struct {
	Type  string // "UPDATE", "RESOLVE" or "INVESTIGATE"
	Time  time.Time
	Alert *Alert
}

// Statuses are the values of an alert's status.
var Statuses = []string{
	"OPEN", "TRUE_POSITIVE_BENIGN", "TRUE_POSITIVE_MALICIOUS", "FALSE_POSITIVE", "NOT_ACTIONABLE",
	"OTHER", "SUPPRESSED", "AUTO_CLOSE", "DISMISSED",
}

var resolutionReasons = []string{
	"ticket 4711", "known scanner", "test of the red team", "expected change", "duplicate",
}

// alert generates an alert.
func (c *Corpus) alert(index int) *Alert {
	r := newRef(c.Seed, kindAlert, index)
	a := &Alert{ref: r, Tenant: c.tenantOf(r), Created: c.alertTimes.at(index)}
	a.fill()
	a.Inserted = c.arrival(r, a.Created)
	a.Updated = a.Inserted
	if r.below(purposeStatus, 10) >= 6 {
		a.Status = pick(r, purposeStatus+64, Statuses[1:])
		a.Reason = pick(r, purposeReason, resolutionReasons)
		a.FirstResolved = a.Inserted.Add(time.Duration(1+r.below(purposeUpdate, 600)) * time.Second)
		a.Updated = a.FirstResolved
	}
	if id, ok := c.caseOfAlert(index, a.Tenant); ok {
		a.Cases, a.FirstInvestigated = []string{id}, a.Inserted
	}
	return a
}

// fill draws the attributes that have nothing to do with time.
func (a *Alert) fill() {
	s := &signatures[a.below(purposeTitle, len(signatures))]
	a.signature, a.Title, a.Status = s, s.title, "OPEN"
	a.Severity = float64(a.below(purposeSeverity, 21)) / 20
	a.Confidence = float64(5+a.below(purposeConfidence, 6)) / 10
	a.ThreatScore = float64(a.below(purposeNumber, 101)) / 10
}

// AddAlert adds an alert of a tenant that is created and stored at a time. The call of change, if
// not nil, precedes the addition.
func (c *Corpus) AddAlert(tenant string, now time.Time, change func(*Alert)) *Alert {
	return c.Alerts.Add(func(index int) *Alert {
		a := &Alert{ref: newRef(c.Seed, kindAlert, index), Tenant: tenant, Created: now, Inserted: now, Updated: now}
		a.fill()
		if change != nil {
			change(a)
		}
		return a
	})
}

// AlertByID returns an alert by its ID, which ends in a UUID.
func (c *Corpus) AlertByID(id string) (*Alert, bool) {
	index, ok := indexOf(c.Seed, kindAlert, id[max(len(id)-uuidWidth, 0):])
	if !ok {
		return nil, false
	}
	a := c.Alerts.At(index)
	if a == nil || a.ID() != id && a.uuid() != id {
		return nil, false
	}
	return a, true
}

// Index returns the position of the alert in its store.
func (a *Alert) Index() int { return a.index }

// ID returns the alert's ID, for example
// "alert://priv:app:yara:145831:1772323200000:0b6f5a1e-…".
func (a *Alert) ID() string {
	id := make([]byte, 0, 112)
	id = append(id, "alert://priv:"...)
	id = append(id, a.signature.detector...)
	id = append(append(id, ':'), a.Tenant...)
	id = strconv.AppendInt(append(id, ':'), a.Created.UnixMilli(), 10)
	return string(append(append(id, ':'), a.uuid()...))
}

// Detector returns the ID and the name of the detector.
func (a *Alert) Detector() (id, name string) { return a.signature.detector, a.signature.name }

// Description returns the description.
func (a *Alert) Description() string { return a.signature.description }

// Techniques returns the MITRE ATT&CK technique IDs.
func (a *Alert) Techniques() []string { return a.signature.techniques }

// Sensors returns the sensor types.
func (a *Alert) Sensors() []string { return []string{a.signature.sensor} }

// Host returns the name of the affected host.
func (a *Alert) Host() string { return a.host() }

// GroupKey returns the key of the group that similar alerts share.
func (a *Alert) GroupKey() string { return a.signature.detector + "|" + a.host() }

// Entity is an entity of an alert: its type, for example "userName", and its value.
type Entity struct{ Type, Value string }

// String returns the entity as the service writes it.
func (e Entity) String() string { return e.Type + ":" + e.Value }

// Entities returns the entities.
func (a *Alert) Entities() []Entity {
	return []Entity{
		{"userName", a.user()},
		{"sourceIpAddress", a.sourceIP()},
		{"destIpAddress", a.destinationIP()},
		{"hostName", a.host()},
		{"domainName", a.domain()},
		{"sha256", a.hex(purposeHash, 64)},
	}
}

// Events returns the IDs of the events that the alert is about.
func (a *Alert) Events() []string {
	at := strconv.FormatInt(a.Created.UnixMilli(), 10)
	return []string{"event://priv:scwx.process:" + a.Tenant + ":" + at + ":" + ref{seed: a.seed + 1, index: a.index}.uuid()}
}

// ThirdParty returns the name of the other vendor that reported the alert, "" for most alerts.
func (a *Alert) ThirdParty() string {
	if a.oneIn(purposeThirdParty, 4) {
		return "Example Gateway"
	}
	return ""
}

// Tags returns the tags.
func (a *Alert) Tags() []string {
	if a.oneIn(purposeTag, 5) {
		return []string{"reviewed"}
	}
	return nil
}

// ChangeAlert changes an alert and appends the change to its history. It returns the new alert, nil
// if there is none with the index.
func (c *Corpus) ChangeAlert(index int, kind string, now time.Time, change func(*Alert)) *Alert {
	changed, _ := c.Alerts.Update(index, func(a *Alert) error {
		change(a)
		a.Updated = now
		snapshot := *a
		snapshot.Changes = nil
		a.Changes = append(slices.Clip(a.Changes), Change{Type: kind, Time: now, Alert: &snapshot})
		return nil
	})
	return changed
}

// HostID returns the ID of the affected host.
func (a *Alert) HostID() string { return hostID(a.below(purposeHost, hosts)) }
