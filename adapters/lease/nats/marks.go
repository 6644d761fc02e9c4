package nats

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/taegis-go/taegis/export"
)

const (
	// mostTail is how many marks the entry of a feed has. More of them go to a slot.
	mostTail = 1000
	// mostOfSlot is how many marks a slot has, so that it is smaller than the limit of a message,
	// which is 1 MB by default.
	mostOfSlot = 10_000
)

// slot is an entry with marks of a feed. It is free, and is written again, once no window can find the
// record of any of its marks.
type slot struct {
	Revision uint64 `json:"revision"`
	Last     int64  `json:"last"` // second of the latest record
}

func slotKey(feed string, n int) string { return fmt.Sprintf("%s%s.%d", marksPrefix, feed, n) }

// commit stores the change of a feed. A conflict means that the feed was lost.
func (s *Store) commit(ctx context.Context, change *export.Change) error {
	f := s.holding(change.Progress.Feed.Key())
	if f == nil || f.term != change.Term {
		return errConflict
	}
	f.marks = nil
	r := f.record
	r.Progress = &change.Progress
	r.Tail = slices.DeleteFunc(slices.Concat(r.Tail, change.Marks), func(m export.Mark) bool {
		return !change.Progress.Recalls(m)
	})
	if len(r.Tail) > mostTail {
		var err error
		if r.Slots, err = s.fill(ctx, f, &change.Progress, r.Tail); err != nil {
			return err
		}
		r.Tail = nil
	}
	return s.write(ctx, f, r)
}

// fill writes marks into free slots, and returns all slots. The entry of the feed is written after them:
// if that fails, its next owner finds the slots filled and not listed, which is true as well.
func (s *Store) fill(ctx context.Context, f *feed, p *export.Progress, marks export.Marks) ([]slot, error) {
	slots := slices.Clone(f.record.Slots)
	next := 0
	for part := range slices.Chunk(marks, mostOfSlot) {
		for next < len(slots) && p.Recalls(export.Mark{Second: slots[next].Last}) {
			next++
		}
		if next == len(slots) {
			slots = append(slots, slot{})
		}
		text, err := json.Marshal(part)
		if err != nil {
			return nil, err
		}
		revision, err := s.put(ctx, slotKey(f.key, next), text, slots[next].Revision)
		if err != nil {
			return nil, err
		}
		slots[next] = slot{revision, last(part)}
		next++
	}
	return slots, nil
}

func last(marks export.Marks) (second int64) {
	for _, m := range marks {
		second = max(second, m.Second)
	}
	return second
}

// readSlots reads all slots of a feed, and those that its last owner has written without listing them.
// It returns a conflict if a server answers with an old one.
func (s *Store) readSlots(ctx context.Context, f *feed) error {
	slots := slices.Clone(f.record.Slots)
	f.marks = export.Marks{}
	for n := 0; ; n++ {
		e, err := s.get(ctx, slotKey(f.key, n))
		if err != nil {
			return err
		}
		switch {
		case n < len(slots) && e.revision < slots[n].Revision:
			return errConflict
		case e.revision == 0:
			f.record.Slots = slots
			return nil
		}
		var marks export.Marks
		if err := json.Unmarshal(e.value, &marks); err != nil {
			return err
		}
		if n == len(slots) {
			slots = append(slots, slot{})
		}
		slots[n] = slot{e.revision, last(marks)}
		f.marks = append(f.marks, marks...)
	}
}
