package emulator

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// Fault is something that goes wrong on a route. Several settings add up: a Delay comes first,
// then the tokens' troubles, then at most one of Drop, Reset and Hang, of Tear, Cut, Length and
// Drip, of Limit and Status, in that order.
//
// The handshake of a WebSocket has no body, so what is about one means nothing there; Tear is Drop.
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
	// Reset is Drop by a host that does not know the connection any more: with a TCP reset.
	Reset bool
	// Hang gives no answer and keeps the connection until the client leaves; on a subscription
	// after one message.
	Hang bool
	// Tear sends the first half of the real answer and closes the connection; on a subscription it
	// is Drop.
	Tear bool
	// Cut sends the first half of the real answer as if it were the whole.
	Cut bool
	// Length is added to the Content-Length of the real answer, which is sent all the same before
	// the connection is closed.
	Length int
	// Drip sends the real answer byte by byte, with that pause after each.
	Drip time.Duration
	// Errors stand beside the data of the real answer, or of each message of a subscription, as of
	// an operation that failed in part.
	Errors []core.GraphQLError
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
	// ContentType is that of the answer, the real one too, in place of the right one.
	ContentType string
	// RetryAfter goes into the Retry-After header, as it stands: seconds or an HTTP date.
	RetryAfter string

	// Execute lets the request take effect before its answer is lost to Drop, Reset, Hang or Status.
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
	handshake := x.r.Header.Get("Upgrade") != "" // has no answer that could be held back
	if f.Execute && !handshake && (f.loses() || f.replaces()) {
		x.rehearse(next)
	}
	switch {
	case f.loses(), f.Tear && handshake:
		x.lose(f)
	case f.distorts() && !handshake:
		x.distort(f, next)
	case f.replaces():
		x.fail(f)
	default:
		next(x)
	}
}

// loses reports whether there is no answer at all.
func (f *Fault) loses() bool { return f.Drop || f.Reset || f.Hang }

// replaces reports whether the fault has an answer of its own.
func (f *Fault) replaces() bool { return f.Status != 0 || f.HTML }

// distorts reports whether the real answer arrives otherwise than it is.
func (f *Fault) distorts() bool {
	return f.Tear || f.Cut || f.Length != 0 || f.Drip > 0 || !f.replaces() && (len(f.Errors) > 0 || f.ContentType != "")
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
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
	x.w.Header().Set("Content-Type", orDefault(f.ContentType, media))
	x.w.WriteHeader(f.Status)
	_, _ = x.w.Write([]byte(body))
}
