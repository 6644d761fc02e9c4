// Adapters replaces parts of a client: authenticators, token store, retries and middleware.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log"
	"log/slog"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/subjects"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := taegis.New(
		taegis.WithEnvironment("us2"),
		taegis.WithAuthenticators( // in this order; prompts last
			&authn.ClientCredentials{},
			&authn.DeviceCode{},
		),
		taegis.WithTokenStore(&tokenstore.Memory{}), // nothing on disk
		taegis.WithRetry(core.RetryLimits{MaxTries: 6, MaxTime: time.Minute}),
		taegis.WithMiddleware(timed),
	)
	if err != nil {
		return err
	}
	defer client.Close()

	me, err := subjects.New(client).CurrentSubject(ctx, subjects.CurrentSubjectArgs{})
	if err != nil {
		return err
	}
	fmt.Println("logged in as", me.ID)
	return nil
}

// timed is middleware that logs how long each call takes, including the login.
func timed(next ports.Transport) ports.Transport { return timer{next} }

type timer struct{ next ports.Transport }

func (t timer) Execute(ctx context.Context, req *core.Request, out any) error {
	start := time.Now()
	err := t.next.Execute(ctx, req, out)
	slog.InfoContext(ctx, "call", "operation", req.Operation.Name, "took", time.Since(start), "failed", err != nil)
	return err
}

func (t timer) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return t.next.Subscribe(ctx, req)
}
