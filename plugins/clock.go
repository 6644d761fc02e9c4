package plugins

import (
	"sync"
	"time"
)

// clock bounds one login by two budgets: time in which the plugin works, and time in which it
// waits for the user. It spends neither while the plugin waits for its turn to ask.
type clock struct {
	late func(user bool) // called once, when a budget is used up

	mu          sync.Mutex
	work        time.Duration // what is left
	interaction time.Duration
	asked       int // open questions, and links that the user may be following
	queued      int // questions that wait for their turn
	since       time.Time
	timer       *time.Timer
}

func newClock(work, user time.Duration, late func(user bool)) *clock {
	c := &clock{work: work, interaction: user, late: late, since: time.Now()}
	c.timer = time.AfterFunc(work, func() { late(false) })
	return c
}

// running returns the budget that is being spent, nil for none.
func (c *clock) running() *time.Duration {
	switch {
	case c.asked > 0:
		return &c.interaction
	case c.queued > 0:
		return nil
	}
	return &c.work
}

// change settles what was spent, changes the state and goes on with the budget that it selects.
func (c *clock) change(asked, queued int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if spent := c.running(); spent != nil {
		*spent -= now.Sub(c.since)
	}
	c.since = now
	c.asked += asked
	c.queued += queued
	c.timer.Stop()
	if next := c.running(); next != nil {
		user := next == &c.interaction
		c.timer = time.AfterFunc(*next, func() { c.late(user) })
	}
}

func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer.Stop()
}
