package otlp_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/taegis-go/taegis/adapters/sink/otlp"
	"github.com/taegis-go/taegis/core"
)

func ExampleSink() {
	server := startCollector() // stands for a collector
	defer server.Close()
	ctx := context.Background()
	s := &otlp.Sink{
		URL:      server.URL, // for example https://collector.example:4318
		Headers:  map[string]core.Secret{"Authorization": core.NewSecret("Bearer TOKEN")},
		Resource: map[string]string{"service.name": "taegis-export"},
	}
	defer s.Close()
	record := core.Record{Stream: "alerts", Tenant: "145831", ID: "1", Data: json.RawMessage(`{"id":1}`)}
	err := s.Open(ctx, "") // or the position that was stored
	if err == nil {
		err = s.Deliver(ctx, []core.Record{record})
	}
	if err == nil {
		_, err = s.Sync(ctx)
	}
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(server.path, server.last.ResourceLogs[0].ScopeLogs[0].LogRecords[0].Body.StringValue)
	// Output:
	// /v1/logs {"id":1}
}
