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

// Fault is a failure of the requests on a route. Several fields can be combined. The emulator
// applies them in this order: Delay; RevokeToken and ExpireToken; then the first that is set of
// Drop, Reset and Hang, of Truncate, PartialBody, ContentLengthDelta and Trickle, of RateLimit,
// Status and HTML. Errors and ContentType change the response that remains.
//
// A WebSocket handshake has no response body, so faults of a body do not apply to it; Truncate
// acts as Drop. Faults of a path apply to the handshake, and faults of an operation to its
// subscription.
type Fault struct {
	// Times is the number of requests that the fault affects. Zero affects all requests until the
	// fault is removed.
	Times int
	// Delay is the time to wait before anything else. On a subscription it precedes each message.
	Delay time.Duration

	// RevokeToken revokes the request's access token first, so that the server rejects it.
	RevokeToken bool
	// ExpireToken makes a token response contain a token that has already expired.
	ExpireToken bool

	// Drop closes the connection without a response; on a subscription, after one message.
	Drop bool
	// Reset is Drop with a TCP reset instead of an orderly close.
	Reset bool
	// Hang sends no response and keeps the connection open until the client closes it; on a
	// subscription, after one message.
	Hang bool
	// Truncate sends the first half of the response body and closes the connection, so that the
	// body is shorter than its Content-Length. On a subscription it acts as Drop.
	Truncate bool
	// PartialBody sends the first half of the response body with a matching Content-Length.
	PartialBody bool
	// ContentLengthDelta is added to the Content-Length of the response, in bytes. The body stays
	// as it is; the connection is closed after it.
	ContentLengthDelta int
	// Trickle sends the response body byte by byte and waits that long after each byte.
	Trickle time.Duration
	// Errors are added to the data of the response, or of each message of a subscription, as
	// after a partial failure.
	Errors []core.GraphQLError
	// RateLimit is the number of requests that are allowed in each RateWindow. Further requests
	// receive status 429 and a Retry-After header with the seconds that are left.
	RateLimit int
	// RateWindow is the length of the window of RateLimit. Zero selects one second.
	RateWindow time.Duration
	// Status is the HTTP status of a response with Body or HTML that replaces the real response.
	// Zero keeps the real response.
	Status int
	// Body is the body of the response that Status selects.
	Body string
	// HTML replaces the response with an HTML page, as proxies do. If Status is zero, it is 502.
	HTML bool
	// ContentType replaces the Content-Type header of the response.
	ContentType string
	// RetryAfter is the value of the Retry-After header, in seconds or as an HTTP date. It
	// requires Status or HTML.
	RetryAfter string

	// Execute executes the operation before Drop, Reset, Hang or Status discards its response.
	Execute bool
}

// faults holds the planned faults in the order in which they were added.
type faults struct {
	mu      sync.Mutex
	planned []*plannedFault
}

type plannedFault struct {
	Fault
	route string
	left  int
	// opened and used are the start of the window of RateLimit and the requests in it.
	opened time.Time
	used   int
}

// AddFault makes requests on a route fail. The package comment defines routes. If several faults
// apply to a request, the one that was added first takes effect; the others follow after its
// [Fault].Times. Calling remove removes the fault.
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

// next returns the first fault that applies to one of the routes, and counts its use.
func (f *faults) next(now time.Time, routes []string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, p := range f.planned {
		if !slices.Contains(routes, p.route) {
			continue
		}
		fault := p.Fault
		if p.RateLimit > 0 {
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

// admit counts a request against the rate limit. If the request is over the limit, wait is the
// time until the window ends.
func (p *plannedFault) admit(now time.Time) (wait time.Duration, over bool) {
	window := cmp.Or(p.RateWindow, time.Second)
	if now.Sub(p.opened) >= window {
		p.opened, p.used = now, 0
	}
	p.used++
	return p.opened.Add(window).Sub(now), p.used > p.RateLimit
}

// applyFault responds as the fault says; next sends the real response.
func (x *exchange) applyFault(f Fault, next endpoint) {
	if pause(x.r.Context(), f.Delay) != nil {
		return
	}
	if f.RevokeToken {
		x.e.Revoke(x.bearer())
	}
	x.expired = f.ExpireToken
	handshake := x.r.Header.Get("Upgrade") != "" // its response cannot be buffered
	if f.Execute && !handshake && (f.disconnects() || f.replacesResponse()) {
		x.bufferResponse(next)
	}
	switch {
	case f.disconnects(), f.Truncate && handshake:
		x.disconnect(f)
	case f.altersResponse() && !handshake:
		x.alterResponse(f, next)
	case f.replacesResponse():
		x.fail(f)
	default:
		next(x)
	}
}

// disconnects reports whether the client receives no response.
func (f *Fault) disconnects() bool { return f.Drop || f.Reset || f.Hang }

// replacesResponse reports whether the fault has its own response.
func (f *Fault) replacesResponse() bool { return f.Status != 0 || f.HTML }

// altersResponse reports whether the fault changes the real response.
func (f *Fault) altersResponse() bool {
	return f.Truncate || f.PartialBody || f.ContentLengthDelta != 0 || f.Trickle > 0 ||
		!f.replacesResponse() && (len(f.Errors) > 0 || f.ContentType != "")
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

// fail sends the fault's own response.
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
