package processes_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

const tokenRoute = "/auth/api/v2/auth/token"

// server is Taegis. It counts who comes to log in, and can let them wait.
type server struct {
	*httptest.Server
	emulator *emulator.Emulator

	mu       sync.Mutex
	changed  chan struct{} // closed at the next arrival
	shut     chan struct{} // a login waits until this is closed; nil for none
	arrivals []time.Time   // of those who log in, by the real clock
	granted  []time.Time   // when each token expires
	needless int           // tokens that were granted while the one before could have been used
	rejected int           // requests without a token that is valid
}

func newServer(t testing.TB, changes ...func(*emulator.Config)) *server {
	t.Helper()
	d := &server{changed: make(chan struct{})}
	config := emulator.Config{Now: time.Now, Clients: append(emulator.DemoClients(), others()...)}
	for _, change := range changes {
		change(&config)
	}
	config.OnRequest = func(r emulator.Request) {
		if r.Status == http.StatusUnauthorized {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.rejected++
		}
	}
	d.emulator = emulator.New(config)
	mux := http.NewServeMux()
	mux.Handle("/", d.emulator)
	mux.HandleFunc(tokenRoute, func(w http.ResponseWriter, r *http.Request) { d.logIn(w, r, config.Now) })
	d.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		d.Close()
		d.emulator.Close()
	})
	return d
}

func (d *server) logIn(w http.ResponseWriter, r *http.Request, now func() time.Time) {
	body, err := io.ReadAll(r.Body) // else the server does not notice when who sent it is killed
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	d.mu.Lock()
	d.arrivals = append(d.arrivals, time.Now())
	close(d.changed)
	d.changed = make(chan struct{})
	shut := d.shut
	d.mu.Unlock()
	if shut != nil {
		select {
		case <-shut:
		case <-r.Context().Done():
			return
		}
	}
	record := httptest.NewRecorder()
	d.emulator.ServeHTTP(record, r)
	var grant struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(record.Body.Bytes(), &grant) == nil && grant.Token != "" {
		d.enter(core.NewToken(grant.Token, now()).Expiry, now())
	}
	maps.Copy(w.Header(), record.Header())
	w.WriteHeader(record.Code)
	_, _ = w.Write(record.Body.Bytes()) // the reader may be gone
}

// enter enters a token that was granted now.
func (d *server) enter(expires, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.granted); n > 0 && now.Before(d.granted[n-1].Add(-ahead)) {
		d.needless++
	}
	d.granted = append(d.granted, expires)
}

// close lets everybody wait who logs in, until open is called.
func (d *server) close() (open func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	shut := make(chan struct{})
	d.shut = shut
	return sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.shut = nil
		close(shut)
	})
}

// await waits until the n-th has come to log in, and returns when that was.
func (d *server) await(t testing.TB, n int) time.Time {
	t.Helper()
	for {
		d.mu.Lock()
		arrivals, changed := d.arrivals, d.changed
		d.mu.Unlock()
		if len(arrivals) >= n {
			return arrivals[n-1]
		}
		select {
		case <-changed:
		case <-time.After(time.Minute):
			t.Fatalf("of %d who were to log in %d came", n, len(arrivals))
		}
	}
}

// logins counts those who came to log in.
func (d *server) logins() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.arrivals)
}
