package nats_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/sink/nats"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// The conformance test, and everything else that needs a server, is in tools/natstest.

// deliver opens a sink, and delivers and syncs a record.
func deliver(ctx context.Context, s ports.Sink) error {
	if err := s.Open(ctx, ""); err != nil {
		return err
	}
	if err := s.Deliver(ctx, []core.Record{{Stream: "alerts", ID: "1", Data: []byte(`{}`)}}); err != nil {
		return err
	}
	_, err := s.Sync(ctx)
	return err
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	const (
		url     = "tls://h:4222"
		secret  = "s3cr3t-word"
		subject = "use words with dots in between, without spaces and wildcards"
	)
	none := filepath.Join(t.TempDir(), "none")
	address := greet(t, func(net.Conn) {})
	for name, test := range map[string]struct {
		sink nats.Sink
		want string
	}{
		"nothing":            {nats.Sink{}, "nats: there is no URL: set URL to the address of a server, for example tls://nats.example:4222"},
		"no scheme":          {nats.Sink{URL: "h:4222"}, "nats h:4222: URL is no address of a server: write it as tls://HOST:PORT"},
		"another scheme":     {nats.Sink{URL: url + ",http://h"}, "nats " + url + ",http://h: URL has another scheme than tls and nats: write it as tls://HOST:PORT"},
		"credentials":        {nats.Sink{URL: "tls://u:" + secret + "@h"}, "nats tls://[redacted]@h: URL has credentials: set User and Password, or Token"},
		"not encrypted":      {nats.Sink{URL: "nats://h"}, "nats nats://h: URL is not encrypted: use tls://, or set PlainTCP if everything on the way is trusted"},
		"two kinds":          {nats.Sink{URL: url, User: "u", Token: core.NewSecret(secret)}, "nats " + url + ": there are several kinds of credentials: set one of Credentials, User with Password, and Token"},
		"no user":            {nats.Sink{URL: url, Password: core.NewSecret(secret)}, "nats " + url + ": there is a password without a user: set User"},
		"a negative number":  {nats.Sink{URL: url, MaxPending: -1}, "nats " + url + ": MaxPending or Timeout is negative: use 0 for the default"},
		"two configurations": {nats.Sink{URL: url, CABundle: "x", TLS: &tls.Config{MinVersion: tls.VersionTLS12}}, "nats " + url + ": CABundle and TLS are both set: set RootCAs of TLS instead of CABundle"},
		"a wildcard":         {nats.Sink{URL: url, Subject: "a.*"}, "nats " + url + ": no message can have the subject a.*: " + subject},
		"an empty word":      {nats.Sink{URL: url, Subject: "a..b"}, "nats " + url + ": no message can have the subject a..b: " + subject},
		"a space":            {nats.Sink{URL: url, Subject: "a b"}, "nats " + url + ": no message can have the subject a b: " + subject},
		"an unknown part":    {nats.Sink{URL: url, Subject: "a.{id}"}, "nats " + url + ": no message can have the subject a.{id}: use only {stream}, {environment} and {tenant} in it"},
		"no file":            {nats.Sink{URL: "nats://" + address, Credentials: none}, "nats nats://" + address + ": " + none + ": no such file or directory: set Credentials to a file that can be read"},
		"no bundle": {
			nats.Sink{URL: url, CABundle: none},
			"nats " + url + ": " + none + ": the CA bundle cannot be read: no such file or directory: " +
				"use a PEM file with the certificates of the authorities to trust, or unset it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := deliver(t.Context(), &test.sink)
			if fault, ok := errors.AsType[*core.SinkError](err); !ok || !fault.Permanent || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Error("a secret is shown")
			}
		})
	}
	s := nats.Sink{URL: url}
	if _, err := s.Sync(t.Context()); err == nil || err.Error() != "nats: it is not open: call Open first" {
		t.Errorf("a sink that is not open: %v", err)
	}
	if err := s.Open(t.Context(), "{}"); err == nil {
		t.Error("a position was accepted")
	}
}

// greet starts a server that introduces itself, and then does what it is told.
func greet(t *testing.T, then func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(`INFO {"server_id":"x","headers":true,"max_payload":1048576,"nonce":"n"}` + "\r\n"))
			then(conn)
			conn.Close()
		}
	}()
	return listener.Addr().String()
}

func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	err = deliver(t.Context(), &nats.Sink{URL: "nats://" + listener.Addr().String()})
	if fault, ok := errors.AsType[*core.SinkError](err); !ok || fault.Permanent || fault.Hint() != "check that the servers run and can be reached" {
		t.Errorf("%v", err)
	}
}

// A server that takes the connection and says nothing does not outlive the context.
func TestAServerThatSaysNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		cancel(gaveUp)
		_, _ = conn.Read(make([]byte, 1))
		conn.Close()
	}()
	err = deliver(ctx, &nats.Sink{URL: "nats://" + listener.Addr().String(), Timeout: time.Hour})
	if fault, ok := errors.AsType[*core.SinkError](err); !ok || fault.Permanent || !errors.Is(err, gaveUp) {
		t.Errorf("%v", err)
	}
}
