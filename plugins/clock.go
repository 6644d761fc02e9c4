package plugins

import (
	"sync"
	"time"
)

// clock bounds one sign-in by two budgets: time in which the plugin works, and time in which it
// waits for the person. It spends neither while the plugin waits for its turn to ask.
type clock struct {
	late func(person bool) // called once, when a budget is used up

	mu     sync.Mutex
	work   time.Duration // what is left
	person time.Duration
	asked  int // open questions, and links that the person may be following
	queued int // questions that wait for their turn
	since  time.Time
	timer  *time.Timer
}

func newClock(work, person time.Duration, late func(person bool)) *clock {
	c := &clock{work: work, person: person, late: late, since: time.Now()}
	c.timer = time.AfterFunc(work, func() { late(false) })
	return c
}

// running returns the budget that is being spent, nil for none.
func (c *clock) running() *time.Duration {
	switch {
	case c.asked > 0:
		return &c.person
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
		person := next == &c.person
		c.timer = time.AfterFunc(*next, func() { c.late(person) })
	}
}

func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer.Stop()
}
