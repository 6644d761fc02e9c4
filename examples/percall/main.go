// Percall sets tenant, environment and trace for single calls, and selects only the fields of its
// own type.
package main

import (
	"context"
	"fmt"
	"log"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/alerts"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := taegis.New(taegis.WithEnvironment("charlie"))
	if err != nil {
		return err
	}
	defer client.Close()

	// All calls have one trace for support, and their ids are logged.
	ctx = taegis.ContextWithTrace(ctx)
	ctx = taegis.ContextWithResponses(ctx, func(r core.Response) {
		log.Printf("%s: %d from %s, request %s", r.Operation, r.Status, r.Host, r.RequestID)
	})
	for _, tenant := range []string{"11111", "22222"} {
		if err := report(taegis.ContextWithTenant(ctx, tenant), client); err != nil {
			return err
		}
	}
	// The same in another region: the client logs in there by itself.
	return report(taegis.ContextWithEnvironment(ctx, "delta"), client)
}

// severe has the fields of an alert for the report, which are the selection.
type severe struct {
	Alerts struct {
		Total int `json:"total_results"`
		List  []struct {
			ID       string `json:"id"`
			Metadata struct {
				Title    string  `json:"title"`
				Severity float64 `json:"severity"`
			} `json:"metadata"`
		} `json:"list"`
	} `json:"alerts"`
}

// report prints severe alerts. Tenant and environment come with ctx.
func report(ctx context.Context, t ports.Transport) error {
	args := alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{
		CQLQuery: new("FROM alert WHERE severity >= 0.8 EARLIEST=-1d"), Limit: new(10),
	}}
	found, err := taegis.Query[severe](ctx, t, &alerts.OpAlertsServiceSearch, args, "")
	if err != nil {
		return err
	}
	fmt.Println(found.Alerts.Total, "severe alerts")
	for _, alert := range found.Alerts.List {
		fmt.Printf("  %.1f %s (%s)\n", alert.Metadata.Severity, alert.Metadata.Title, alert.ID)
	}
	return nil
}
