package plugins

import (
	"sync"
	"time"
)

// DefaultIdleTimeout is how long a plugin runs on without being needed if a [Config] says nothing.
const DefaultIdleTimeout = 10 * time.Minute

// usage counts the calls of a plugin, so that its program ends when it has not been needed for a
// while, and never during a call.
type usage struct {
	mu    sync.Mutex
	calls int
	timer *time.Timer // nil before the first call
}

// begin notes that a call begins. It returns a function that notes its end, after which idle is called
// if no other call begins within the time limit.
func (u *usage) begin(limit time.Duration, idle func()) (end func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.calls++
	if u.timer != nil {
		u.timer.Stop()
	}
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.calls--; u.calls > 0 || limit < 0 {
			return
		}
		if u.timer == nil {
			u.timer = time.AfterFunc(limit, idle)
			return
		}
		u.timer.Reset(limit)
	}
}

// unlessUsed calls stop if there is no call, and keeps calls from beginning meanwhile.
func (u *usage) unlessUsed(stop func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.calls == 0 {
		stop()
	}
}

// close ends the timer.
func (u *usage) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.timer != nil {
		u.timer.Stop()
	}
}

// rest ends the program if it is not needed now. The next call starts it again.
func (p *Plugin) rest() {
	p.used.unlessUsed(func() { p.replace(nil) })
}
