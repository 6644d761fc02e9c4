package paging_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/paging"
)

// TestRowsThatVanish deletes rows between the requests. Every row that stays is returned, once.
func TestRowsThatVanish(t *testing.T) {
	for _, v := range variants() {
		if strings.Contains(v.name, "no total") || strings.Contains(v.name, "without total") && v.rules.Strategy == paging.PageNumber ||
			v.rules.Strategy == paging.Range || v.rules.Strategy == paging.MessageNext || strings.Contains(v.name, "total false") ||
			strings.Contains(v.name, "cap of 1") || strings.Contains(v.name, "silent cap") {
			continue // by positions without a total it cannot be seen
		}
		if strings.Contains(v.name, "parts 7") || strings.Contains(v.name, "parts 8") {
			continue // see TestAnOrderByChance
		}
		for seed := range uint64(30) {
			t.Run(fmt.Sprintf("%s/%d", v.name, seed), func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 1))
				s := v.server(40)
				s.change = func(request int) {
					if request > 0 && r.IntN(2) == 0 && len(s.rows) > 20 {
						i := r.IntN(len(s.rows))
						s.rows = slices.Delete(slices.Clone(s.rows), i, i+1)
					}
				}
				got, err := all(s, v)
				if err != nil {
					t.Fatal(err)
				}
				arrivedOnce(t, ids(s.rows), got)
			})
		}
	}
}

// TestAnOrderByChance has a server that does not return the newest rows first, but whose first rows
// look like it: what it counts and does not return is reported.
func TestAnOrderByChance(t *testing.T) {
	v := variant{rules: rules(paging.Parts, 0), query: "FROM alert", answer: inParts(partsRules{size: 3, shuffled: true}), spread: 1}
	var stats paging.Stats
	got, err := all(v.server(40), v, paging.Count(&stats))
	if err != nil || len(got)+stats.Missing != 40 {
		t.Errorf("%d rows and %d missing of 40, %v", len(got), stats.Missing, err)
	}
}

// TestSeededPairs stops a run at a random row, lets a random request fail, and continues.
func TestSeededPairs(t *testing.T) {
	list := variants()
	for seed := range stress.Scale[uint64](20, 200, 200) {
		r := rand.New(rand.NewPCG(seed, 2))
		v := list[r.IntN(len(list))]
		for strings.Contains(v.name, "cap") || strings.Contains(v.name, "cut") || v.rules.Strategy == paging.Parts {
			v = list[r.IntN(len(list))]
		}
		if seed%4 == 0 { // parts of a size that fits
			v = variant{
				name: "parts", rules: rules(paging.Parts, 0), query: "FROM alert EARLIEST='2020-01-01T00:00:00Z'",
				answer: inParts(partsRules{size: 2000, blind: seed%8 == 0}), spread: 1 + r.IntN(50),
			}
		}
		t.Run(fmt.Sprintf("%d/%s", seed, v.name), func(t *testing.T) {
			s := v.server(100_000)
			fault := r.IntN(15)
			s.fault = func(request int) error {
				if request == fault {
					return errOutage
				}
				return nil
			}
			seen := make(map[string]int, 100_000)
			cursor, stop := "", 1+r.IntN(90_000)
			for range 20 {
				var track paging.Cursor
				got, err := all(s, v, paging.Size(5000), paging.From(cursor), paging.Track(&track), paging.Limit(stop))
				for _, id := range got {
					seen[id]++
				}
				cursor, stop = track.String(), 0
				if err == nil && len(got) == 0 {
					break
				}
			}
			if len(seen) != 100_000 {
				t.Errorf("%d rows, want 100000", len(seen))
			}
			for id, n := range seen {
				if n != 1 {
					t.Fatalf("%s came %d times", id, n)
				}
			}
		})
	}
}

// TestMemoryIsFlat compares the memory of long and short runs.
func TestMemoryIsFlat(t *testing.T) {
	v := variant{rules: rules(paging.OffsetLimit, 0)}
	v.answer = func(_ *server, a args) (page, error) { // rows are made when they are asked for
		p := page{Total: 1_000_000}
		for i := value(a.Number); i < min(value(a.Number)+value(a.Size), p.Total); i++ {
			p.Items = append(p.Items, &row{ID: fmt.Sprint("id-", i)})
		}
		return p, nil
	}
	s := &server{answer: v.answer}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early, late uint64
	rows := 0
	for _, err := range pager(v.rules).All(t.Context(), s, args{}, paging.Size(1000)) {
		if err != nil {
			t.Fatal(err)
		}
		switch rows++; rows {
		case 10_000:
			s.requests = nil
			early = heap()
		case 999_000:
			s.requests = nil
			late = heap()
		}
	}
	if rows != 1_000_000 || late > early+1<<20 {
		t.Errorf("%d rows, %d bytes after 10,000 rows and %d after 999,000", rows, early, late)
	}
}

func TestLeavingEndsThePrefetch(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := (&variant{answer: offset(true, 100)}).server(100)
	for range pager(rules(paging.OffsetLimit, 0)).All(t.Context(), s, args{}, paging.Size(5), paging.Prefetch()) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for r, err := range pager(rules(paging.OffsetLimit, 0)).All(ctx, s, args{}, paging.Size(5), paging.Prefetch()) {
		if cancel(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%v, %v", r, err)
		}
	}
}

