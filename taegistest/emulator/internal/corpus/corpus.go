package corpus

import (
	"math/rand/v2"
	"time"
)

// Corpus holds the records of a root tenant and its children.
type Corpus struct {
	Size
	Root string // the ID of the root tenant

	Alerts Store[Alert]
	Events Store[Event]
	Cases  Store[Case]
	Assets Store[Asset]
	Audits Store[Audit]
	Users  Store[User]
	Rules  Store[Rule]

	alertTimes, eventTimes, caseTimes, auditTimes, assetTimes, ruleTimes timeline
}

// New returns the corpus of a root tenant. It takes the same time for every size.
func New(root string, size Size) *Corpus {
	size.Burst = max(size.Burst, 1)
	c := &Corpus{Size: size, Root: root}
	c.Seed = mix(size.Seed ^ digest(root))
	c.alertTimes = c.timeline(kindAlert, size.Alerts)
	c.eventTimes = c.timeline(kindEvent, size.Events)
	c.caseTimes = c.timeline(kindCase, size.Cases)
	c.auditTimes = c.timeline(kindAudit, size.Audits)
	c.assetTimes = c.timeline(kindAsset, size.Assets)
	c.ruleTimes = c.timeline(kindRule, size.Rules)
	c.Alerts = Store[Alert]{n: size.Alerts, generate: c.alert}
	c.Events = Store[Event]{n: size.Events, generate: c.event}
	c.Cases = Store[Case]{n: size.Cases, generate: c.newCase}
	c.Assets = Store[Asset]{n: size.Assets, generate: c.asset}
	c.Audits = Store[Audit]{n: size.Audits, generate: c.audit}
	c.Users = Store[User]{n: size.Users, generate: c.user}
	c.Rules = Store[Rule]{n: size.Rules, generate: c.rule}
	return c
}

// AlertWindow returns the generated alerts that can have been created from earliest to latest. The
// caller compares the times of the first and the last ones, and adds those above
// [Store.Generated].
func (c *Corpus) AlertWindow(earliest, latest time.Time) (first, end int) {
	return c.alertTimes.window(earliest, latest)
}

// EventWindow is [Corpus.AlertWindow] for events.
func (c *Corpus) EventWindow(earliest, latest time.Time) (first, end int) {
	return c.eventTimes.window(earliest, latest)
}

// CaseWindow is [Corpus.AlertWindow] for cases.
func (c *Corpus) CaseWindow(earliest, latest time.Time) (first, end int) {
	return c.caseTimes.window(earliest, latest)
}

// digest returns a number for a text.
func digest(text string) uint64 {
	var seed [32]byte
	copy(seed[:], text)
	return rand.NewChaCha8(seed).Uint64()
}
