package otlp_test

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

	"github.com/taegis-go/taegis/adapters/sink/otlp"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

// export is a request in the JSON encoding of OTLP.
type export struct {
	ResourceLogs []struct {
		Resource  struct{ Attributes []attribute }
		ScopeLogs []struct {
			Scope      struct{ Name string }
			LogRecords []struct {
				TimeUnixNano string
				Body         value
				Attributes   []attribute
			}
		}
	}
}

type value struct{ StringValue string }

type attribute struct {
	Key   string
	Value value
}

// collector takes log records. It rejects those with a text, and says only how many.
type collector struct {
	*httptest.Server
	mu       sync.Mutex
	bodies   []json.RawMessage
	last     export
	path     string
	rejected string
	quoted   bool   // the number is a text, as protobuf writes it
	answer   string // to requests without rejected records
	status   int
}

func newCollector(t *testing.T) *collector {
	c := startCollector()
	t.Cleanup(c.Close)
	return c
}

func startCollector() *collector {
	c := &collector{answer: "{}", status: 200}
	c.Server = httptest.NewServer(c)
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.path, c.last = r.URL.Path, export{}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c.last); err != nil {
		http.Error(w, `{"code":3,"message":"`+err.Error()+`"}`, http.StatusBadRequest)
		return
	}
	rejected := 0
	for _, log := range c.last.ResourceLogs[0].ScopeLogs[0].LogRecords {
		if c.rejected != "" && strings.Contains(log.Body.StringValue, c.rejected) {
			rejected++
			continue
		}
		c.bodies = append(c.bodies, json.RawMessage(log.Body.StringValue))
	}
	w.WriteHeader(c.status)
	switch {
	case rejected > 0 && c.quoted:
		_, _ = fmt.Fprintf(w, `{"partialSuccess":{"rejectedLogRecords":"%d","errorMessage":"too odd"}}`, rejected)
	case rejected > 0:
		_, _ = fmt.Fprintf(w, `{"partialSuccess":{"rejectedLogRecords":%d}}`, rejected)
	default:
		_, _ = io.WriteString(w, c.answer)
	}
}

func (c *collector) received(func([]json.RawMessage) bool) []json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.bodies)
}

func (c *collector) reject(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rejected = text
}

func newSink(c *collector) *otlp.Sink {
	return &otlp.Sink{URL: c.URL, Retry: core.RetryLimits{MaxTries: 1}}
}

func TestSinkKeepsTheContract(t *testing.T) {
	for _, quoted := range []bool{false, true} {
		portstest.Sink(t, func(t *testing.T) portstest.Destination {
			c := newCollector(t)
			c.quoted = quoted
			return portstest.Destination{
				Sink:     func() ports.Sink { return newSink(c) },
				Received: c.received, Refuse: c.reject,
			}
		})
	}
}

func records(n int) []core.Record { return sinktest.Records(0, n, time.Unix(1772366400, 7)) }

func TestARequest(t *testing.T) {
	c := newCollector(t)
	s := newSink(c)
	s.Resource = map[string]string{"deployment.environment": "\"prod\"\n"}
	if err := sinktest.Deliver(t.Context(), s, records(2)); err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(c.last.ResourceLogs[0])
	const want = `{"Resource":{"Attributes":[{"Key":"deployment.environment","Value":{"StringValue":"\"prod\"\n"}},` +
		`{"Key":"service.name","Value":{"StringValue":"taegis"}}]},` +
		`"ScopeLogs":[{"Scope":{"Name":"github.com/taegis-go/taegis/adapters/sink/otlp"},"LogRecords":[`
	if !strings.HasPrefix(string(text), want) || c.path != "/v1/logs" {
		t.Errorf("%s: %s", c.path, text)
	}
	first, _ := json.Marshal(c.last.ResourceLogs[0].ScopeLogs[0].LogRecords[1])
	const log = `{"TimeUnixNano":"1772366400000000007","Body":{"StringValue":"{\"id\":1}"},"Attributes":[` +
		`{"Key":"taegis.stream","Value":{"StringValue":"alerts"}},{"Key":"taegis.environment","Value":{"StringValue":"charlie"}},` +
		`{"Key":"taegis.tenant","Value":{"StringValue":"145831"}},{"Key":"taegis.id","Value":{"StringValue":"1"}}]}`
	if string(first) != log {
		t.Errorf("got  %s\nwant %s", first, log)
	}
}

func TestAPathIsKept(t *testing.T) {
	c := newCollector(t)
	s := newSink(c)
	s.URL += "/otlp/v1/logs"
	if err := sinktest.Deliver(t.Context(), s, records(1)); err != nil || c.path != "/otlp/v1/logs" {
		t.Errorf("%s, %v", c.path, err)
	}
}

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		status int
		ok     bool
	}{
		"nothing":            {"", 200, true},
		"an empty object":    {"{}", 200, true},
		"none rejected":      {`{"partialSuccess":{}}`, 200, true},
		"zero rejected":      {`{"partialSuccess":{"rejectedLogRecords":"0"}}`, 200, true},
		"a warning":          {`{"partialSuccess":{"errorMessage":"slow"}}`, 200, true},
		"another server":     {"<html>welcome</html>", 200, false},
		"a service is down":  {"", 502, false},
		"protobuf in answer": {"\x0a\x04\x08\x01", 200, false},
	} {
		c := newCollector(t)
		c.answer, c.status = test.answer, test.status
		err := sinktest.Deliver(t.Context(), newSink(c), records(1))
		fault, isFault := errors.AsType[*core.SinkError](err)
		if (err == nil) != test.ok || !test.ok && (!isFault || fault.Permanent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheReasonOfARejection(t *testing.T) {
	for quoted, want := range map[bool]string{true: "too odd", false: "rejected without a message"} {
		c := newCollector(t)
		c.quoted, c.rejected = quoted, `"id":1`
		err := sinktest.Deliver(t.Context(), newSink(c), records(3))
		if refused, ok := errors.AsType[*core.RefusedError](err); !ok || len(refused.Records) != 1 || refused.Records[0].Reason != want {
			t.Errorf("%v", err)
		}
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	for name, test := range map[string]struct {
		sink otlp.Sink
		want string
	}{
		"nothing":  {otlp.Sink{}, "otlp: there is no URL: set URL to the address of the collector"},
		"negative": {otlp.Sink{URL: "https://c.example", MaxRecords: -1}, "otlp https://c.example: MaxRecords or MaxBytes is negative: use 0 for the default"},
	} {
		err := sinktest.Deliver(t.Context(), &test.sink, nil)
		if fault, ok := errors.AsType[*core.SinkError](err); !ok || !fault.Permanent || err.Error() != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	var s otlp.Sink
	if _, err := s.Sync(t.Context()); err == nil || err.Error() != "otlp: it is not open: call Open first" {
		t.Errorf("a sink that is not open: %v", err)
	}
}
