package changes_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export/changes"
)

// collector keeps what it receives, unless it fails.
type collector struct {
	got  []string
	fail error
}

func (c *collector) Open(context.Context, string) error { return nil }

func (c *collector) Deliver(_ context.Context, records []core.Record) error {
	if c.fail != nil {
		return c.fail
	}
	for _, r := range records {
		var change changes.Change
		if err := json.Unmarshal(r.Data, &change); err != nil {
			return err
		}
		c.got = append(c.got, fmt.Sprintf("%s %s %s by %s", change.ID, change.Change, change.Time.Format("15:04:05"), change.By))
	}
	return nil
}

func (c *collector) Sync(context.Context) (string, error) { return "", nil }

func (c *collector) take() []string {
	got := c.got
	c.got = nil
	return got
}

// began is when the feed of the tests begins.
var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(minute int) time.Time { return began.Add(time.Duration(minute) * time.Minute) }

// caseOf is a version of a case.
func caseOf(id string, created, updated int, by, closed string) core.Record {
	data := fmt.Sprintf(`{"id":%q,"createdAt":%q,"createdById":"ann","updatedAt":%q,"updatedById":%q,"closedAt":%s}`,
		id, core.FormatTime(at(created)), core.FormatTime(at(updated)), by, closed)
	return core.Record{
		Stream: "cases", Tenant: "1", ID: id, Version: core.FormatTime(at(updated)), Time: at(updated), Data: json.RawMessage(data),
	}
}

