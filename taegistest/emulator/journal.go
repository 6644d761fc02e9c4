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

// maxRequests is the size of the record of requests. Counts have no limit.
const maxRequests = 10_000

// Request is a recorded request, or a recorded subscription over a WebSocket.
type Request struct {
	// ID is the X-Request-Id header of the response.
	ID string
	// Time is the time at which the request arrived.
	Time time.Time
	// Method is the HTTP method, or "SUBSCRIBE" for a subscription.
	Method string
	// Path is the path of the URL.
	Path string
	// Operations are the GraphQL operation's name and its root fields.
	Operations []string
	// Tenant is the tenant context of the request.
	Tenant string
	// Header is the request's header. Secrets are redacted unless [Config].RecordSecrets is set. A
	// subscription has none.
	Header http.Header
	// Body is the request's body. It is empty unless [Config].RecordSecrets is set.
	Body []byte
	// Status is the HTTP status of the response, zero if there is none.
	Status int
	// Duration is the time from the request to the end of its response.
	Duration time.Duration
}

// journal records requests and counts them.
type journal struct {
	mu       sync.Mutex
	last     int
	requests []*Request
	counts   map[string]int
	executed map[string]int
	records  map[string]int // changes by bulk work
	changed  chan struct{}  // closed at the next change, nil while no caller waits
}

// Requests returns the recorded requests, oldest first. The record holds at most the latest 10,000.
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

// Count returns the number of requests on a route, with or without a response. The package comment
// defines routes.
func (e *Emulator) Count(route string) int {
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	return e.journal.counts[route]
}

// Executed returns the number of executions of a root field, for example "createClient". It does
// not count requests that failed before their execution, for example with status 401.
func (e *Emulator) Executed(operation string) int {
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	return e.journal.executed[operation]
}

// Await waits until a route has had at least count requests. If the context ends first, it returns
// an error that wraps the context's error.
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

// begin records a request and returns its entry.
func (j *journal) begin(x *exchange) *Request {
	entry := &Request{
		ID: x.id, Time: x.config.Now(), Method: x.r.Method, Path: x.r.URL.Path,
		Operations: x.operations, Tenant: x.tenant(), Header: x.r.Header.Clone(),
	}
	if x.config.RecordSecrets {
		entry.Body = bytes.Clone(x.body)
	} else {
		redactHeader(entry.Header)
	}
	j.append(entry, x.routeNames())
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

// finish completes the entry of a request and calls OnRequest.
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

// Changed returns the number of times that bulk work has changed the record with the ID. Work that
// a client starts again changes its records again.
func (e *Emulator) Changed(id string) int {
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	return e.journal.records[id]
}

// recordChanged counts a change of a record by bulk work.
func (j *journal) recordChanged(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.records == nil {
		j.records = map[string]int{}
	}
	j.records[id]++
}

// routeNames returns the routes of a request without duplicates. withPath adds the routes without
// an operation.
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

// redactHeader redacts the secrets of a header.
func redactHeader(h http.Header) {
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
