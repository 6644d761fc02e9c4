package http_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	nethttp "net/http"
	"net/http/httptest"

	"github.com/taegis-go/taegis/adapters/sink/http"
	"github.com/taegis-go/taegis/core"
)

func ExampleSink() {
	server := httptest.NewServer(nethttp.HandlerFunc(func(_ nethttp.ResponseWriter, r *nethttp.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Print(r.Header.Get("Content-Type"), "\n", string(body))
	}))
	defer server.Close()
	ctx := context.Background()
	s := &http.Sink{
		URL:     server.URL, // for example https://collector.example/alerts
		Headers: map[string]core.Secret{"Authorization": core.NewSecret("Bearer TOKEN")},
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
	// Output:
	// application/x-ndjson
	// {"id":1}
}
