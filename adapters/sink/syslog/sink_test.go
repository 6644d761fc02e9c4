package syslog_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/sink/syslog"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

func TestSinkKeepsTheContract(t *testing.T) {
	config, bundle := certificate(t)
	for name, test := range map[string]struct {
		tls  *tls.Config
		sink syslog.Sink
	}{
		"TCP":           {nil, syslog.Sink{PlainTCP: true}},
		"TCP confirmed": {nil, syslog.Sink{PlainTCP: true, Confirm: true}},
		"TLS":           {config, syslog.Sink{CABundle: bundle}},
		"TLS confirmed": {config, syslog.Sink{CABundle: bundle, Confirm: true}},
	} {
		t.Run(name, func(t *testing.T) {
			portstest.Sink(t, func(t *testing.T) portstest.Destination {
				r := newReceiver(t, test.tls)
				return portstest.Destination{
					Received: r.received,
					Sink: func() ports.Sink {
						s := &syslog.Sink{Address: r.Addr().String()}
						s.PlainTCP, s.CABundle, s.Confirm = test.sink.PlainTCP, test.sink.CABundle, test.sink.Confirm
						return s
					},
				}
			})
		})
	}
}

func TestMessages(t *testing.T) {
	r := newReceiver(t, nil)
	for _, test := range []struct {
		sink   syslog.Sink
		record core.Record
		want   string
	}{
		{syslog.Sink{Hostname: "h"}, records(0, 1)[0], `<14>1 2026-03-01T12:00:00.007123Z h taegis - alerts - {"id":0}`},
		{
			syslog.Sink{Hostname: "h", AppName: "a", Facility: "local7", Severity: "debug", StructuredID: "taegis@32473"},
			records(0, 1)[0],
			`<191>1 2026-03-01T12:00:00.007123Z h a - alerts [taegis@32473 stream="alerts" environment="charlie" tenant="145831" id="0"] {"id":0}`,
		},
		{
			syslog.Sink{Hostname: "h", StructuredID: "x@1", Facility: "kern", Severity: "emerg"},
			core.Record{ID: "a\"]\\\xff\n", Version: "é", Data: json.RawMessage("{\n}")},
			"<0>1 - h taegis - - [x@1 id=\"a\\\"\\]\\\\\ufffd\n\" version=\"é\"] {}",
		},
		{
			syslog.Sink{Hostname: "h", Envelope: true},
			core.Record{Stream: strings.Repeat("ä b", 20), Data: json.RawMessage(`1`)},
			`<14>1 - h taegis - ` + strings.Repeat("__b", 10) + `__ - {"stream":"` + strings.Repeat("ä b", 20) + `","data":1}`,
		},
	} {
		s := &test.sink
		s.Address, s.PlainTCP = r.Addr().String(), true
		before := len(r.await(func([]string) bool { return true }))
		if err := sinktest.Deliver(t.Context(), s, []core.Record{test.record}); err != nil {
			t.Fatal(err)
		}
		s.Close()
		got := r.await(func(messages []string) bool { return len(messages) > before })
		if len(got) != before+1 || got[before] != test.want {
			t.Errorf("got  %q\nwant %q", got[before:], test.want)
		}
	}
}

