package emulator

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fault is something that goes wrong on a route. Several settings add up: a Delay comes first,
// then the tokens' troubles, then at most one of Drop, Tear, Limit and Status in that order.
type Fault struct {
	// Times is how many requests suffer the fault; zero means all until it is removed.
	Times int
	// Delay passes before anything else happens. On a subscription it precedes each message.
	Delay time.Duration

	// RevokeToken revokes the request's access token first, so that it is rejected.
	RevokeToken bool
	// ExpireToken makes a token that the request obtains expired from the start.
	ExpireToken bool

	// Drop closes the connection without an answer; on a subscription after one message.
	Drop bool
	// Tear sends the first half of the real answer and closes the connection.
	Tear bool
	// Limit, with Window, lets so many requests through in each window of time. Others are
	// answered with status 429 and, in Retry-After, the seconds until the window ends.
	Limit  int
	Window time.Duration
	// Status is answered instead of the real answer, with Body or HTML.
	Status int
	// Body is the answer's body.
	Body string
	// HTML makes the body a page such as proxies send; Status is 502 unless set.
	HTML bool
	// RetryAfter goes into the Retry-After header, as it stands: seconds or an HTTP date.
	RetryAfter string

	// Execute lets the request take effect before its answer is lost to Drop or Status.
	Execute bool
}

// faults are the faults by route.
type faults struct {
	mu      sync.Mutex
	planned []*plannedFault
}

type plannedFault struct {
	Fault
	route string
	left  int
	// opened and used belong to the rate limit's window.
	opened time.Time
	used   int
}

// AddFault lets requests on a route suffer a fault. Faults of a route come one after the other
// in the order they were added. The route is a path ("/graphql"), the name or root field of an
// operation on any path ("createClient"), both ("/graphql createClient"), or "" for all
// requests. Calling remove ends the fault early.
func (e *Emulator) AddFault(route string, f Fault) (remove func()) {
	p := &plannedFault{Fault: f, route: route, left: cmp.Or(f.Times, math.MaxInt)}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.planned = append(e.faults.planned, p)
	return func() { e.faults.remove(func(other *plannedFault) bool { return other == p }) }
}

// ClearFaults removes every fault.
func (e *Emulator) ClearFaults() {
	e.faults.remove(func(*plannedFault) bool { return true })
}

func (f *faults) remove(which func(*plannedFault) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.planned = slices.DeleteFunc(f.planned, which)
}

// take returns the first fault that one of the routes suffers now.
func (f *faults) take(now time.Time, routes []string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, p := range f.planned {
		if !slices.Contains(routes, p.route) {
			continue
		}
		fault := p.Fault
		if p.Limit > 0 {
			wait, over := p.admit(now)
			if !over {
				return Fault{Delay: p.Delay}, true
			}
			fault.Status, fault.RetryAfter = http.StatusTooManyRequests, strconv.Itoa(int(math.Ceil(wait.Seconds())))
		}
		if p.left--; p.left == 0 {
			f.planned = slices.Delete(f.planned, i, i+1)
		}
		return fault, true
	}
	return Fault{}, false
}

// admit counts a request against the rate limit; over reports that it comes too early by wait.
func (p *plannedFault) admit(now time.Time) (wait time.Duration, over bool) {
	window := cmp.Or(p.Window, time.Second)
	if now.Sub(p.opened) >= window {
		p.opened, p.used = now, 0
	}
	p.used++
	return p.opened.Add(window).Sub(now), p.used > p.Limit
}

// suffer answers the exchange as the fault demands; next gives the real answer.
func (x *exchange) suffer(f Fault, next endpoint) {
	if pause(x.r.Context(), f.Delay) != nil {
		return
	}
	if f.RevokeToken {
		x.e.Revoke(x.bearer())
	}
	x.expired = f.ExpireToken
	handshake := x.r.Header.Get("Upgrade") != "" // has no answer that could be torn or held back
	f.Execute = f.Execute && !handshake
	switch {
	case f.Drop, f.Tear && handshake:
		if f.Execute {
			x.rehearse(next)
		}
		panic(http.ErrAbortHandler) // the server's way to close a connection without a word
	case f.Tear:
		x.tear(next)
	case f.Status != 0 || f.HTML:
		if f.Execute {
			x.rehearse(next)
		}
		x.fail(f)
	default:
		next(x)
	}
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rehearse executes the request and keeps its answer back.
func (x *exchange) rehearse(next endpoint) *heldAnswer {
	answer := &heldAnswer{header: x.w.Header().Clone()}
	inner := *x
	inner.w = &statusWriter{ResponseWriter: answer}
	next(&inner)
	answer.status = inner.w.status
	return answer
}

// heldAnswer is an answer that is not sent, or not in full.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header         { return a.header }
func (a *heldAnswer) WriteHeader(int)             {} // statusWriter remembers it
func (a *heldAnswer) Write(p []byte) (int, error) { return a.body.Write(p) }

// tear promises the whole answer, sends half of it and closes the connection.
func (x *exchange) tear(next endpoint) {
	answer := x.rehearse(next)
	maps.Copy(x.w.Header(), answer.header)
	x.w.Header().Set("Content-Length", strconv.Itoa(answer.body.Len()))
	x.w.WriteHeader(answer.status)
	_, _ = x.w.Write(answer.body.Bytes()[:answer.body.Len()/2])
	_ = http.NewResponseController(x.w).Flush() // so that the half arrives
	panic(http.ErrAbortHandler)
}

// fail sends the fault's own answer.
func (x *exchange) fail(f Fault) {
	body, media := f.Body, "application/json"
	if f.HTML {
		f.Status = orDefault(f.Status, http.StatusBadGateway)
		body, media = fmt.Sprintf("<html><head><title>%d %s</title></head><body></body></html>\n", f.Status, http.StatusText(f.Status)), "text/html"
	}
	if f.RetryAfter != "" {
		x.w.Header().Set("Retry-After", f.RetryAfter)
	}
	x.w.Header().Set("Content-Type", media)
	x.w.WriteHeader(f.Status)
	_, _ = x.w.Write([]byte(body))
}
