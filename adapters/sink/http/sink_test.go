package http_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	nethttp "net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/sink/http"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

// collector is a server that takes lines, and refuses a batch with a text in it.
type collector struct {
	*httptest.Server
	mu       sync.Mutex
	lines    []json.RawMessage
	refused  string
	largest  int                        // of a body
	answer   func(try int) (int, error) // nil answers 200; an error closes the connection after taking the batch
	requests int
}

func newCollector(t testing.TB) *collector {
	c := &collector{largest: 4 << 20}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(w nethttp.ResponseWriter, r *nethttp.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	reader := r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		reader, _ = gzip.NewReader(r.Body)
	}
	body, err := io.ReadAll(reader)
	switch {
	case err != nil || r.Header.Get("Authorization") != "Bearer token":
		nethttp.Error(w, "no", nethttp.StatusUnauthorized)
		return
	case len(body) > c.largest:
		nethttp.Error(w, "too long", nethttp.StatusRequestEntityTooLarge)
		return
	case c.refused != "" && strings.Contains(string(body), c.refused):
		nethttp.Error(w, "cannot read "+c.refused, nethttp.StatusBadRequest)
		return
	}
	code, err := 200, error(nil)
	if c.answer != nil {
		code, err = c.answer(c.requests)
	}
	if code == 200 {
		for line := range strings.Lines(string(body)) {
			c.lines = append(c.lines, json.RawMessage(strings.TrimSuffix(line, "\n")))
		}
	}
	if err != nil {
		panic(nethttp.ErrAbortHandler)
	}
	w.WriteHeader(code)
}

func (c *collector) received(func([]json.RawMessage) bool) []json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lines)
}

func (c *collector) refuse(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = text
}

func sink(c *collector) *http.Sink {
	return &http.Sink{
		URL: c.URL, Headers: map[string]core.Secret{"Authorization": core.NewSecret("Bearer token")},
		Retry: core.RetryLimits{MaxTries: 1},
	}
}

func TestSinkKeepsTheContract(t *testing.T) {
	for name, change := range map[string]func(*http.Sink){
		"as it is":          func(*http.Sink) {},
		"small batches":     func(s *http.Sink) { s.MaxRecords = 3 },
		"compressed bodies": func(s *http.Sink) { s.Gzip, s.MaxBytes = true, 2000 },
	} {
		t.Run(name, func(t *testing.T) {
			portstest.Sink(t, func(t *testing.T) portstest.Destination {
				c := newCollector(t)
				return portstest.Destination{
					Sink:     func() ports.Sink { s := sink(c); change(s); return s },
					Received: c.received, Refuse: c.refuse,
				}
			})
		})
	}
}

func records(n int) []core.Record { return sinktest.Records(0, n, time.Unix(0, 0)) }

// A batch that is too long is halved, and a record that is too long alone is refused.
func TestRecordsThatAreTooLong(t *testing.T) {
	c := newCollector(t)
	c.largest = 30
	all := records(10)
	all[4].Data = json.RawMessage(`{"id":"` + strings.Repeat("4", 50) + `"}`)
	s := sink(c)
	err := sinktest.Deliver(t.Context(), s, all)
	refused, ok := errors.AsType[*core.RefusedError](err)
	if !ok || len(refused.Records) != 1 || refused.Records[0].Record.ID != "4" ||
		refused.Records[0].Reason != "status 413 Request Entity Too Large: too long" {
		t.Errorf("%v", err)
	}
	if len(c.lines) != 9 {
		t.Errorf("%d records arrived", len(c.lines))
	}
}

// A batch with a lost answer is repeated.
func TestALostAnswer(t *testing.T) {
	c := newCollector(t)
	c.answer = func(try int) (int, error) {
		if try == 1 {
			return 200, errors.New("lost")
		}
		return 200, nil
	}
	s := sink(c)
	s.Retry = core.RetryLimits{}
	if err := sinktest.Deliver(t.Context(), s, records(3)); err != nil || len(c.lines) != 6 {
		t.Errorf("%d records arrived, %v", len(c.lines), err)
	}
}

func TestAFailureForgetsWhatWaits(t *testing.T) {
	c := newCollector(t)
	c.answer = func(try int) (int, error) {
		if try == 2 {
			return 503, nil
		}
		return 200, nil
	}
	s := sink(c)
	s.MaxRecords = 4
	if err := sinktest.Deliver(t.Context(), s, records(10)); err == nil {
		t.Fatal("no error")
	}
	if _, err := s.Sync(t.Context()); err != nil || len(c.lines) != 4 {
		t.Errorf("%d records arrived, %v", len(c.lines), err)
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	for name, test := range map[string]struct {
		sink http.Sink
		want string
	}{
		"nothing":          {http.Sink{}, "http: there is no URL: set URL to the address of the collector"},
		"negative records": {http.Sink{URL: "https://c.example", MaxRecords: -1}, "http https://c.example: MaxRecords or MaxBytes is negative: use 0 for the default"},
		"negative bytes":   {http.Sink{URL: "https://c.example", MaxBytes: -1}, "http https://c.example: MaxRecords or MaxBytes is negative: use 0 for the default"},
	} {
		err := sinktest.Deliver(t.Context(), &test.sink, nil)
		if fault, ok := errors.AsType[*core.SinkError](err); !ok || !fault.Permanent || err.Error() != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	var s http.Sink
	if _, err := s.Sync(t.Context()); err == nil || err.Error() != "http: it is not open: call Open first" {
		t.Errorf("a sink that is not open: %v", err)
	}
}
