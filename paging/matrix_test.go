package paging_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/taegis-go/taegis/paging"
)

// variant is a strategy and a server that answers by it.
type variant struct {
	name   string
	rules  paging.Rules
	answer func(*server, args) (page, error)
	query  string
	spread int // rows that share a second
	host   string
}

const size = 4

func rules(s paging.Strategy, first int) paging.Rules { return paging.Rules{Strategy: s, First: first} }

func variants() []variant {
	const anySize = 1 << 30
	unknown := rules(paging.PageNumber, paging.FirstUnknown)
	list := []variant{
		{name: "page from 0", rules: rules(paging.PageNumber, 0), answer: numbered(0, true, anySize, nil)},
		{name: "page from 1", rules: rules(paging.PageNumber, 1), answer: numbered(1, true, anySize, refusal)},
		{name: "page without total", rules: rules(paging.PageNumber, 1), answer: numbered(1, false, anySize, refusal)},
		{name: "page with a silent cap", rules: rules(paging.PageNumber, 1), answer: numbered(1, true, 3, refusal)},
		{name: "page with a silent cap, no total", rules: rules(paging.PageNumber, 1), answer: numbered(1, false, 3, refusal)},
		{name: "offset", rules: rules(paging.OffsetLimit, 0), answer: offset(true, anySize)},
		{name: "offset without total", rules: rules(paging.OffsetLimit, 0), answer: offset(false, anySize)},
		{name: "offset with a silent cap", rules: rules(paging.OffsetLimit, 0), answer: offset(true, 3)},
		{name: "offset with a silent cap, no total", rules: rules(paging.OffsetLimit, 0), answer: offset(false, 3)},
		{name: "offset with a cap of 1", rules: rules(paging.OffsetLimit, 0), answer: offset(true, 1)},
		{name: "relay", rules: rules(paging.Relay, 0), answer: after(true)},
		{name: "after cursor", rules: rules(paging.AfterCursor, 0), answer: after(true)},
		{name: "token", rules: rules(paging.Token, 0), answer: after(false)},
		{name: "range", rules: rules(paging.Range, 0), answer: span(anySize)},
		{name: "range that is cut", rules: rules(paging.Range, 0), answer: span(3)},
		{name: "message-next", rules: rules(paging.MessageNext, 0), answer: messageNext, query: "FROM auth EARLIEST=-1d"},
	}
	for _, total := range []bool{true, false} {
		for i, v := range []variant{
			{name: "unknown first, from 0", answer: numbered(0, total, anySize, nil)},
			{name: "unknown first, 0 is 1", answer: alias(total, anySize)},
			{name: "unknown first, 0 is refused", answer: numbered(1, total, anySize, refusal)},
			{name: "unknown first, 0 is empty", answer: numbered(1, total, anySize, nothing)},
		} {
			v.rules, v.host = unknown, fmt.Sprintf("%t-%d.example", total, i)
			v.name += fmt.Sprintf(", total %t", total)
			list = append(list, v)
		}
	}
	for i, r := range []partsRules{
		{size: 2},
		{size: 3, blind: true},
		{size: 3, uncount: true, blind: true, noTotal: true},
		{size: 2, extra: 3},
		{size: 100},
		{size: 3, noTotal: true},
		{size: 3, uncount: true},
		{size: 3, shuffled: true},
		{size: 3, shuffled: true, noTotal: true, uncount: true},
	} {
		for _, spread := range []int{1, 3, 100} {
			list = append(list, variant{
				name: fmt.Sprintf("parts %d, %d a second", i, spread), rules: rules(paging.Parts, 0), answer: inParts(r),
				query: "FROM alert EARLIEST='2020-01-01T00:00:00Z'", spread: spread,
			})
		}
	}
	return list
}

func (v variant) server(n int) *server {
	return &server{rows: records(n, max(v.spread, 1)), answer: v.answer, host: v.host}
}

// all runs a pager until an error, and returns the ids of its rows.
func all(s *server, v variant, opts ...paging.Option) ([]string, error) {
	a := args{}
	if v.query != "" {
		a.Query = &v.query
	}
	var got []string
	for r, err := range pager(v.rules).All(context.Background(), s, a, append([]paging.Option{paging.Size(size)}, opts...)...) {
		if err != nil {
			return got, err
		}
		got = append(got, r.ID)
	}
	return got, nil
}

// sameIDs compares without the order.
func sameIDs(t *testing.T, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("got %d rows %v, want %d %v", len(got), got, len(want), want)
	}
}

var counts = []int{0, 1, size - 1, size, size + 1, 2 * size, 3*size - 1, 3 * size, 3*size + 1}

// eachVariant runs a test for each variant and count of rows.
func eachVariant(t *testing.T, test func(t *testing.T, v variant, n int)) {
	for _, v := range variants() {
		for _, n := range counts {
			t.Run(fmt.Sprintf("%s/%d", v.name, n), func(t *testing.T) { test(t, v, n) })
		}
	}
}

func TestAllRows(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant, n int) {
		for _, prefetch := range []bool{false, true} {
			s := v.server(n)
			var stats paging.Stats
			var cursor paging.Cursor
			opts := []paging.Option{paging.Count(&stats), paging.Track(&cursor)}
			if prefetch {
				opts = append(opts, paging.Prefetch())
			}
			got, err := all(s, v, opts...)
			if err != nil {
				t.Fatal(err)
			}
			sameIDs(t, got, ids(s.rows))
			if stats.Rows != n || stats.Duplicates != 0 || stats.Missing != 0 {
				t.Errorf("the numbers are %+v", stats)
			}
			if most := 2*n + 6; len(s.requests) > most {
				t.Errorf("%d requests for %d rows", len(s.requests), n)
			}
			again, err := all(s, v, paging.From(cursor.String()))
			if err != nil || len(again) > 0 {
				t.Errorf("after the end came %v, %v", again, err)
			}
		}
	})
}

func TestLimitIsExact(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant, n int) {
		for limit := 1; limit <= n+1; limit++ {
			s := v.server(n)
			got, err := all(s, v, paging.Limit(limit))
			if err != nil || len(got) != min(limit, n) {
				t.Fatalf("limit %d gave %d rows, %v", limit, len(got), err)
			}
		}
	})
}

func TestStopAndContinueAtEachRow(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant, n int) {
		for stop := 1; stop <= n; stop++ {
			s := v.server(n)
			var got []string
			cursor := ""
			for range n + 2 { // each run returns some rows
				var track paging.Cursor
				some, err := all(s, v, paging.Limit(stop), paging.From(cursor), paging.Track(&track))
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, some...)
				cursor = track.String()
				if len(some) == 0 {
					break
				}
			}
			sameIDs(t, got, ids(s.rows))
		}
	})
}

func TestFaultOnEachRequest(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant, n int) {
		clean := v.server(n)
		if _, err := all(clean, v); err != nil {
			t.Fatal(err)
		}
		for fault := range len(clean.requests) {
			s := v.server(n)
			s.fault = func(request int) error {
				if request == fault {
					return errOutage
				}
				return nil
			}
			got, err := all(s, v)
			failed := asError(err)
			if failed == nil || !errors.Is(err, errOutage) {
				if err == nil && v.host != "" {
					sameIDs(t, got, ids(s.rows)) // the number of the first page is known by now
					continue
				}
				t.Fatalf("fault %d: the error is %v", fault, err)
			}
			rest, err := all(s, v, paging.From(failed.Cursor.String()))
			if err != nil {
				t.Fatalf("fault %d: %v", fault, err)
			}
			sameIDs(t, append(got, rest...), ids(s.rows))
		}
	})
}
