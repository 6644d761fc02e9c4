package splunk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/sink/splunk"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

const token = "7a1b2c3d-0000-1111-2222-333344445555"

// collector behaves as the HTTP Event Collector: it takes the events before one that it refuses.
type collector struct {
	*httptest.Server
	mu       sync.Mutex
	events   []json.RawMessage
	last     map[string]json.RawMessage // the last event
	paths    []string
	refused  string
	names    bool // it names the event that it refuses
	acks     bool // it acknowledges
	channels map[string]int64
	pending  map[string]int       // by channel and id, the questions until it is acknowledged
	patience int                  // the questions until a batch is acknowledged
	takes    func(id int64) int64 // changes an acknowledgement id
	answer   string               // an answer of status 400 to all
}

func newCollector(t *testing.T) *collector {
	c := startCollector()
	t.Cleanup(c.Close)
	return c
}

func startCollector() *collector {
	c := &collector{names: true, channels: map[string]int64{}, pending: map[string]int{}}
	c.Server = httptest.NewServer(c)
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paths = append(c.paths, r.URL.Path)
	channel := r.Header.Get("X-Splunk-Request-Channel")
	switch {
	case r.Header.Get("Authorization") != "Splunk "+token:
		answer(w, 403, `{"text":"Invalid token","code":4}`)
	case c.answer != "":
		answer(w, 400, c.answer)
	case c.acks && channel == "":
		answer(w, 400, `{"text":"Data channel is missing","code":10}`)
	case strings.HasSuffix(r.URL.Path, "/services/collector/ack"):
		c.acknowledge(w, r)
	case strings.HasSuffix(r.URL.Path, "/services/collector/event"):
		c.take(w, r, channel)
	default:
		answer(w, 404, `{"text":"The requested URL was not found on this server.","code":404}`)
	}
}

func answer(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text)
}

func (c *collector) take(w http.ResponseWriter, r *http.Request, channel string) {
	decoder := json.NewDecoder(r.Body)
	for i := 0; decoder.More(); i++ {
		var e map[string]json.RawMessage
		if err := decoder.Decode(&e); err != nil || c.refused != "" && strings.Contains(string(e["event"]), c.refused) {
			text := `{"text":"Invalid data format","code":6}`
			if c.names {
				text = fmt.Sprintf(`{"text":"Invalid data format","code":6,"invalid-event-number":%d}`, i)
			}
			answer(w, 400, text)
			return
		}
		c.events, c.last = append(c.events, e["event"]), e
	}
	if !c.acks {
		answer(w, 200, `{"text":"Success","code":0}`)
		return
	}
	id := c.channels[channel]
	c.channels[channel]++
	if c.takes != nil {
		id = c.takes(id)
	}
	c.pending[fmt.Sprint(channel, id)] = c.patience
	answer(w, 200, fmt.Sprintf(`{"text":"Success","code":0,"ackId":%d}`, id))
}

func (c *collector) acknowledge(w http.ResponseWriter, r *http.Request) {
	var question struct{ Acks []int64 }
	if err := json.NewDecoder(r.Body).Decode(&question); err != nil || r.URL.Query().Get("channel") == "" {
		answer(w, 400, `{"text":"Invalid data format","code":6}`)
		return
	}
	acks := map[string]bool{}
	for _, id := range question.Acks {
		key := fmt.Sprint(r.URL.Query().Get("channel"), id)
		left, known := c.pending[key]
		acks[fmt.Sprint(id)] = known && left == 0
		c.pending[key] = left - 1
	}
	text, _ := json.Marshal(map[string]any{"acks": acks})
	answer(w, 200, string(text))
}

func (c *collector) received(func([]json.RawMessage) bool) []json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.events)
}

func (c *collector) refuse(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = text
}

func newSink(c *collector) *splunk.Sink {
	return &splunk.Sink{
		URL: c.URL, Token: core.NewSecret(token), Acknowledge: c.acks, AckInterval: time.Millisecond,
		Retry: core.RetryLimits{MaxTries: 1},
	}
}

