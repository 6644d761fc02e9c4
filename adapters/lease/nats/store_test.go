package nats_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/lease/nats"
	"github.com/taegis-go/taegis/core"
)

// Everything that needs a server is in tools/natstest.

func TestConfigurationsThatCannotWork(t *testing.T) {
	const (
		url    = "tls://h:4222"
		secret = "s3cr3t-word"
	)
	for name, test := range map[string]struct {
		change func(*nats.Store)
		want   string
	}{
		"no address":        {func(s *nats.Store) { s.URL = "" }, "there is no URL"},
		"no scheme":         {func(s *nats.Store) { s.URL = "h:4222" }, "URL is no address of a server"},
		"another scheme":    {func(s *nats.Store) { s.URL = url + ",http://h" }, "another scheme"},
		"credentials":       {func(s *nats.Store) { s.URL = "tls://u:" + secret + "@h" }, "URL has credentials"},
		"not encrypted":     {func(s *nats.Store) { s.URL = "nats://h" }, "not encrypted"},
		"no bucket":         {func(s *nats.Store) { s.Bucket = "" }, "Bucket is no name"},
		"a dot":             {func(s *nats.Store) { s.Name = "host.example" }, "Name is no name"},
		"a short lease":     {func(s *nats.Store) { s.Lease = time.Millisecond }, "Lease is too short"},
		"too many replicas": {func(s *nats.Store) { s.Replicas = 6 }, "out of range"},
		"two kinds":         {func(s *nats.Store) { s.User, s.Token = "u", core.NewSecret(secret) }, "several kinds of credentials"},
		"no user":           {func(s *nats.Store) { s.Password = core.NewSecret(secret) }, "a password without a user"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &nats.Store{URL: url, Bucket: "taegis", Name: "a"}
			test.change(s)
			err := s.Open(t.Context())
			fault, ok := errors.AsType[*core.SinkError](err)
			if !ok || !fault.Permanent || !strings.Contains(err.Error(), test.want) || fault.Hint() == "" {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Error("a secret is shown")
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	err = (&nats.Store{URL: "nats://" + listener.Addr().String(), Bucket: "taegis", Name: "a", GiveUp: 1}).Open(t.Context())
	if fault, ok := errors.AsType[*core.SinkError](err); !ok || fault.Permanent {
		t.Errorf("%v", err)
	}
}

func ExampleStore() {
	s := &nats.Store{
		URL:         "tls://nats-1.example:4222,tls://nats-2.example:4222",
		Bucket:      "taegis-export",
		Replicas:    3,
		Name:        "exporter-1",
		Credentials: "/etc/taegis/export.creds",
	}
	defer s.Close()
	if err := s.Open(context.Background()); err != nil {
		fmt.Println(err)
	}
}
