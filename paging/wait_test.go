package paging_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/paging"
)

func TestWaitPausesLongerAndLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var at []time.Duration
		state, err := paging.Wait(t.Context(), func(context.Context) (int, bool, error) {
			at = append(at, time.Since(begin)/time.Second)
			return len(at), len(at) == 7, nil
		})
		if want := []time.Duration{0, 1, 3, 7, 15, 25, 35}; err != nil || state != 7 || !slices.Equal(at, want) {
			t.Errorf("state %d, %v, asked at %v, want %v", state, err, at, want)
		}
	})
}

func TestWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reason := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Second, func() { cancel(reason) })
		state, err := paging.Wait(ctx, func(context.Context) (string, bool, error) { return "RUNNING", false, nil })
		if !errors.Is(err, reason) || state != "RUNNING" {
			t.Errorf("%q, %v", state, err)
		}
		state, err = paging.Wait(t.Context(), func(context.Context) (string, bool, error) { return "FAILED", false, errOutage })
		if !errors.Is(err, errOutage) || state != "FAILED" {
			t.Errorf("%q, %v", state, err)
		}
	})
}

// TestRowsThatAreNotReady are asked for again after pauses, with the same request.
func TestRowsThatAreNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := variant{rules: rules(paging.Token, 0)}
		answer := after(false)
		v.answer = func(s *server, a args) (page, error) {
			if len(s.requests) < 3 {
				return page{Pending: true}, nil
			}
			return answer(s, a)
		}
		s := v.server(9)
		begin := time.Now()
		got, err := all(s, v)
		if err != nil || time.Since(begin) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		sameIDs(t, got, ids(s.rows))
	})
}