func TestLongRecordsAreRefused(t *testing.T) {
	r := newReceiver(t, nil)
	s := &syslog.Sink{Address: r.Addr().String(), PlainTCP: true, MaxBytes: 100, Hostname: "h"}
	all := records(0, 3)
	all[1].Data = json.RawMessage(`{"id":"` + strings.Repeat("1", 100) + `"}`)
	if err := s.Open(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	refused, ok := errors.AsType[*core.RefusedError](s.Deliver(t.Context(), all))
	if !ok || len(refused.Records) != 1 || refused.Records[0].Record.ID != "1" ||
		refused.Records[0].Reason != "its message has 163 bytes, more than MaxBytes" {
		t.Errorf("%v", refused)
	}
	if _, err := s.Sync(t.Context()); err != nil {
		t.Error(err)
	}
	if got := r.await(func(m []string) bool { return len(m) == 2 }); len(got) != 2 {
		t.Errorf("%q", got)
	}
}

// A receiver that closes the connection, in order or not, loses nothing that it has not read, as
// long as the sink lives.
func TestClosedConnections(t *testing.T) {
	config, bundle := certificate(t)
	for name, test := range map[string]struct {
		tls            *tls.Config
		reset, confirm bool
	}{
		"closed":            {nil, false, false},
		"reset":             {nil, true, false},
		"closed, confirmed": {nil, false, true},
		"reset, confirmed":  {nil, true, true},
		"closed TLS":        {config, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			for closeAt := 1; closeAt < 40; closeAt += 3 {
				r := newReceiver(t, test.tls)
				r.reset, r.closeAt = test.reset, closeAt
				s := &syslog.Sink{Address: r.Addr().String(), PlainTCP: test.tls == nil, Confirm: test.confirm}
				if test.tls != nil {
					s.CABundle = bundle
				}
				if err := s.Open(t.Context(), ""); err != nil {
					t.Fatal(err)
				}
				for first := 0; first < 40; first += 10 {
					exportBatch(t, s, records(first, 10))
				}
				r.await(func([]string) bool { return r.ended > 0 }) // closed meanwhile
				exportBatch(t, s, records(40, 1))
				s.Close()
				got := r.received(func(all []json.RawMessage) bool { return countDistinct(all) == 41 })
				if n := countDistinct(got); n != 41 {
					t.Fatalf("closed after %d messages: %d of 41 records arrived", closeAt, n)
				}
			}
		})
	}
}

