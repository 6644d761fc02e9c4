package stdout_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/taegis-go/taegis/adapters/sink/stdout"
	"github.com/taegis-go/taegis/core"
)

func ExampleSink() {
	ctx := context.Background()
	s := &stdout.Sink{Envelope: true}
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
	// Output:
	// {"stream":"alerts","tenant":"145831","id":"1","data":{"id":1}}
}