func TestCursorsOfOtherRuns(t *testing.T) {
	v := variant{rules: rules(paging.OffsetLimit, 0), answer: offset(true, 100)}
	var track paging.Cursor
	if _, err := all(v.server(20), v, paging.Limit(7), paging.Track(&track)); err != nil {
		t.Fatal(err)
	}
	other := pager(v.rules)
	other.Operation = &core.Operation{Service: "fake", Name: "other", Kind: core.KindQuery}
	text := "x"
	for name, run := range map[string]func() error{
		"junk":            func() error { return first(pager(v.rules), args{}, "what") },
		"half":            func() error { return first(pager(v.rules), args{}, track.String()[:20]) },
		"version":         func() error { return first(pager(v.rules), args{}, "9"+track.String()[1:]) },
		"operation":       func() error { return first(other, args{}, track.String()) },
		"other arguments": func() error { return first(pager(v.rules), args{Query: &text}, track.String()) },
	} {
		err := run()
		if wrong, ok := errors.AsType[*paging.CursorError](err); !ok || wrong.Hint() == "" || asError(err) == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := first(pager(v.rules), args{}, " "+track.String()+"\n"); err != nil {
		t.Error(err)
	}
}

// first returns the error of a run that begins at a cursor.
func first(p *paging.Pager[args, page, *row], a args, cursor string) error {
	s := &server{rows: records(20, 1), answer: offset(true, 100)}
	for _, err := range p.All(context.Background(), s, a, paging.From(cursor)) {
		return err
	}
	return nil
}

// TestALostPartIsSearchedAgain has a server that skips a part: the search is repeated from the last
// row.
func TestALostPartIsSearchedAgain(t *testing.T) {
	v := variant{rules: rules(paging.Parts, 0), query: "FROM alert", spread: 1}
	answer := inParts(partsRules{size: 3})
	skipped := false
	v.answer = func(s *server, a args) (page, error) {
		if a.Continue && !skipped {
			skipped = true
			if _, err := answer(s, a); err != nil {
				return page{}, err
			}
		}
		return answer(s, a)
	}
	s := v.server(20)
	got, err := all(s, v, paging.Size(100))
	if err != nil {
		t.Fatal(err)
	}
	sameIDs(t, got, ids(s.rows))
}

// TestPartsThatNeverCome has a server that counts rows that it does not return.
func TestPartsThatNeverCome(t *testing.T) {
	v := variant{rules: rules(paging.Parts, 0), query: "FROM alert", spread: 1}
	v.answer = func(s *server, a args) (page, error) {
		if a.Continue {
			return page{}, errNotFound
		}
		return page{Items: cut(s.rows, 0, 3), Parts: 4, Part: 1, Next: "s", Total: 20}, nil
	}
	if _, err := all(v.server(20), v, paging.Size(100)); !errors.Is(err, paging.ErrIncomplete) {
		t.Errorf("the error is %v", err)
	}
}

func TestFunctionsOfAQuery(t *testing.T) {
	v := variant{rules: rules(paging.Parts, 0), answer: inParts(partsRules{size: 3}), spread: 1}
	v.query = "FROM alert | head 7"
	got, err := all(v.server(20), v)
	if err != nil || !slices.Equal(got, ids(records(20, 1)[:7])) {
		t.Errorf("head 7 gave %v, %v", got, err)
	}
	var track paging.Cursor
	if _, err := all(v.server(20), v, paging.Limit(5), paging.Track(&track)); err != nil {
		t.Fatal(err)
	}
	if got, err := all(v.server(20), v, paging.From(track.String())); err != nil || len(got) != 2 {
		t.Errorf("the rest of head 7 is %v, %v", got, err)
	}
	v.query = "FROM alert | aggregate count by status"
	if _, err := all(v.server(20), v); !errors.Is(err, paging.ErrAggregated) {
		t.Errorf("an aggregate gave %v", err)
	}
}

// TestServersThatTurnInACircle ends with an error, not never.
func TestServersThatTurnInACircle(t *testing.T) {
	same := func(s *server, _ args) (page, error) {
		return page{Items: cut(s.rows, 0, 4), Next: "again", More: paging.MoreYes}, nil
	}
	for _, s := range []paging.Strategy{paging.PageNumber, paging.OffsetLimit, paging.Relay, paging.AfterCursor, paging.Token, paging.MessageNext} {
		v := variant{rules: rules(s, 0), answer: same}
		if _, err := all(v.server(20), v); !errors.Is(err, paging.ErrStuck) {
			t.Errorf("%s: the error is %v", s, err)
		}
	}
}

// TestAFullPageWithoutACursor has a server that has one page only: if it is full, rows may be
// missing.
func TestAFullPageWithoutACursor(t *testing.T) {
	v := variant{rules: paging.Rules{Strategy: paging.Token, OnePage: true}}
	v.answer = func(s *server, a args) (page, error) { return page{Items: cut(s.rows, 0, value(a.Size))}, nil }
	for n, complete := range map[int]bool{size - 1: true, size: false, size + 1: false} {
		got, err := all(v.server(n), v)
		if complete == errors.Is(err, paging.ErrIncomplete) || len(got) != min(n, size) {
			t.Errorf("of %d rows came %d, %v", n, len(got), err)
		}
	}
	if got, err := all(v.server(9), v, paging.Limit(size)); err != nil || len(got) != size {
		t.Errorf("with a limit came %d rows, %v", len(got), err)
	}
}

func TestPartialFailuresComeLast(t *testing.T) {
	v := variant{rules: rules(paging.MessageNext, 0)}
	v.answer = func(s *server, a args) (page, error) {
		p, err := messageNext(s, a)
		if !a.Continue {
			p.PartialFailures = []string{"netflow: timeout"}
		}
		return p, err
	}
	s := v.server(10)
	var track paging.Cursor
	got, err := all(s, v, paging.Track(&track))
	if partial, ok := errors.AsType[*paging.PartialError](err); !ok || len(partial.Reasons) != 1 || len(got) != 10 {
		t.Errorf("%d rows, %v", len(got), err)
	}
	if _, err := all(s, v, paging.From(track.String())); err == nil {
		t.Error("a run that continues does not report the failure")
	}
}
