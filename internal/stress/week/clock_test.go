//go:build linux

package week_test

import (
	"sync/atomic"
	"time"
)

// clock is a clock that the test sets.
type clock struct{ now atomic.Int64 }

func newClock(now time.Time) *clock {
	c := &clock{}
	c.set(now)
	return c
}

func (c *clock) set(now time.Time) { c.now.Store(now.UnixNano()) }

func (c *clock) time() time.Time { return time.Unix(0, c.now.Load()) }
