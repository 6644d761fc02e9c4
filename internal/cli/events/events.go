// Package events is the command group that searches and shows events.
package events

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/events"
)

const (
	// maxWindow is the longest window of a search for events. It is below the server's limit of 31
	// days (docs/protocol.md#events). The minute lets 90 days be three windows, as their end is
	// rounded up.
	maxWindow = 30*24*time.Hour + time.Minute
	// maxRows is how many rows public clients request of one search.
	maxRows = 100_000
	// idsPerCall is how many ids public clients send in one call.
	idsPerCall = 100
)

// NewCommand returns the command group events.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("events", "Search events and show them",
		search.NewCommand(a, source(), long, example),
		search.NewGetCommand(a, &search.Getter{
			Noun: "events", Columns: []output.Column{{Name: "id", Path: "id"}, {Name: "values", Path: "values"}},
			Batch: idsPerCall, ID: search.ID, Get: get,
		}, "Show events by their ids, in the environment fusion by their resource names.", "  taegis events get event://priv:event-filter:11772:1772323200000:0b6f9c1e"),
	)
}

const long = `Search events of all types or of those after FROM. A search of more than 30 days is cut into windows.
If a type fails, the others are printed and the exit code is 3. A function such as head applies to each
type by itself: without FROM, "| head 5" prints up to five events of each type. The platform fusion has no search of
events.`

const example = `  taegis events search "FROM process WHERE commandline CONTAINS 'whoami'" --since 24h
  taegis events search "@user CONTAINS 'svc-backup'" --fields event_time_usec,hostname,resource_id
  taegis events search "FROM auth | aggregate count BY target_user_name" --since 7d --output table
  taegis events search "FROM dnsquery" --since 90d --all --cursor dns.cursor >> dns.jsonl`

func source() *search.Source {
	return &search.Source{
		Noun: "events", Service: cql.Events, MaxWindow: maxWindow, ServerHead: true, ServerTail: true, Key: key,
		Columns: []output.Column{
			{Name: "time", Path: "event_time_usec", Time: true},
			{Name: "host", Path: "hostname"},
			{Name: "sensor", Path: "sensor_type"},
			{Name: "id", Path: "resource_id"},
		},
		Pages: func(ctx context.Context, client *taegis.Client, query *cql.Query, options ...paging.Option) search.Records {
			return search.PagesOf(ctx, client, &events.OpEventQuerySubscription, map[string]any{
				"query":    query.String(),
				"metadata": map[string]any{"callerName": search.CallerName},
				"options": map[string]any{
					"timestampAscending": false, "maxRows": maxRows, "skipCache": false, "aggregationOff": false,
				},
			}, options...)
		},
	}
}

// key returns the id of an event and its time in seconds since 1970.
func key(record json.RawMessage) (id string, second int64) {
	var event struct {
		ID   string  `json:"resource_id"`
		Time float64 `json:"event_time_usec"`
	}
	if json.Unmarshal(record, &event) != nil {
		return "", 0
	}
	return event.ID, int64(event.Time / 1e6)
}

// fusionSelection has the id under the name that it has on Taegis, too. The field id of fusion is
// deprecated.
const fusionSelection = `{ id: rn rn eventType summary eventTime ingestTime values
	additionalData { originalData mitreAttackTechniques { id } detections { id } } }`

func get(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error) {
	operation, args := "events.events", map[string]any{"ids": ids}
	if client.Environment().Platform == core.PlatformFusion {
		operation, args = "fusion/events.events", map[string]any{"input": map[string]any{"rns": ids}}
		ctx = taegis.ContextWithSelection(ctx, fusionSelection)
	}
	result, err := search.Call(ctx, client, operation, args)
	if err != nil {
		return nil, err
	}
	return search.Rows(result)
}
