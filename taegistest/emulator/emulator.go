package emulator

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// Emulator is an [http.Handler] that emulates Taegis. Get one from [New], or a listening [Server]
// from [Start]. It is safe for concurrent use.
type Emulator struct {
	config     atomic.Pointer[Config]
	routes     map[string]endpoint
	tokens     tokens
	clients    registry
	corpora    corpora
	events     eventQueries
	alerts     alertSearches
	devices    devices
	mfa        challenges
	faults     faults
	files      fileStore
	buckets    buckets
	searches   searches
	tasks      tasks
	shares     shareLinks
	journal    journal
	violations violations
	sockets    sockets
	refusals   refusals
	runs       liveRuns
	gateways   map[string]*gateway

	life    context.Context // ends with Close
	end     context.CancelFunc
	mu      sync.Mutex // guards closed, and Configure against itself
	closed  bool
	running sync.WaitGroup
}

// New returns an emulator. Call [Emulator.Close] to end its pending requests and subscriptions.
func New(config Config) *Emulator {
	c := config.withDefaults()
	e := &Emulator{tokens: newTokens()}
	e.life, e.end = context.WithCancel(context.Background())
	e.config.Store(&c)
	e.corpora.reset(c.Corpus, c.Now())
	for _, client := range c.Clients {
		e.clients.put(newClientRecord(client, c.Now()))
	}
	e.gateways = newGateways(e)
	e.routes = e.loginRoutes()
	maps.Copy(e.routes, e.fusionRoutes())
	for path, g := range e.gateways {
		e.routes[path] = g.serve
	}
	return e
}

// Routes returns the paths that the emulator serves, in alphabetical order.
func (e *Emulator) Routes() []string { return slices.Sorted(maps.Keys(e.routes)) }

// Configure calls change with the configuration, which applies from the next request on. It
// ignores changes of [Config].Clients; see [Emulator.AddClient].
func (e *Emulator) Configure(change func(*Config)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := *e.config.Load()
	change(&c)
	c = c.withDefaults()
	if c.Corpus != e.config.Load().Corpus {
		e.corpora.reset(c.Corpus, c.Now())
	}
	e.config.Store(&c)
}

// AddClient adds an OAuth client, or replaces the client with the same ID.
func (e *Emulator) AddClient(client Client) {
	e.clients.put(newClientRecord(client.withDefaults(), e.config.Load().Now()))
}

// Close ends every pending request and subscription and waits until all requests have ended. Later
// requests receive status 503.
func (e *Emulator) Close() {
	e.release()
	e.running.Wait()
}

// release ends pending requests and subscriptions without waiting for them.
func (e *Emulator) release() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.end()
	e.sockets.closeAll()
}

// enter reports whether a request may start; if so, it must end with running.Done.
func (e *Emulator) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.running.Add(1)
	}
	return !e.closed
}

// ServeHTTP serves one request.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !e.enter() {
		http.Error(w, "the emulator is closed", http.StatusServiceUnavailable)
		return
	}
	defer e.running.Done()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(e.life, cancel)()

	x, err := e.newExchange(w, r.WithContext(ctx))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	if w.Header().Get("Date") == "" { // a handler around this one may have a clock of its own
		w.Header().Set("Date", x.config.Now().UTC().Format(http.TimeFormat))
	}
	entry := e.journal.begin(x)
	defer e.journal.finish(entry, x)
	fault, ok := e.faults.next(x.config.Now(), x.routeNames())
	if ok {
		x.applyFault(fault, e.dispatch)
	} else {
		e.dispatch(x)
	}
}

// dispatch sends the request to the endpoint of its path.
func (e *Emulator) dispatch(x *exchange) {
	path := x.r.URL.Path
	if isPresigned(path) {
		path = pathPresigned
	} else {
		x.notePlatforms()
	}
	serve, found := e.routes[path]
	if !found {
		x.json(http.StatusNotFound, map[string]string{"message": "Not Found"})
		return
	}
	serve(x)
}
