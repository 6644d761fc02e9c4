package changes

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/rawjson"
)

// Kind is what has changed.
type Kind string

// The kinds of changes.
const (
	Created   Kind = "created"
	Updated   Kind = "updated"
	Commented Kind = "commented"
	Closed    Kind = "closed"
)

// Change is a change of a record. A sink receives it as JSON.
type Change struct {
	Change      Kind      `json:"change"`
	Stream      string    `json:"stream"`
	Environment string    `json:"environment"`
	Tenant      string    `json:"tenant,omitempty"`
	ID          string    `json:"id"` // of the record
	Time        time.Time `json:"time"`
	// By is the subject that made the change, for example the id of a user; empty if it is not known.
	By string `json:"by,omitempty"`
	// Comment is the new comment, as the server sent it.
	Comment json.RawMessage `json:"comment,omitempty"`
	// Record is the record after the change.
	Record json.RawMessage `json:"record"`
}

// Comment is a comment of a case.
type Comment struct {
	ID      string
	Author  string
	Created time.Time
	Data    json.RawMessage
}

// Comments returns the comments of a case.
type Comments func(ctx context.Context, record core.Record) iter.Seq2[Comment, error]

// version is what is known of a record.
type version struct {
	at     time.Time
	closed bool
}

// closedCase is the prefix of the status of a closed case, see docs/protocol.md#cases.
const closedCase = "CLOSED"

// versionOf returns the version of a record: whether it is closed, when it was created, and by whom it
// was created and changed.
func versionOf(r *core.Record) (now version, created time.Time, creator, updater string) {
	now.at = r.Time
	status := rawjson.Member(r.Data, "status")
	if alert := rawjson.At(r.Data, "metadata", "created_at"); alert != nil {
		now.closed = status != "" && status != "OPEN"
		last := rawjson.Elements(rawjson.At(r.Data, "resolution_history"))
		if len(last) > 0 {
			updater = rawjson.Member(last[len(last)-1], "user_id")
		}
		return now, timeOf(alert), "", updater
	}
	now.closed = rawjson.Member(r.Data, "closedAt") != "" || strings.HasPrefix(status, closedCase)
	return now, timeOf(rawjson.At(r.Data, "createdAt")), rawjson.Member(r.Data, "createdById"), rawjson.Member(r.Data, "updatedById")
}

// timeOf returns a time in one of the server's forms, zero if it is none.
func timeOf(value json.RawMessage) time.Time {
	var t core.Time
	if value == nil || t.UnmarshalJSON(value) != nil {
		return time.Time{}
	}
	return t.UTC()
}

// tolerance is by how much the time of an update may differ from that of what caused it.
const tolerance = 2 * time.Second

// compare returns what has changed from one version of a record to the next.
func (s *Sink) compare(ctx context.Context, r core.Record, before version, known bool) ([]Change, version, error) {
	now, created, creator, updater := versionOf(&r)
	if !known {
		before = version{at: s.Since, closed: false}
	}
	change := func(kind Kind, at time.Time, by string) Change {
		return Change{
			Change: kind, Stream: r.Stream, Environment: r.Environment, Tenant: r.Tenant, ID: r.ID, Time: at, By: by, Record: r.Data,
		}
	}
	var list []Change
	explained := false // the time of the update
	if !known && !created.Before(s.Since) {
		list = append(list, change(Created, created, creator))
		explained = now.at.Sub(created) <= tolerance
	}
	if s.Comments != nil {
		for comment, err := range s.Comments(ctx, r) {
			if err != nil {
				return nil, now, err
			}
			if !comment.Created.After(before.at) {
				continue
			}
			one := change(Commented, comment.Created, comment.Author)
			one.Comment = comment.Data
			list = append(list, one)
			explained = explained || comment.Created.Sub(now.at).Abs() <= tolerance
		}
		slices.SortStableFunc(list, func(a, b Change) int { return a.Time.Compare(b.Time) })
	}
	switch {
	case now.closed && !before.closed && (known || s.closedSince(&r, now)):
		list = append(list, change(Closed, now.at, updater))
	case !explained:
		list = append(list, change(Updated, now.at, updater))
	}
	return list, now, nil
}

// closedSince reports whether a closed record that was not known was closed after the feed began.
func (s *Sink) closedSince(r *core.Record, now version) bool {
	if at := timeOf(rawjson.At(r.Data, "closedAt")); !at.IsZero() {
		return !at.Before(s.Since)
	}
	if at := timeOf(rawjson.At(r.Data, "metadata", "first_resolved_at")); !at.IsZero() {
		return !at.Before(s.Since)
	}
	return !now.at.Before(s.Since)
}
