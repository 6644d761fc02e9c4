package corpus

import (
	"strconv"
	"time"
)

// Event is a record of one of the [EventTypes].
type Event struct {
	ref
	Type              *EventType
	Tenant            string
	Created, Inserted time.Time
}

// event generates an event.
func (c *Corpus) event(index int) *Event {
	r := newRef(c.Seed, kindEvent, index)
	e := &Event{ref: r, Tenant: c.tenantOf(r), Created: c.eventTimes.at(index).Truncate(time.Microsecond)}
	e.Type = drawEventType(r)
	e.Inserted = c.arrival(r, e.Created).Truncate(time.Microsecond)
	return e
}

// AddEvent adds an event of a type and a tenant that happened at a time and arrives at another.
func (c *Corpus) AddEvent(tenant string, of *EventType, created, inserted time.Time) *Event {
	return c.Events.Add(func(index int) *Event {
		r := newRef(c.Seed, kindEvent, index)
		e := &Event{ref: r, Tenant: tenant, Type: of}
		if e.Type == nil {
			e.Type = drawEventType(r)
		}
		e.Created, e.Inserted = created.Truncate(time.Microsecond), inserted.Truncate(time.Microsecond)
		return e
	})
}

// EventByID returns an event by its resource ID, which ends in a UUID.
func (c *Corpus) EventByID(id string) (*Event, bool) {
	index, ok := indexOf(c.Seed, kindEvent, id[max(len(id)-uuidWidth, 0):])
	if !ok {
		return nil, false
	}
	e := c.Events.At(index)
	if e == nil || e.ID() != id && e.uuid() != id {
		return nil, false
	}
	return e, true
}

// Index returns the position of the event in its store.
func (e *Event) Index() int { return e.index }

// ID returns the event's resource ID, for example
// "event://priv:scwx.process:145831:1772323200000:0b6f5a1e-…".
func (e *Event) ID() string {
	id := make([]byte, 0, 112)
	id = append(append(id, "event://priv:scwx."...), e.Type.Name...)
	id = append(append(id, ':'), e.Tenant...)
	id = strconv.AppendInt(append(id, ':'), e.Created.UnixMilli(), 10)
	return string(append(append(id, ':'), e.uuid()...))
}

// Fields calls yield with the name and the value of each field, in the order of the type.
func (e *Event) Fields(yield func(name string, value any)) {
	for i := range e.Type.Fields {
		yield(e.Type.Fields[i].Name, e.Type.Fields[i].value(e))
	}
}

// OriginalData is the field of an event that is sent only on request.
const OriginalData = "original_data"

// OriginalData returns the value of that field.
func (e *Event) OriginalData() string {
	return e.Created.UTC().Format(time.RFC3339Nano) + " " + e.host() + " " + e.Type.Name
}

// Value returns the value of a field in lower case, nil if the type does not have it.
func (e *Event) Value(field string) any {
	if f := e.Type.Field(field); f != nil {
		return f.value(e)
	}
	if field == OriginalData {
		return e.OriginalData()
	}
	return nil
}

// Logical returns the values of all fields of a logical type, with the elements of lists.
func (e *Event) Logical(name string) []any {
	var values []any
	for i := range e.Type.Fields {
		f := &e.Type.Fields[i]
		if f.Logical != name {
			continue
		}
		if list, ok := f.value(e).([]string); ok {
			for _, element := range list {
				values = append(values, element)
			}
			continue
		}
		values = append(values, f.value(e))
	}
	return values
}
