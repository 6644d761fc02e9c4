package changes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Sink compares each delivered version with the last one, and delivers the changes to another sink. It
// implements [ports.Sink] and io.Closer.
type Sink struct {
	// Next receives the changes, as records with a [Change] as data.
	Next ports.Sink
	// Path is the path of the file that keeps the last version of each record. It takes about 70 bytes
	// a version.
	Path string
	// Since is when the feed began: what happened before is no change.
	Since time.Time
	// Comments returns the comments of a record. Nil looks for no comments.
	Comments Comments
	// Own are subjects, for example ids of users, for which changes are left out: so a program that
	// copies changes in both directions does not copy its own.
	Own []string

	known *known
}

// position is the position of the sink.
type position struct {
	Known int64  `json:"known"` // length of the file of versions
	Next  string `json:"next,omitempty"`
}

// Open takes both sinks back to a position.
func (s *Sink) Open(ctx context.Context, text string) error {
	var at position
	if text != "" {
		if err := json.Unmarshal([]byte(text), &at); err != nil {
			return s.fault("the position is not one of this sink", err)
		}
	}
	if s.known != nil {
		_ = s.known.close() // its content is not needed any more
	}
	var err error
	if s.known, err = openKnown(s.Path, at.Known); err != nil {
		return s.fault("the file of known versions cannot be used", err)
	}
	return s.Next.Open(ctx, at.Next)
}

func (s *Sink) fault(reason string, err error) error {
	return &core.SinkError{
		Sink: "changes " + s.Path, Reason: fmt.Sprintf("%s: %v", reason, err), HintText: "name another folder of the state", Permanent: true, Err: err,
	}
}

// Deliver delivers the changes.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	var list []core.Record
	for _, r := range records {
		key := r.Stream + "/" + r.Environment + "/" + r.Tenant + "/" + r.ID
		before, found := s.known.get(key)
		if found && !r.Time.After(before.at) {
			continue
		}
		changes, now, err := s.compare(ctx, r, before, found)
		if err != nil {
			return temporary(err)
		}
		for i, c := range changes {
			if s.isOwn(c.By) {
				continue
			}
			data, err := json.Marshal(c)
			if err != nil {
				return err
			}
			list = append(list, core.Record{
				Stream: r.Stream, Environment: r.Environment, Tenant: r.Tenant, ID: r.ID,
				Version: fmt.Sprintf("%s/%d/%s", r.Version, i, c.Change), Time: c.Time, Data: data,
			})
		}
		s.known.set(key, now)
	}
	if len(list) == 0 {
		return nil
	}
	return s.Next.Deliver(ctx, list)
}

// temporary makes an error of the server one that the export repeats.
func temporary(err error) error {
	return &core.SinkError{Sink: "changes", Reason: "the comments cannot be read: " + err.Error(), Err: err}
}

func (s *Sink) isOwn(by string) bool {
	for _, own := range s.Own {
		if by != "" && own == by {
			return true
		}
	}
	return false
}

// Sync makes the changes and the versions durable.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	next, refused := s.Next.Sync(ctx)
	if _, ok := errors.AsType[*core.RefusedError](refused); refused != nil && !ok {
		return "", refused
	}
	length, err := s.known.sync()
	if err != nil {
		return "", s.fault("the file of known versions cannot be written", err)
	}
	text, err := json.Marshal(position{Known: length, Next: next})
	return string(text), errors.Join(refused, err)
}

// Close closes both sinks.
func (s *Sink) Close() error {
	var err error
	if s.known != nil {
		err = s.known.close()
		s.known = nil
	}
	if closer, ok := s.Next.(io.Closer); ok {
		err = errors.Join(err, closer.Close())
	}
	return err
}
