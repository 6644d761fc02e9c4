package server

import (
	"io"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// buckets are the requests that are left to each run, by its name.
type buckets struct {
	mu    sync.Mutex
	byRun map[string]*bucket
}

// bucket is full at its first request, and fills up in a second.
type bucket struct {
	left float64
	at   time.Time
}

// take takes a request. If there is none, it returns how long that lasts.
func (b *buckets) take(run string, rate float64, now time.Time) (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byRun == nil {
		b.byRun = map[string]*bucket{}
	}
	own := b.byRun[run]
	if own == nil {
		own = &bucket{left: rate, at: now}
		b.byRun[run] = own
	}
	own.left = min(own.left+now.Sub(own.at).Seconds()*rate, rate)
	own.at = now
	if own.left < 1 {
		return time.Duration((1 - own.left) / rate * float64(time.Second)), false
	}
	own.left--
	return 0, true
}

// serve sends a page after a time, or status 429 if the bucket of the run is empty.
func (b *buckets) serve(w http.ResponseWriter, r *http.Request, page []byte) {
	_, _ = io.Copy(io.Discard, r.Body)
	wait, ok := b.take(r.PathValue("run"), float64(number(r, "rate")), time.Now())
	time.Sleep(time.Duration(number(r, "ms")) * time.Millisecond)
	if ok {
		answer(w, page)
		return
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	w.WriteHeader(http.StatusTooManyRequests)
}
