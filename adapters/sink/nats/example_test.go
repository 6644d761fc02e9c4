package nats_test

import (
	"context"
	"fmt"

	"github.com/taegis-go/taegis/adapters/sink/nats"
)

func ExampleSink() {
	ctx := context.Background()
	s := &nats.Sink{
		URL:         "tls://nats-1.example:4222,tls://nats-2.example:4222",
		Subject:     "taegis.{stream}.{tenant}",
		Stream:      "TAEGIS",
		Credentials: "/etc/taegis/export.creds",
	}
	defer s.Close()
	if err := s.Open(ctx, ""); err != nil { // it connects when there are records
		fmt.Println(err)
	}
	// Output:
}
