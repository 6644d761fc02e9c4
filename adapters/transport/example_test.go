package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// The first response has status 503, so Retry sends the query again.
func ExampleRetry() {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests++; requests == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"data":{"greet":"hello"}}`)
	}))
	defer server.Close()
	environment, err := core.NewEnvironment("loopback", server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}

	retry := transport.Retry(core.RetryLimits{})
	sender := retry(&transport.HTTP{})
	request := &core.Request{
		Operation:   &core.Operation{Kind: core.KindQuery, Name: "greet", Gateway: "/graphql"},
		Environment: environment,
	}
	var greeting string
	if err := sender.Execute(context.Background(), request, &greeting); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(greeting, requests)
	// Output: hello 2
}

func ExampleParseSelection() {
	selection, err := transport.ParseSelection("{ id roles { id } }")
	fmt.Println(selection, err)
	// Output: { id roles { id } } <nil>
}