// exportBatch delivers records as an export does, which repeats what fails.
func exportBatch(t *testing.T, s *syslog.Sink, all []core.Record) {
	t.Helper()
	for range 5 {
		err := s.Deliver(t.Context(), all)
		if err == nil {
			_, err = s.Sync(t.Context())
		}
		if err == nil {
			return
		}
		if fault, ok := errors.AsType[*core.SinkError](err); !ok || fault.Permanent {
			t.Fatal(err)
		}
		if err := s.Open(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the sink does not take the records")
}

func countDistinct(all []json.RawMessage) int {
	seen := map[string]bool{}
	for _, d := range all {
		seen[string(d)] = true
	}
	return len(seen)
}

func TestFaults(t *testing.T) {
	config, bundle := certificate(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	secure := newReceiver(t, config)
	plain := newReceiver(t, nil)
	for name, test := range map[string]struct {
		sink      syslog.Sink
		permanent bool
		hint      string
	}{
		"no receiver": {
			syslog.Sink{Address: closed.Addr().String(), PlainTCP: true}, false, "check that the receiver runs and can be reached",
		},
		"a certificate that is not trusted": {
			syslog.Sink{Address: secure.Addr().String()},
			true,
			"check Address; if the authority of the certificate is private, set CABundle to its certificate",
		},
		"another name": {
			syslog.Sink{Address: secure.Addr().String(), TLS: &tls.Config{ServerName: "other", MinVersion: tls.VersionTLS12}},
			true,
			"check Address; if the authority of the certificate is private, set CABundle to its certificate",
		},
		"no TLS there": {
			syslog.Sink{
				CABundle: bundle, Address: plain.Addr().String(), Dial: func(context.Context, string, string) (net.Conn, error) {
					here, there := net.Pipe()
					go func() {
						go io.Copy(io.Discard, there)
						_, _ = there.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
					}()
					return here, nil
				},
			}, true, "check Address; if the authority of the certificate is private, set CABundle to its certificate",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := sinktest.Deliver(t.Context(), &test.sink, records(0, 1))
			fault, ok := errors.AsType[*core.SinkError](err)
			if !ok || fault.Permanent != test.permanent || fault.Hint() != test.hint {
				t.Errorf("%v", err)
			}
			test.sink.Close()
		})
	}
}

// pipes is a dialer whose connections end in a bubble.
func pipes(serve func(net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go serve(there)
		return here, nil
	}
}

// halfPipe is a connection that can be closed in one direction, though nothing follows from it.
type halfPipe struct{ net.Conn }

func (halfPipe) CloseWrite() error { return nil }

func TestAReceiverThatHangs(t *testing.T) {
	for name, test := range map[string]struct {
		confirm bool
		read    bool
		want    string
	}{
		"takes nothing": {false, false, "syslog tcp h:1: the receiver took nothing within 1m0s: check the load of the receiver, or raise Timeout"},
		"does not end":  {true, true, "syslog tcp h:1: the receiver did not end the connection within 1m0s: check the load of the receiver, or raise Timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &syslog.Sink{Address: "h:1", PlainTCP: true, Timeout: time.Minute, Confirm: test.confirm}
				dial := pipes(func(there net.Conn) {
					if test.read {
						_, _ = io.Copy(io.Discard, there)
					}
				})
				s.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := dial(ctx, network, address)
					return halfPipe{conn}, err
				}
				err := sinktest.Deliver(t.Context(), s, records(0, 1))
				if fault, ok := errors.AsType[*core.SinkError](err); !ok || fault.Permanent || err.Error() != test.want {
					t.Errorf("%v", err)
				}
				gaveUp := errors.New("gave up")
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(gaveUp) })
				if err := sinktest.Deliver(ctx, s, records(0, 1)); !errors.Is(err, gaveUp) {
					t.Errorf("%v", err)
				}
				s.Close()
			})
		})
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	const negative = "MaxBytes, ResendBytes or Timeout is negative: use 0 for the default"
	for name, test := range map[string]struct {
		sink syslog.Sink
		want string
	}{
		"nothing":             {syslog.Sink{}, "syslog tls : there is no address: set Address to the host and port of the receiver"},
		"no port":             {syslog.Sink{Address: "h"}, "syslog tls h: Address has no host or no port: write it as HOST:PORT, for example logs.example:6514"},
		"no host":             {syslog.Sink{Address: ":1"}, "syslog tls :1: Address has no host or no port: write it as HOST:PORT, for example logs.example:6514"},
		"an unknown severity": {syslog.Sink{Address: "h:1", Severity: "bad"}, "syslog tls h:1: the severity is unknown: use one of emerg, alert, crit, err, warning, notice, info, debug"},
		"a host name":         {syslog.Sink{Address: "h:1", Hostname: "a b"}, "syslog tls h:1: Hostname cannot be sent: use at most 255 visible characters of ASCII"},
		"an application":      {syslog.Sink{Address: "h:1", AppName: strings.Repeat("a", 49)}, "syslog tls h:1: AppName cannot be sent: use at most 48 visible characters of ASCII"},
		"structured data":     {syslog.Sink{Address: "h:1", StructuredID: "taegis"}, "syslog tls h:1: StructuredID cannot be sent: use a name and a private enterprise number, for example taegis@32473"},
		"a negative length":   {syslog.Sink{Address: "h:1", MaxBytes: -1}, "syslog tls h:1: " + negative},
		"a negative time":     {syslog.Sink{Address: "h:1", Timeout: -1}, "syslog tls h:1: " + negative},
		"plain and secure":    {syslog.Sink{Address: "h:1", PlainTCP: true, CABundle: "x"}, "syslog tcp h:1: PlainTCP is set together with CABundle or TLS: unset PlainTCP to encrypt"},
		"two configurations":  {syslog.Sink{Address: "h:1", TLS: &tls.Config{MinVersion: tls.VersionTLS12}, CABundle: "x"}, "syslog tls h:1: CABundle and TLS are both set: set RootCAs of TLS instead of CABundle"},
		"no bundle": {
			syslog.Sink{Address: "h:1", CABundle: none},
			"syslog tls h:1: " + none + ": the CA bundle cannot be read: no such file or directory: use a PEM file with the certificates of the authorities to trust, or unset it",
		},
		"an unknown facility": {
			syslog.Sink{Address: "h:1", Facility: "local8"},
			"syslog tls h:1: the facility is unknown: use one of kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp, " +
				"ntp, audit, alert, clock, local0, local1, local2, local3, local4, local5, local6, local7",
		},
	} {
		err := sinktest.Deliver(t.Context(), &test.sink, nil)
		if fault, ok := errors.AsType[*core.SinkError](err); !ok || !fault.Permanent || err.Error() != test.want {
			t.Errorf("%s:\ngot  %v\nwant %v", name, err, test.want)
		}
	}
	var s syslog.Sink
	if _, err := s.Sync(t.Context()); err == nil || err.Error() != "syslog: it is not open: call Open first" {
		t.Errorf("a sink that is not open: %v", err)
	}
}