func TestSinkKeepsTheContract(t *testing.T) {
	for name, test := range map[string]struct {
		collector func(*collector)
		sink      func(*splunk.Sink)
	}{
		"without acknowledgement": {func(*collector) {}, func(*splunk.Sink) {}},
		"with acknowledgement":    {func(c *collector) { c.acks, c.patience = true, 2 }, func(s *splunk.Sink) { s.MaxRecords = 7 }},
		"refusals without a name": {func(c *collector) { c.names = false }, func(*splunk.Sink) {}},
	} {
		t.Run(name, func(t *testing.T) {
			portstest.Sink(t, func(t *testing.T) portstest.Destination {
				c := newCollector(t)
				test.collector(c)
				return portstest.Destination{
					Sink:     func() ports.Sink { s := newSink(c); test.sink(s); return s },
					Received: c.received, Refuse: c.refuse,
				}
			})
		})
	}
}

func records(n int) []core.Record { return sinktest.Records(0, n, time.Unix(1772366400, 7_900_000)) }

func TestAnEvent(t *testing.T) {
	c := newCollector(t)
	s := newSink(c)
	s.Index, s.Source, s.SourceType, s.Host, s.Envelope = "main", `ta"egis`, "taegis:alerts", "h", true
	s.URL += "/prefix/"
	if err := sinktest.Deliver(t.Context(), s, records(1)); err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(c.last)
	const want = `{"event":{"stream":"alerts","environment":"charlie","tenant":"145831","id":"0","time":"2026-03-01T12:00:00.0079Z","data":{"id":0}},` +
		`"host":"h","index":"main","source":"ta\"egis","sourcetype":"taegis:alerts","time":1772366400.007}`
	if string(got) != want || !slices.Equal(c.paths, []string{"/prefix/services/collector/event"}) {
		t.Errorf("got  %s\nwant %s, %q", got, want, c.paths)
	}
}

func TestPaths(t *testing.T) {
	for _, path := range []string{"", "/", "/services/collector", "/services/collector/", "/services/collector/event"} {
		c := newCollector(t)
		s := newSink(c)
		s.URL += path
		if err := sinktest.Deliver(t.Context(), s, records(1)); err != nil || c.paths[0] != "/services/collector/event" {
			t.Errorf("%q: %q, %v", path, c.paths, err)
		}
	}
}

func TestFaults(t *testing.T) {
	const ackHint = "enable indexer acknowledgement for the token, or unset Acknowledge"
	for name, test := range map[string]struct {
		collector func(*collector)
		sink      func(*splunk.Sink)
		permanent bool
		want      string
	}{
		"a wrong token": {
			nil, func(s *splunk.Sink) { s.Token = core.NewSecret("wrong-token") }, true,
			"it rejected the credentials with status 403 Forbidden: Invalid token: check the token or password, and what it may do",
		},
		"a wrong index": {
			func(c *collector) { c.answer = `{"text":"Incorrect index","code":7,"invalid-event-number":1}` }, nil, true,
			"it answered with status 400 Bad Request: Incorrect index: set Index to an index that the token may write to",
		},
		"a channel is required": {
			func(c *collector) { c.acks = true }, func(s *splunk.Sink) { s.Acknowledge = false }, true,
			"it answered with status 400 Bad Request: Data channel is missing: set Acknowledge, because the token requires indexer acknowledgement",
		},
		"acknowledgement is disabled": {
			func(c *collector) { c.answer = `{"text":"ACK is disabled","code":14}` }, nil, true,
			"it answered with status 400 Bad Request: ACK is disabled: " + ackHint,
		},
		"no acknowledgement id": {
			nil, func(s *splunk.Sink) { s.Acknowledge = true }, true, "its answer has no acknowledgement id: " + ackHint,
		},
		"never acknowledged": {
			func(c *collector) { c.acks, c.patience = true, 1<<40 },
			func(s *splunk.Sink) { s.AckTimeout, s.MaxRecords = 20*time.Millisecond, 2 }, false,
			"it did not acknowledge 3 batches within 20ms: check the load of the indexers and, behind a load balancer, " +
				"that all requests reach one collector; or raise AckTimeout",
		},
		"restarted meanwhile": {
			func(c *collector) { c.acks, c.takes = true, func(int64) int64 { return 0 } },
			func(s *splunk.Sink) { s.MaxRecords = 2 }, false,
			"it gave the same acknowledgement id twice, so it was restarted",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCollector(t)
			if test.collector != nil {
				test.collector(c)
			}
			s := newSink(c)
			if test.sink != nil {
				test.sink(s)
			}
			err := sinktest.Deliver(t.Context(), s, records(5))
			fault, ok := errors.AsType[*core.SinkError](err)
			if want := "splunk " + c.URL + ": " + test.want; !ok || fault.Permanent != test.permanent || err.Error() != want {
				t.Errorf("got  %v\nwant %v", err, want)
			}
		})
	}
}