func newSink(t *testing.T, next *collector, path string, comments map[string][]changes.Comment) *changes.Sink {
	t.Helper()
	s := &changes.Sink{Next: next, Path: path, Since: began, Own: []string{"me"}}
	s.Comments = func(_ context.Context, r core.Record) iter.Seq2[changes.Comment, error] {
		return func(yield func(changes.Comment, error) bool) {
			for _, c := range comments[r.ID] {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
	return s
}

func TestChangesOfCases(t *testing.T) {
	comments := map[string][]changes.Comment{}
	next, path := &collector{}, filepath.Join(t.TempDir(), "known")
	sink := newSink(t, next, path, comments)
	if err := sink.Open(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	comment := func(id string, minute int, author string) {
		comments[id] = append(comments[id], changes.Comment{ID: fmt.Sprint(minute), Author: author, Created: at(minute), Data: []byte(`{}`)})
	}
	steps := []struct {
		name    string
		comment func()
		record  core.Record
		want    []string
	}{
		{"an old case is updated", nil, caseOf("old", -90, 1, "bob", "null"), []string{"old updated 12:01:00 by bob"}},
		{"it comes again", nil, caseOf("old", -90, 1, "bob", "null"), nil},
		{"an old case that was closed before is updated", nil, caseOf("shut", -90, 1, "bob", `"2026-03-01T11:00:00Z"`), []string{"shut updated 12:01:00 by bob"}},
		{"a new case", nil, caseOf("new", 2, 2, "ann", "null"), []string{"new created 12:02:00 by ann"}},
		{"a new case with a change", nil, caseOf("both", 2, 3, "bob", "null"), []string{"both created 12:02:00 by ann", "both updated 12:03:00 by bob"}},
		{"a comment", func() { comment("new", 4, "cat") }, caseOf("new", 2, 4, "cat", "null"), []string{"new commented 12:04:00 by cat"}},
		{"two comments and an update", func() { comment("new", 5, "dan"); comment("new", 6, "me") }, caseOf("new", 2, 7, "bob", "null"), []string{"new commented 12:05:00 by dan", "new updated 12:07:00 by bob"}},
		{"it is closed", nil, caseOf("new", 2, 8, "bob", `"2026-03-01T12:08:00Z"`), []string{"new closed 12:08:00 by bob"}},
		{"a comment after it", func() { comment("new", 9, "eve") }, caseOf("new", 2, 9, "eve", `"2026-03-01T12:08:00Z"`), []string{"new commented 12:09:00 by eve"}},
		{"it is opened again", nil, caseOf("new", 2, 10, "bob", "null"), []string{"new updated 12:10:00 by bob"}},
		{"it is closed again", nil, caseOf("new", 2, 11, "bob", `"2026-03-01T12:11:00Z"`), []string{"new closed 12:11:00 by bob"}},
		{"a change of one's own", nil, caseOf("new", 2, 12, "me", "null"), nil},
		{"a case that is created and closed", nil, caseOf("quick", 12, 13, "bob", `"2026-03-01T12:13:00Z"`), []string{"quick created 12:12:00 by ann", "quick closed 12:13:00 by bob"}},
	}
	for _, step := range steps {
		if step.comment != nil {
			step.comment()
		}
		if err := sink.Deliver(t.Context(), []core.Record{step.record}); err != nil {
			t.Fatal(step.name, err)
		}
		if diff := cmp.Diff(step.want, next.take()); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
	}
}

// TestInterruption takes the sink back to a position, as after a kill: the changes after it come again.
func TestInterruption(t *testing.T) {
	next, path := &collector{}, filepath.Join(t.TempDir(), "known")
	sink := newSink(t, next, path, nil)
	open := func(position string) {
		t.Helper()
		if err := sink.Open(t.Context(), position); err != nil {
			t.Fatal(err)
		}
	}
	deliver := func(r core.Record) []string {
		t.Helper()
		if err := sink.Deliver(t.Context(), []core.Record{r}); err != nil {
			t.Fatal(err)
		}
		return next.take()
	}
	open("")
	first := deliver(caseOf("a", 1, 1, "ann", "null"))
	position, err := sink.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second := deliver(caseOf("a", 1, 2, "bob", "null"))
	if _, err := sink.Sync(t.Context()); err != nil { // not committed
		t.Fatal(err)
	}
	open(position)
	again := deliver(caseOf("a", 1, 2, "bob", "null"))
	if len(first) != 1 || len(second) != 1 || !slices.Equal(second, again) {
		t.Errorf("%q, %q, %q", first, second, again)
	}
	if got := deliver(caseOf("a", 1, 1, "ann", "null")); got != nil {
		t.Errorf("an older version: %q", got)
	}
	_ = sink.Close()
	if err := sink.Open(t.Context(), `{"known":100000}`); err == nil || core.Hint(err) == "" {
		t.Errorf("a position that is not there: %v", err)
	}
}

// TestAlerts has no comments, and the subject of the last resolution.
func TestAlerts(t *testing.T) {
	next := &collector{}
	sink := newSink(t, next, filepath.Join(t.TempDir(), "known"), nil)
	if err := sink.Open(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	alert := func(updated int, status, history string) core.Record {
		data := fmt.Sprintf(`{"id":"a","status":%q,"metadata":{"created_at":{"seconds":%d},"updated_at":{"seconds":%d}},"resolution_history":%s}`,
			status, at(1).Unix(), at(updated).Unix(), history)
		return core.Record{Stream: "alerts", ID: "a", Version: fmt.Sprint(updated), Time: at(updated), Data: json.RawMessage(data)}
	}
	for _, r := range []core.Record{
		alert(1, "OPEN", "[]"), alert(2, "OPEN", "[]"), alert(3, "FALSE_POSITIVE", `[{"user_id":"me"},{"user_id":"bob"}]`),
		alert(4, "OPEN", `[{"user_id":"bob"},{"user_id":"me"}]`),
	} {
		if err := sink.Deliver(t.Context(), []core.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"a created 12:01:00 by ", "a updated 12:02:00 by ", "a closed 12:03:00 by bob"}
	if diff := cmp.Diff(want, next.take()); diff != "" {
		t.Error(diff)
	}
}

// TestCommentsThatCannotBeRead is an error that passes.
func TestCommentsThatCannotBeRead(t *testing.T) {
	sink := newSink(t, &collector{}, filepath.Join(t.TempDir(), "known"), nil)
	sink.Comments = func(context.Context, core.Record) iter.Seq2[changes.Comment, error] {
		return func(yield func(changes.Comment, error) bool) { yield(changes.Comment{}, errors.New("no answer")) }
	}
	if err := sink.Open(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	err := sink.Deliver(t.Context(), []core.Record{caseOf("a", 1, 1, "ann", "null")})
	if e, ok := errors.AsType[*core.SinkError](err); !ok || e.Permanent {
		t.Errorf("%v", err)
	}
}
