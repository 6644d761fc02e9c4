package natstest

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	sink "github.com/taegis-go/taegis/adapters/sink/nats"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

func TestSinkKeepsTheContract(t *testing.T) {
	for name, pending := range map[string]int{"one after the other": 1, "many at once": 0} {
		t.Run(name, func(t *testing.T) {
			portstest.Sink(t, func(t *testing.T) portstest.Destination {
				s := start(t, nil)
				stream := connect(t, s.ClientURL(), nil)
				return portstest.Destination{
					Sink:     func() ports.Sink { return &sink.Sink{URL: s.ClientURL(), MaxPending: pending} },
					Received: func(func([]json.RawMessage) bool) []json.RawMessage { return data(t, stream) },
				}
			})
		})
	}
}

// The server drops what it has, so that a delivery that is repeated arrives once.
func TestRepeatedRecordsAreDropped(t *testing.T) {
	s := start(t, nil)
	stream := connect(t, s.ClientURL(), nil)
	for range 3 {
		out := &sink.Sink{URL: s.ClientURL(), Stream: streamName}
		if err := sinktest.Deliver(t.Context(), out, records(0, 300)); err != nil {
			t.Fatal(err)
		}
		out.Close()
	}
	changed := records(7, 1)
	changed[0].Version = "2"
	out := &sink.Sink{URL: s.ClientURL()}
	t.Cleanup(func() { out.Close() })
	if err := sinktest.Deliver(t.Context(), out, changed); err != nil {
		t.Fatal(err)
	}
	if n := len(data(t, stream)); n != 301 {
		t.Errorf("%d messages, want 300 and a new version", n)
	}
}

func TestMessages(t *testing.T) {
	s := start(t, nil)
	stream := connect(t, s.ClientURL(), nil)
	out := &sink.Sink{URL: s.ClientURL(), Subject: "taegis.x.{environment}.{tenant}.{stream}", Envelope: true}
	t.Cleanup(func() { out.Close() })
	odd := core.Record{Stream: "a.b *>", Data: json.RawMessage("1")}
	if err := sinktest.Deliver(t.Context(), out, append(records(1, 1), odd)); err != nil {
		t.Fatal(err)
	}
	all := messages(t, stream)
	if len(all) != 2 || all[0].Subject != "taegis.x.charlie.145831.alerts" || all[1].Subject != "taegis.x._._.a_b___" {
		t.Errorf("%+v", all)
	}
	if id := all[0].Header.Get("Nats-Msg-Id"); len(id) != 32 || id == all[1].Header.Get("Nats-Msg-Id") {
		t.Errorf("id %q", id)
	}
	const want = `{"stream":"alerts","environment":"charlie","tenant":"145831","id":"1","time":"2026-03-01T12:00:00Z","data":{"id":1}}`
	if string(all[0].Data) != want {
		t.Errorf("%s", all[0].Data)
	}
}

