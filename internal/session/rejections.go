package session

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/core"
)

// rejections decides what a rejected call means: that its token has been revoked, that the server
// rejects everything for a while, or that it denies this one operation whatever the token is. No
// answer distinguishes them, so the decision depends on the outcome of other calls:
//
//   - The token is refreshed once; without a prompt if a call that was sent after the rejected one
//     has been accepted with the same token. That is no proof that the token is still good: calls
//     overtake each other on their way.
//   - If the new token is rejected too and no call has been accepted with it, the server may reject
//     everything, and refreshes follow at growing pauses.
//   - If the new token is accepted for other operations, the operation is denied. An operation that
//     was never accepted causes the next refresh only after minutes. One that was accepted before,
//     for example with other arguments, may cause one more.
//
// A rejected token stays in use until another one takes its place: calls in between are sent, and
// return what the server answers. So the blast radius of a denied operation is that operation.
type rejections struct {
	waits atomic.Bool // until is set

	mu         sync.RWMutex
	operations map[operation]*record
	proven     int           // how many of operations were accepted
	distrusted []core.Secret // tokens that were rejected and replaced, the latest last
	refreshes  int           // that were caused by rejections
	inVain     int           // how many of the latest in a row obtained a token that was not accepted
	until      time.Time     // no refresh before
	alarms     int           // refreshes that did not help operations that had never been accepted
	alarmedAt  int           // the latest of them, by the count of refreshes
	alarmUntil time.Time     // no refresh because of such an operation before
}

// operation names what is accepted or denied together. Arguments do not matter: they often hold a
// time, and then no two calls would be alike.
type operation struct{ gateway, name, tenant string }

func operationOf(req *core.Request) operation {
	return operation{req.Operation.Gateway, req.Operation.Name, req.Tenant}
}

// record is what is known about an operation.
type record struct {
	proven  bool // it was accepted once
	inVain  int  // refreshes in a row that did not help though the token before was good
	latest  int  // the latest of them, by the count of refreshes
	when    time.Time
	blocked time.Time // no refresh because of it before
}

const (
	// mostOperations bounds the records that are kept, and mostDistrusted the rejected tokens that
	// are recognized. A store that cannot be written, or another program, may bring up an older one
	// than the last.
	mostOperations = 1024
	mostDistrusted = 16

	// firstPause and longestPause bound the pauses of refreshes while everything is rejected, and
	// firstBlock and longestBlock those of a denied operation.
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second
	firstBlock   = 5 * time.Minute
	longestBlock = time.Hour
	// forgotten is how long refreshes in vain count against an operation that was accepted.
	forgotten = 10 * time.Minute
)

// verdict is what a rejection leads to.
type verdict int

const (
	denied        verdict = iota // no refresh: the server denies the operation, or it is too soon
	refreshSilent                // a refresh that does not prompt the user
	refreshAny                   // a refresh
)

// decide decides what to do about the rejection of the nth call with a token. The caller holds
// Session.mu.
func (j *rejections) decide(c *cachedToken, n int64, op operation, now time.Time) verdict {
	good := c.accepted.Load()
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.recordOf(op)
	if r.proven && now.Sub(r.when) > forgotten {
		r.inVain, r.blocked = 0, time.Time{}
	}
	unproven := !r.proven && j.proven > 0
	switch {
	case now.Before(j.until), unproven && now.Before(j.alarmUntil), good > 0 && now.Before(r.blocked):
		return denied
	case good > n, c.prompted, c.replacement && good == 0, unproven && j.alarms > 0, r.inVain > 1:
		return refreshSilent
	}
	return refreshAny
}

// refreshed notes that a refresh because of a rejection has ended. It is in vain until its token is
// accepted.
func (j *rejections) refreshed(now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.refreshes++
	j.until = now.Add(pause(firstPause, longestPause, j.inVain))
	j.inVain++
	j.waits.Store(true)
}

// failed notes that the latest refresh did not help an operation. good says whether the token
// before was accepted for others.
func (j *rejections) failed(op operation, good bool, now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.recordOf(op)
	switch {
	case !r.proven && j.alarmedAt < j.refreshes:
		j.alarmedAt = j.refreshes
		j.alarmUntil = now.Add(pause(firstBlock, longestBlock, j.alarms))
		j.alarms++
	case r.proven && good && r.latest < j.refreshes:
		r.latest, r.when = j.refreshes, now
		if r.inVain++; r.inVain > 1 {
			r.blocked = now.Add(pause(firstBlock, longestBlock, r.inVain-2))
		}
	}
}

// helped notes that a refresh made an operation work again.
func (j *rejections) helped(op operation) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.recordOf(op)
	if !r.proven {
		j.alarms, j.alarmUntil = 0, time.Time{}
	}
	r.inVain, r.blocked = 0, time.Time{}
}

// accept notes that the server accepted a call of an operation, and whether with the token in use.
func (j *rejections) accept(op operation, inUse bool) {
	j.mu.RLock()
	r := j.operations[op]
	known := r != nil && r.proven
	j.mu.RUnlock()
	if !known {
		j.prove(op)
	}
	if inUse && j.waits.Load() {
		j.accepted()
	}
}

func (j *rejections) prove(op operation) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if r := j.recordOf(op); !r.proven {
		r.proven = true
		j.proven++
	}
}

// accepted notes that nothing speaks against the token in use.
func (j *rejections) accepted() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.inVain, j.until = 0, time.Time{}
	j.waits.Store(false)
}

// forgive forgets all that was in vain: the user has logged in, or cleared the tokens.
func (j *rejections) forgive() {
	j.accepted()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.operations, j.proven = nil, 0
	j.alarms, j.alarmUntil = 0, time.Time{}
}

// recordOf returns the record of an operation, which it makes if need be. The caller holds j.mu.
func (j *rejections) recordOf(op operation) *record {
	if r := j.operations[op]; r != nil {
		return r
	}
	if j.operations == nil {
		j.operations = map[operation]*record{}
	}
	if len(j.operations) >= mostOperations {
		for other, r := range j.operations { // any one
			if r.proven {
				j.proven--
			}
			delete(j.operations, other)
			break
		}
	}
	r := new(record)
	j.operations[op] = r
	return r
}

// distrust remembers a rejected token, so that it is not used again if a store returns it.
func (j *rejections) distrust(token core.Secret) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if slices.ContainsFunc(j.distrusted, token.Equal) {
		return
	}
	j.distrusted = append(j.distrusted, token)
	j.distrusted = j.distrusted[max(0, len(j.distrusted)-mostDistrusted):]
}

// distrusts reports whether a token was rejected.
func (j *rejections) distrusts(token core.Secret) bool {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return slices.ContainsFunc(j.distrusted, token.Equal)
}
