package core

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
)

// Record is one exported record, for example an alert, as a sink receives it.
type Record struct {
	// Stream is the name of the stream in the export's configuration, for example "alerts".
	Stream string
	// Environment is the section of the environment, for example "charlie", and Tenant the id of
	// the tenant that the record belongs to.
	Environment, Tenant string
	// ID identifies the record within its stream, environment and tenant.
	ID string
	// Version distinguishes versions of a record that changes. It is empty if only new records are
	// exported.
	Version string
	// Time is when the record was created or, in an export of changes, changed.
	Time time.Time
	// Data is the record as JSON, on one line: as the server sent it, or the chosen fields of it.
	Data json.RawMessage
}

// Key returns a text that is equal for two deliveries of the same record, and differs for all other
// records and versions.
func (r *Record) Key() string {
	return fmt.Sprintf("%q/%q/%q/%q/%q", r.Stream, r.Environment, r.Tenant, r.ID, r.Version)
}

// RefusedRecord is a record that a sink will never accept.
type RefusedRecord struct {
	Record Record
	Reason string // what the destination answered
}

// RefusedError is returned by a sink that accepted some records and refused others for good. Sending
// the refused ones again is useless. All others of the same delivery were accepted.
type RefusedError struct {
	Sink    string // name and place of the sink, for example "http https://collector.example"
	Records []RefusedRecord
}

func (e *RefusedError) Error() string {
	reasons := make([]string, 0, 3)
	for _, r := range e.Records[:min(len(e.Records), 3)] {
		reasons = append(reasons, text.Escape(r.Record.ID)+": "+text.Escape(r.Reason))
	}
	if len(e.Records) > len(reasons) {
		reasons = append(reasons, "…")
	}
	return redact.Message(fmt.Sprintf("%s refused %d records: %s", text.Escape(e.Sink), len(e.Records), strings.Join(reasons, "; ")))
}

// SinkError is returned by a sink that cannot deliver now. The records may have arrived in part:
// delivering them again is safe, since an export delivers at least once.
type SinkError struct {
	Sink     string // name and place of the sink
	Reason   string
	HintText string // see [SinkError.Hint]
	// Permanent is set if repeating is useless until something is corrected, for example a
	// wrong token. A host that is not found is not permanent, since names come back.
	Permanent bool
	// RetryAfter is how long the destination asked to wait; 0 if it did not.
	RetryAfter time.Duration
	Err        error // the cause, nil if there is none
}

func (e *SinkError) Error() string { return sentence(text.Escape(e.Sink)+": "+e.Reason, e.HintText) }

// Hint returns what the user can do about it.
func (e *SinkError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *SinkError) Unwrap() error { return e.Err }
