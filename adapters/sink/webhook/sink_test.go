package webhook_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/sink/webhook"
	"github.com/taegis-go/taegis/core"
)

// The example of the specification: key, id, timestamp and body with the signature that belong to them.
func TestSignatureOfTheSpecification(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := webhook.Signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Error(got)
	}
}

// receiver checks signatures, and answers by the bodies.
type receiver struct {
	t      *testing.T
	key    string
	ids    []string
	bodies []string
	answer func(body string) int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		r.t.Error(err)
	}
	id, at := req.Header.Get("Webhook-Id"), req.Header.Get("Webhook-Timestamp")
	if want := webhook.Signature([]byte(r.key), id, at, body); req.Header.Get("Webhook-Signature") != want || at != "1700000000" {
		r.t.Errorf("signature %q of %s at %s, want %q", req.Header.Get("Webhook-Signature"), body, at, want)
	}
	r.ids, r.bodies = append(r.ids, id), append(r.bodies, string(body))
	if status := r.answer(string(body)); status != 0 {
		w.WriteHeader(status)
	}
}

func records(ids ...string) []core.Record {
	var list []core.Record
	for _, id := range ids {
		list = append(list, core.Record{Stream: "cases", Tenant: "1", ID: id, Data: []byte(`{"id":"` + id + `"}`)})
	}
	return list
}

func TestDeliveries(t *testing.T) {
	r := &receiver{t: t, key: strings.Repeat("k", 32)}
	failures := 1
	r.answer = func(body string) int {
		switch {
		case strings.Contains(body, "refused"):
			return http.StatusUnprocessableEntity
		case strings.Contains(body, "later") && failures > 0:
			failures--
			return http.StatusServiceUnavailable
		}
		return 0
	}
	server := httptest.NewServer(r)
	defer server.Close()
	sink := &webhook.Sink{
		URL: server.URL, Key: core.NewSecret(r.key), Retry: core.RetryLimits{MaxTries: 1},
		Now: func() time.Time { return time.Unix(1_700_000_000, 0) },
	}
	if err := sink.Deliver(t.Context(), records("x")); err == nil {
		t.Error("a sink that is not open delivers")
	}
	if err := sink.Open(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	err := sink.Deliver(t.Context(), records("one", "refused", "two"))
	refused, ok := errors.AsType[*core.RefusedError](err)
	if !ok || len(refused.Records) != 1 || refused.Records[0].Record.ID != "refused" || len(r.bodies) != 3 {
		t.Errorf("%v after %q", err, r.bodies)
	}
	err = sink.Deliver(t.Context(), records("later"))
	if busy, ok := errors.AsType[*core.SinkError](err); !ok || busy.Permanent {
		t.Errorf("%v", err)
	}
	if err := sink.Deliver(t.Context(), records("later")); err != nil {
		t.Error(err)
	}
	if n := len(r.ids); r.ids[n-1] != r.ids[n-2] || r.ids[0] == r.ids[1] {
		t.Errorf("ids %q", r.ids)
	}
	if position, err := sink.Sync(t.Context()); position != "" || err != nil {
		t.Errorf("%q, %v", position, err)
	}
}

func TestWrongSettings(t *testing.T) {
	key := core.NewSecret(strings.Repeat("k", 32))
	for name, sink := range map[string]*webhook.Sink{
		"no URL":           {Key: key},
		"plain HTTP":       {URL: "http://receiver.example", Key: key},
		"no key":           {URL: "https://receiver.example"},
		"a short key":      {URL: "https://receiver.example", Key: core.NewSecret("short")},
		"a key, no base64": {URL: "https://receiver.example", Key: core.NewSecret("whsec_*****************")},
	} {
		err := sink.Open(t.Context(), "")
		if wrong, ok := errors.AsType[*core.SinkError](err); !ok || !wrong.Permanent || core.Hint(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
