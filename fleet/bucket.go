package fleet

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/pause"
)

// The rates of a bucket, in requests per second, and its times. docs/design/fleet.md has the
// simulation of servers that they were chosen by.
const (
	firstRate  = 50.0
	firstBurst = 20.0
	lowestRate = 0.1
	// startGrowth and laterGrowth are what each accepted request that waited adds to the rate. As
	// there are more of them at a higher rate, the rate grows by a factor: it doubles in 0.7 s
	// before the first refusal, and grows by 2 % a second later.
	startGrowth = 1.0
	laterGrowth = 0.02
	// backOff is the part of the measured rate that is used, which leaves room for other processes.
	backOff = 0.97
	// burstTime is how long the requests are saved up that were not sent.
	burstTime = 0.1
	// firstPause and longestPause bound the pause after a refusal.
	firstPause   = time.Second
	longestPause = 2 * time.Minute
)

// bucket limits the requests of an account.
type bucket struct {
	turn chan struct{} // full while a caller waits for its request; the others wait for the turn

	mu          sync.Mutex
	rate        float64 // requests per second
	saved       float64 // requests that may be sent at once
	at          time.Time
	pausedUntil time.Time
	refusedAt   time.Time // when the latest refusal arrived that was not yet known, zero before the first
	accepted    int       // requests that the server accepted since then
	unexplained int       // refusals in a row without Retry-After
	stats       LimiterStats
}

func newBucket(now time.Time) *bucket {
	return &bucket{turn: make(chan struct{}, 1), rate: firstRate, saved: firstBurst, at: now}
}

// sending is a request that may be sent.
type sending struct {
	at     time.Time
	waited bool // the rate held it back
}

// take waits until a request may be sent. One caller at a time waits for the time, so a new rate
// applies to all others at once.
func (b *bucket) take(ctx context.Context) (sending, error) {
	queued := false
	select {
	case b.turn <- struct{}{}:
	default:
		queued = true
		select {
		case b.turn <- struct{}{}:
		case <-ctx.Done():
			return sending{}, context.Cause(ctx)
		}
	}
	defer func() { <-b.turn }()
	for waited := queued; ; waited = true {
		now := time.Now()
		delay := b.delay(now)
		if delay <= 0 {
			return sending{now, waited}, nil
		}
		if err := pause.For(ctx, delay); err != nil {
			return sending{}, err
		}
	}
}

// delay takes a request and returns 0, or returns how long there is none.
func (b *bucket) delay(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.saved = min(b.saved+now.Sub(b.at).Seconds()*b.rate, b.burst())
	b.at = now
	if left := b.pausedUntil.Sub(now); left > 0 {
		return left
	}
	if b.saved < 1 {
		return time.Duration((1-b.saved)/b.rate*float64(time.Second)) + 1
	}
	b.saved--
	return 0
}

// burst returns how many requests can be saved up.
func (b *bucket) burst() float64 {
	if b.refusedAt.IsZero() {
		return max(firstBurst, b.rate*burstTime)
	}
	return max(1, b.rate*burstTime)
}

// answered learns from the end of a request.
func (b *bucket) answered(s sending, err error) {
	answer, isAnswer := errors.AsType[*core.ResponseError](err)
	if err != nil && !isAnswer {
		return // the server may not have counted it
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stats.Requests++
	if isAnswer && answer.Status == http.StatusTooManyRequests {
		b.stats.Refused++
		b.refused(s, answer.RetryAfter, time.Now())
		return
	}
	b.accepted++
	b.unexplained = 0
	switch {
	case !s.waited:
	case b.refusedAt.IsZero():
		b.rate += startGrowth
	default:
		b.rate += laterGrowth
	}
}

// refused pauses, and measures the rate. The refusals of requests that were sent before the latest
// known refusal arrived say nothing new.
func (b *bucket) refused(s sending, after time.Duration, now time.Time) {
	known := !s.at.After(b.refusedAt)
	if after <= 0 {
		if !known {
			b.unexplained++
		}
		after = firstPause << min(max(b.unexplained-1, 0), 7)
	}
	if until := now.Add(min(after, longestPause)); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
	if known {
		return
	}
	lowest, measured := b.rate/2, 0.0
	if elapsed := now.Sub(b.refusedAt).Seconds(); !b.refusedAt.IsZero() && elapsed > 0 {
		measured = float64(b.accepted) / elapsed * backOff
	}
	b.rate = max(lowestRate, min(max(measured, lowest), b.rate*backOff))
	b.refusedAt, b.accepted, b.saved = now, 0, 0
}

// read returns what was sent.
func (b *bucket) read() LimiterStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stats
}