// A page of something else that answers 200 is no success.
func TestAnotherServer(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>welcome</html>")
	}))
	t.Cleanup(other.Close)
	s := &splunk.Sink{URL: other.URL, Token: core.NewSecret(token)}
	err := sinktest.Deliver(t.Context(), s, records(1))
	if fault, ok := errors.AsType[*core.SinkError](err); !ok || fault.Permanent {
		t.Errorf("%v", err)
	}
}

// A collector that acknowledges twice, and what it was not asked for, confuses nothing.
func TestMoreAcknowledgementsThanBatches(t *testing.T) {
	asked, ids := 0, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/ack") {
			asked++
			answer(w, 200, fmt.Sprintf(`{"acks":{"0":true,"1":%v,"7":true,"x":true}}`, asked > 2))
			return
		}
		answer(w, 200, fmt.Sprintf(`{"text":"Success","code":0,"ackId":%d}`, ids))
		ids++
	}))
	t.Cleanup(server.Close)
	s := newSink(&collector{Server: server, acks: true})
	s.MaxRecords = 2
	if err := sinktest.Deliver(t.Context(), s, records(4)); err != nil || ids != 2 || asked != 3 {
		t.Errorf("%d batches, %d questions, %v", ids, asked, err)
	}
}

// After a failure, another channel is used, so that no acknowledgement of before counts.
func TestAnotherChannelAfterAFailure(t *testing.T) {
	c := newCollector(t)
	c.acks, c.patience = true, 1<<40
	s := newSink(c)
	s.AckTimeout = 5 * time.Millisecond
	if err := sinktest.Deliver(t.Context(), s, records(2)); err == nil {
		t.Fatal("it was acknowledged")
	}
	c.mu.Lock()
	c.patience = 0
	c.mu.Unlock()
	if err := s.Deliver(t.Context(), records(2)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sync(t.Context()); err != nil || len(c.channels) != 2 {
		t.Errorf("%d channels, %v", len(c.channels), err)
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	const url = "https://c.example"
	for name, test := range map[string]struct {
		sink splunk.Sink
		want string
	}{
		"nothing":           {splunk.Sink{}, "splunk: there is no URL: set URL to the address of the collector"},
		"no token":          {splunk.Sink{URL: url}, "splunk " + url + ": there is no token: set Token to that of the HTTP Event Collector"},
		"a token in spaces": {splunk.Sink{URL: url, Token: core.NewSecret("Splunk x")}, "splunk " + url + `: the token has spaces: set Token without "Splunk" before it`},
		"a query":           {splunk.Sink{URL: url + "/?a=b", Token: core.NewSecret("x")}, "splunk " + url + "/?[redacted]: URL has a query: remove ? and what follows"},
		"negative": {
			splunk.Sink{URL: url, Token: core.NewSecret("x"), AckTimeout: -1},
			"splunk " + url + ": AckTimeout or AckInterval is negative: use 0 for the default",
		},
	} {
		err := sinktest.Deliver(t.Context(), &test.sink, nil)
		if fault, ok := errors.AsType[*core.SinkError](err); !ok || !fault.Permanent || err.Error() != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	var s splunk.Sink
	if _, err := s.Sync(t.Context()); err == nil || err.Error() != "splunk: it is not open: call Open first" {
		t.Errorf("a sink that is not open: %v", err)
	}
}