// Records that are too large for the server or the stream are refused, all others arrive.
func TestLargeRecordsAreRefused(t *testing.T) {
	for reason, limit := range map[string]int32{"it is larger than the stream permits": 1000, "it is larger than the server permits": -1} {
		s := start(t, nil)
		stream := connect(t, s.ClientURL(), func(c *jetstream.StreamConfig) { c.MaxMsgSize = limit })
		out := &sink.Sink{URL: s.ClientURL()}
		t.Cleanup(func() { out.Close() })
		all := records(0, 50)
		all[20].Data = json.RawMessage(`"` + strings.Repeat("x", maxPayload) + `"`)
		if limit > 0 {
			all[20].Data = all[20].Data[:2000]
		}
		if err := out.Open(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		delivered := out.Deliver(t.Context(), all)
		_, synced := out.Sync(t.Context())
		refused, ok := errors.AsType[*core.RefusedError](errors.Join(delivered, synced))
		if !ok || len(refused.Records) != 1 || refused.Records[0].Record.ID != "20" || refused.Records[0].Reason != reason {
			t.Errorf("%v, %v", delivered, synced)
		}
		if n := len(data(t, stream)); n != 49 {
			t.Errorf("%d messages", n)
		}
	}
}

func TestFaults(t *testing.T) {
	const check = "check the stream and its limits"
	users := func(o *server.Options) {
		o.Users = []*server.User{
			{Username: "admin", Password: "admin"},
			{Username: "reader", Password: "secret-word", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{"taegis.>"}}}},
		}
	}
	admin := nats.UserInfo("admin", "admin")
	for name, test := range map[string]struct {
		server    func(*server.Options)
		stream    func(*jetstream.StreamConfig)
		sink      sink.Sink
		permanent bool
		reason    string
		hint      string
	}{
		"no stream": {
			stream: func(c *jetstream.StreamConfig) { c.Subjects = []string{"other.>"} },
			reason: "no stream takes the subject", hint: "create a stream with the subject, and check that JetStream is enabled",
		},
		"another stream": {sink: sink.Sink{Stream: "OTHER"}, permanent: true, reason: "expected stream does not match", hint: check},
		"a full stream": {
			stream: func(c *jetstream.StreamConfig) { c.MaxMsgs, c.Discard = 3, jetstream.DiscardNew },
			reason: "maximum messages exceeded", hint: check,
		},
		"no credentials": {server: users, permanent: true, reason: "Authorization Violation", hint: "check the credentials"},
		"a wrong password": {
			server: users, sink: sink.Sink{User: "reader", Password: core.NewSecret("wrong-word")}, permanent: true,
			reason: "Authorization Violation", hint: "check the credentials",
		},
		"no permission": {
			server: users, sink: sink.Sink{User: "reader", Password: core.NewSecret("secret-word")}, permanent: true,
			reason: `Permissions Violation for Publish to "taegis.alerts.145831"`,
			hint:   "permit the user to publish to the subject, and to subscribe to its inbox",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, test.server)
			connect(t, s.ClientURL(), test.stream, admin)
			out := &test.sink
			out.URL = s.ClientURL()
			t.Cleanup(func() { out.Close() })
			err := sinktest.Deliver(t.Context(), out, records(0, 5))
			fault, ok := errors.AsType[*core.SinkError](err)
			if !ok || fault.Permanent != test.permanent || fault.Reason != test.reason || fault.Hint() != test.hint {
				t.Errorf("%v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "wrong-word") || strings.Contains(err.Error(), "secret-word")) {
				t.Errorf("a password is shown: %v", err)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	s := start(t, func(o *server.Options) {
		o.TLSConfig = &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}
	})
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	stream := connect(t, s.ClientURL(), nil, nats.RootCAs(bundle))
	url := strings.Replace(s.ClientURL(), "nats:", "tls:", 1)
	err := sinktest.Deliver(t.Context(), &sink.Sink{URL: url}, records(0, 1))
	if fault, ok := errors.AsType[*core.SinkError](err); !ok || !fault.Permanent || !strings.Contains(fault.Hint(), "set CABundle") {
		t.Errorf("%v", err)
	}
	out := &sink.Sink{URL: url, CABundle: bundle}
	t.Cleanup(func() { out.Close() })
	if err := sinktest.Deliver(t.Context(), out, records(0, 5)); err != nil || len(data(t, stream)) != 5 {
		t.Errorf("%v", err)
	}
}

// A server that acknowledges nothing, since its store is gone, is noticed.
func TestNoAcknowledgement(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go pretend(conn)
		}
	}()
	out := &sink.Sink{URL: "nats://" + listener.Addr().String(), Timeout: 100 * time.Millisecond}
	err = sinktest.Deliver(t.Context(), out, records(0, 2))
	fault, ok := errors.AsType[*core.SinkError](err)
	if !ok || fault.Permanent || fault.Reason != "a message was not acknowledged within 100ms" {
		t.Errorf("%v", err)
	}
	out.Close()
}

// pretend speaks as little of the protocol as a client needs.
func pretend(conn net.Conn) {
	defer conn.Close()
	_, _ = conn.Write([]byte(`INFO {"server_id":"x","version":"2.15.0","headers":true,"max_payload":1048576}` + "\r\n"))
	buffer := make([]byte, 4096)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if strings.Contains(string(buffer[:n]), "PING\r\n") {
			_, _ = conn.Write([]byte("PONG\r\n"))
		}
	}
}
