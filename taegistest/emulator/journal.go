package emulator

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis/internal/redact"
)

// maxRequests bounds the record of an emulator that runs for long; counts go on.
const maxRequests = 10_000

// Request is what the record keeps of a request, or of a subscription that a WebSocket carried.
type Request struct {
	ID     string // the X-Request-Id of its answer
	Time   time.Time
	Method string // "SUBSCRIBE" for a subscription
	Path   string
	// Operations are the operation's name and its root fields.
	Operations []string
	Tenant     string // X-Tenant-Context
	// Header holds the request's headers, with secrets replaced unless Config.Reveal is set.
	Header http.Header
	// Body is kept where Config.Reveal is set.
	Body []byte
	// Status is the answer's; zero while there is none, and for a dropped connection.
	Status int
	// Duration is how long the answer took.
	Duration time.Duration
}

// journal records requests and counts them.
type journal struct {
	mu       sync.Mutex
	last     int
	requests []*Request
	counts   map[string]int
	executed map[string]int
	changed  chan struct{} // closed at the next change, nil while nobody waits
}

// Requests returns the requests so far, oldest first, at most the latest 10,000.
func (e *Emulator) Requests() []Request {
	j := &e.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	list := make([]Request, len(j.requests))
	for i, r := range j.requests {
		list[i] = *r
		list[i].Operations, list[i].Header = slices.Clone(r.Operations), r.Header.Clone()
	}
	return list
}

// Count returns how many requests a route has had, answered or not. [Emulator.AddFault] says
// what a route is.
func (e *Emulator) Count(route string) int {
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	return e.journal.counts[route]
}

// Executed returns how often a root field such as "createClient" has been executed: for a
// request that was rejected, refused or dropped before that it does not grow.
func (e *Emulator) Executed(operation string) int {
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	return e.journal.executed[operation]
}

// Await returns once a route has had at least count requests, or with the context's error.
func (e *Emulator) Await(ctx context.Context, route string, count int) error {
	j := &e.journal
	for {
		j.mu.Lock()
		seen, changed := j.counts[route], j.listen()
		j.mu.Unlock()
		if seen >= count {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("route %q has had %d requests, waiting for %d: %w", route, seen, count, ctx.Err())
		}
	}
}

// listen returns a channel that the next change closes; the caller holds mu.
func (j *journal) listen() <-chan struct{} {
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.changed
}

func (j *journal) nextID() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	return fmt.Sprintf("emulator-%06d", j.last)
}

// begin records an exchange and returns its entry.
func (j *journal) begin(x *exchange) *Request {
	entry := &Request{
		ID: x.id, Time: x.config.Now(), Method: x.r.Method, Path: x.r.URL.Path,
		Operations: x.operations, Tenant: x.tenant(), Header: x.r.Header.Clone(),
	}
	if x.config.Reveal {
		entry.Body = bytes.Clone(x.body)
	} else {
		withoutSecrets(entry.Header)
	}
	j.append(entry, x.names())
	return entry
}

// subscribed records a subscription that started on an open WebSocket.
func (j *journal) subscribed(x *exchange, names []string) *Request {
	entry := &Request{ID: x.id, Time: x.config.Now(), Method: "SUBSCRIBE", Path: x.r.URL.Path, Operations: names, Tenant: x.tenant()}
	j.append(entry, routeNames(x.r.URL.Path, names, false))
	return entry
}

func (j *journal) append(entry *Request, routes []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.requests) >= maxRequests {
		j.requests = slices.Delete(j.requests, 0, maxRequests/10)
	}
	j.requests = append(j.requests, entry)
	if j.counts == nil {
		j.counts = map[string]int{}
	}
	for _, route := range routes {
		j.counts[route]++
	}
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// finish completes the entry of an exchange and tells the listener.
func (j *journal) finish(entry *Request, x *exchange) {
	j.mu.Lock()
	entry.Status, entry.Duration = x.w.status, x.config.Now().Sub(entry.Time)
	done := *entry
	j.mu.Unlock()
	if x.config.OnRequest != nil {
		x.config.OnRequest(done)
	}
}

// execute counts the execution of a root field.
func (j *journal) execute(operation string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.executed == nil {
		j.executed = map[string]int{}
	}
	j.executed[operation]++
}

// routeNames are the routes of a request, each once; withPath adds those that name no operation.
func routeNames(path string, operations []string, withPath bool) []string {
	var names []string
	if withPath {
		names = append(names, "", path)
	}
	for _, operation := range operations {
		names = append(names, operation, path+" "+operation)
	}
	return names
}

// withoutSecrets replaces what must not be shown in headers.
func withoutSecrets(h http.Header) {
	for name := range h {
		if !redact.Sure(name) {
			continue
		}
		scheme, _, _ := strings.Cut(h.Get(name), " ")
		if strings.HasSuffix(name, "Authorization") && scheme != h.Get(name) {
			h.Set(name, scheme+" "+redact.Mark)
		} else {
			h.Set(name, redact.Mark)
		}
	}
	for i, line := range h["Sec-Websocket-Protocol"] {
		offers := strings.Split(line, ",")
		for k, offer := range offers {
			if strings.HasPrefix(strings.TrimSpace(offer), "access-token-") {
				offers[k] = " access-token-" + redact.Mark
			}
		}
		h["Sec-Websocket-Protocol"][i] = strings.TrimSpace(strings.Join(offers, ","))
	}
}
