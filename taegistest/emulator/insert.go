package emulator

import (
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// Alert describes an alert for [Emulator.InsertAlert] and [Emulator.UpdateAlert].
type Alert struct {
	// Tenant is the ID of its tenant. Empty selects [DemoTenant].
	Tenant string
	// Title is its title. Empty selects one of the generated titles.
	Title string
	// Severity is its severity, from 0 to 1. Nil selects a generated one.
	Severity *float64
	// Status is its status. Empty selects OPEN.
	Status string
	// Reason is the reason of its resolution.
	Reason string
	// Created and Inserted are the times at which it was created and at which searches find it.
	// Zero selects the current time, for Inserted the time of its creation if that is later.
	Created, Inserted time.Time
}

// Event describes an event for [Emulator.InsertEvent].
type Event struct {
	// Tenant is the ID of its tenant. Empty selects [DemoTenant].
	Tenant string
	// Type is its type, for example "process". Empty selects a generated one.
	Type string
	// Created and Inserted are the times at which it happened and at which searches find it. Zero
	// selects the current time, for Inserted the time of the event if that is later.
	Created, Inserted time.Time
}

// times returns the two times of a record that is inserted now.
func times(created, inserted, now time.Time) (time.Time, time.Time) {
	created = orDefault(created, now)
	if inserted.IsZero() {
		inserted = now
		if created.After(now) {
			inserted = created
		}
	}
	return created.UTC(), inserted.UTC()
}

// InsertAlert adds an alert and returns its ID. A test can call it from [Config].OnExecute to
// change the records between two pages.
func (e *Emulator) InsertAlert(a Alert) string {
	tenant := orDefault(a.Tenant, DemoTenant)
	now := e.config.Load().Now()
	return e.corpora.of(tenant).AddAlert(tenant, now, func(added *corpus.Alert) {
		added.Created, added.Inserted = times(a.Created, a.Inserted, now)
		added.Updated = added.Inserted
		a.apply(added)
	}).ID()
}

// apply sets the values that are given.
func (a Alert) apply(to *corpus.Alert) {
	to.Title, to.Status = orDefault(a.Title, to.Title), orDefault(a.Status, to.Status)
	to.Reason = orDefault(a.Reason, to.Reason)
	if a.Severity != nil {
		to.Severity = *a.Severity
	}
}

// UpdateAlert changes an alert: its title, severity, status and reason, as far as they are set in
// a. It reports whether the records of a.Tenant have an alert with the ID.
func (e *Emulator) UpdateAlert(id string, a Alert) bool {
	records := e.corpora.of(orDefault(a.Tenant, DemoTenant))
	found, ok := records.AlertByID(id)
	if !ok {
		return false
	}
	now := e.config.Load().Now().UTC()
	records.ChangeAlert(found.Index(), "UPDATE", now, func(changed *corpus.Alert) { a.apply(changed) })
	return true
}

// InsertEvent adds an event and returns its resource ID.
func (e *Emulator) InsertEvent(v Event) string {
	tenant := orDefault(v.Tenant, DemoTenant)
	created, inserted := times(v.Created, v.Inserted, e.config.Load().Now())
	of, _ := corpus.EventTypeByName(v.Type)
	return e.corpora.of(tenant).AddEvent(tenant, of, created, inserted).ID()
}
