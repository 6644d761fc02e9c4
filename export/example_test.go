package export_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// printer is a sink that counts the records of each delivery.
type printer struct{}

func (printer) Open(context.Context, string) error { return nil }

func (printer) Deliver(_ context.Context, records []core.Record) error {
	fmt.Println(len(records), "records of the stream", records[0].Stream)
	return nil
}

func (printer) Sync(context.Context) (string, error) { return "", nil }

// A program's own sink receives the alerts of a tenant. With an [export.Dir] as the store, the next run
// would continue where this one has ended.
func ExampleRun() {
	t := new(testing.T) // the parameter of a test function
	server := taegistest.NewServer(t, func(c *emulator.Config) {
		c.Corpus = emulator.Corpus{Alerts: 20, Start: time.Now().Add(-time.Hour)}
	})
	defer server.Close()
	client, err := taegis.New(
		taegis.WithEnvironments(server.Environment), taegis.WithEnvironment(server.Environment.Name),
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	stream, err := export.NewStream(export.StreamConfig{Kind: export.Alerts, Query: "severity >= 0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	summary, err := export.Run(context.Background(), export.Config{
		Feeds: []export.Feed{{
			Stream: stream, Environment: "charlie", Transport: client, Since: time.Now().Add(-30 * 24 * time.Hour),
		}},
		Store: &export.Memory{},
		Sink:  printer{},
	})
	fmt.Println(summary.Records, summary.Duplicates, err)
	// Output:
	// 20 records of the stream alerts
	// 20 0 <nil>
}
