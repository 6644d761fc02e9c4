package taegistest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func ExampleTransport() {
	t := new(testing.T) // the parameter of the test function
	fake := taegistest.NewTransport(t)
	fake.Reply("createClient", map[string]any{"clientSecret": "s"})

	service := clients.New(fake)
	args := clients.CreateClientArgs{Name: "reporter"}
	created, err := service.CreateClient(context.Background(), args)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(created.ClientSecret, len(fake.Requests()))
	// Output: s 1
}

func ExampleNewServer() {
	TestReport := func(t *testing.T) {
		server := taegistest.NewServer(t, func(c *emulator.Config) { c.Alerts = 10_000 })
		server.AddFault("alertsServiceSearch", emulator.Fault{Times: 1, Status: 429, RetryAfter: "1"})
		// Connect a client to server.Environment and test the program.
	}
	_ = TestReport
}
