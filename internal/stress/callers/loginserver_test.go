package callers_test

import (
	"cmp"
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// grant is a token that a desk has given, and what became of it.
type grant struct {
	identity
	expires time.Time
	revoked bool
}

// identity is the account of a token.
type identity struct{ host, client string }

// counters is what the servers know of tokens.
type counters struct {
	mu     sync.Mutex
	grants map[string]*grant
	order  []*grant
}

func (l *counters) enter(token string, g grant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.grants[token] = &g
	l.order = append(l.order, &g)
}

// granted is how many tokens there were.
func (l *counters) granted() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.order)
}

// revoke makes all tokens rejected that there are.
func (l *counters) revoke() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.order {
		g.revoked = true
	}
}

// latest returns a copy of what is known of the latest token.
func (l *counters) latest() grant {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *l.order[len(l.order)-1]
}

// loginServer is where clients log in: the emulator behind a door that can be out of order.
type loginServer struct {
	emulator *emulator.Emulator
	host     *host
	counters *counters
	slow     atomic.Int64 // how long it takes, as a time.Duration
	outage   atomic.Pointer[outage]
}

// newLoginServer opens a login server of the network, for clients with their ids as secrets.
func newLoginServer(t testing.TB, n *network, l *counters, name string, clients ...string) *loginServer {
	config := emulator.Config{Clients: []emulator.Client{}}
	for _, id := range clients {
		config.Clients = append(config.Clients, emulator.Client{ID: id, Secret: id})
	}
	d := &loginServer{emulator: emulator.New(config), host: n.listen(name), counters: l}
	server := &http.Server{Handler: d, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			pair := certificates()
			if o := d.outage.Load(); o != nil && o.foreign {
				return &pair.foreign, nil
			}
			return &pair.trusted, nil
		},
	}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.ServeTLS(d.host, "", "") // always ends with http.ErrServerClosed
	}()
	t.Cleanup(func() {
		_ = server.Close() // of what is in memory
		<-done
		d.emulator.Close()
	})
	return d
}

func (d *loginServer) environment(t testing.TB) core.Environment {
	environment, err := core.NewEnvironment(d.host.name, "https://"+d.host.name)
	if err != nil {
		t.Fatal(err)
	}
	return environment
}

// fail begins an outage, and ends it with nil.
func (d *loginServer) fail(o *outage) {
	d.outage.Store(o)
	d.host.reject(cmp.Or(o, &outage{}).rejection)
}

func (d *loginServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if o := d.outage.Load(); o != nil && o.serve != nil {
		o.serve(w, r)
		return
	}
	select {
	case <-time.After(time.Duration(d.slow.Load())):
	case <-r.Context().Done():
		return
	}
	client, _, _ := r.BasicAuth()
	answer := httptest.NewRecorder()
	d.emulator.ServeHTTP(answer, r)
	var body struct {
		Token string `json:"access_token"`
		Life  int64  `json:"expires_in"`
	}
	if json.Unmarshal(answer.Body.Bytes(), &body) == nil && body.Token != "" {
		d.counters.enter(body.Token, grant{
			identity: identity{d.host.name, client},
			expires:  time.Now().Add(time.Duration(body.Life) * time.Second),
		})
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // a caller that has gone does not read it
}
