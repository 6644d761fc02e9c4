package splunk_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/taegis-go/taegis/adapters/sink/splunk"
	"github.com/taegis-go/taegis/core"
)

func ExampleSink() {
	server := startCollector() // stands for Splunk
	defer server.Close()
	server.acks = true
	ctx := context.Background()
	s := &splunk.Sink{
		URL:         server.URL, // for example https://splunk.example:8088
		Token:       core.NewSecret("7a1b2c3d-0000-1111-2222-333344445555"),
		Index:       "security",
		SourceType:  "taegis:alerts",
		Acknowledge: true,
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
	fmt.Printf("%s in %s\n", server.last["event"], server.last["index"])
	// Output:
	// {"id":1} in "security"
}
