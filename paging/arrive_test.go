package paging_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/paging"
)

// arrival returns a change that adds rows between the requests, most of the time fewer than a page
// has: newer than all others, older than all others, or either by chance.
func arrival(s *server, end string, most int, r *rand.Rand) func(request int) {
	return func(request int) {
		if request == 0 || len(s.rows) > 70 {
			return
		}
		for range r.IntN(2 * most) {
			if newer := end == "newer" || end == "either" && r.IntN(2) == 0; newer {
				first := s.rows[0]
				added := &row{ID: "id-" + strconv.Itoa(number(first.ID)-1), Second: first.Second + 1}
				s.rows = slices.Concat([]*row{added}, s.rows)
				continue
			}
			last := s.rows[len(s.rows)-1]
			s.rows = append(slices.Clone(s.rows), &row{ID: "id-" + strconv.Itoa(number(last.ID)+1), Second: last.Second - 1})
		}
	}
}

// TestRowsThatArrive adds rows between the requests of a run that stops now and then and is
// continued. Every row that was there at the first request is returned, and no row is returned
// twice.
func TestRowsThatArrive(t *testing.T) {
	for _, v := range variants() {
		if strings.Contains(v.name, "parts 7") || strings.Contains(v.name, "parts 8") {
			continue // see TestAnOrderByChance
		}
		most := 2
		if strings.Contains(v.name, "cap") {
			most = 1
		}
		for _, end := range []string{"newer", "older", "either"} {
			for seed := range uint64(10) {
				t.Run(fmt.Sprintf("%s/%s/%d", v.name, end, seed), func(t *testing.T) {
					s, r := v.server(40), rand.New(rand.NewPCG(seed, 3))
					before := ids(s.rows)
					s.change = arrival(s, end, most, r)
					stop := seed % 3 * 7 // 0 for a single run
					if strings.Contains(v.name, "cap of 1") || strings.Contains(v.name, "that is cut") {
						stop = 0 // rows that arrive between two runs can fill such a page
					}
					arrivedOnce(t, before, untilEnd(t, s, v, int(stop)))
				})
			}
		}
	}
}

// untilEnd runs a pager to its end, stopping after each stop rows.
func untilEnd(t *testing.T, s *server, v variant, stop int) (got []string) {
	t.Helper()
	cursor := ""
	for range 50 {
		var track paging.Cursor
		some, err := all(s, v, paging.Limit(stop), paging.From(cursor), paging.Track(&track))
		if err != nil {
			t.Fatal(err)
		}
		got, cursor = append(got, some...), track.String()
		if len(some) < stop || stop == 0 {
			return got
		}
	}
	t.Fatal("there is no end")
	return nil
}

// arrivedOnce checks that these rows were returned, and none twice.
func arrivedOnce(t *testing.T, want, got []string) {
	t.Helper()
	times := map[string]int{}
	for _, id := range got {
		times[id]++
	}
	for _, id := range want {
		if times[id] == 0 {
			t.Errorf("%s did not come", id)
		}
	}
	for id, n := range times {
		if n > 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
}
