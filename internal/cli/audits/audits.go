// Package audits is the command group that lists audit events.
package audits

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

// NewCommand returns the command group audits.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("audits", "List audit events", listCommand(a))
}

// filters are the flags that narrow the list.
type filters struct {
	since, until                    string
	email, application, event, text string
}

func (f *filters) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.since, "since", "24h", "list from this time on, for example 24h, 30d or 2026-03-01")
	flags.StringVar(&f.until, "until", "", "list up to this time")
	flags.StringVar(&f.email, "email", "", "only events of this user")
	flags.StringVar(&f.application, "application", "", "only events of this application")
	flags.StringVar(&f.event, "event", "", "only events with this name")
	flags.StringVar(&f.text, "text", "", "only events with this text in any field")
}

// input returns the input of the search. Its window is closed, so that new events do not move those
// that are listed.
func (f *filters) input(now time.Time) (map[string]any, error) {
	after, err := search.ParseInstant("--since", f.since, now, false)
	if err != nil {
		return nil, err
	}
	before := now
	if f.until != "" {
		if before, err = search.ParseInstant("--until", f.until, now, true); err != nil {
			return nil, err
		}
	}
	input := map[string]any{
		"after": after.UTC().Format(time.RFC3339), "before": before.UTC().Format(time.RFC3339),
		"sortBy": "timestamp", "sortOrder": "desc",
	}
	for name, value := range map[string]string{
		"email": f.email, "application": f.application, "eventName": f.event, "searchByAll": f.text,
	} {
		if value != "" {
			input[name] = value
		}
	}
	return input, nil
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var f filters
	return search.NewListCommand(a, &search.List{
		Use: "list", Noun: "audit events", Short: "List audit events", Flags: f.register,
		Long: "List audit events, the newest first. The times of --since and --until are included.",
		Example: `  taegis audits list --since 7d --email ann@example.com
  taegis audits list --since 2026-03-01 --until 2026-03-31 --all --output csv > audits.csv`,
		Columns: []output.Column{
			{Name: "time", Path: "timestamp", Time: true},
			{Name: "user", Path: "email"},
			{Name: "application", Path: "application"},
			{Name: "event", Path: "eventName"},
			{Name: "description", Path: "eventDesc"},
			{Name: "id", Path: "id"},
		},
		Pages: func(ctx context.Context, client *taegis.Client, _ []string, options ...paging.Option) (search.Records, error) {
			input, err := f.input(time.Now())
			if err != nil {
				return nil, err
			}
			return search.Pages(ctx, client, "audits.searchAudits", map[string]any{"auditSearchInput": input}, options...), nil
		},
	})
}
