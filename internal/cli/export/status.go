package export

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/output"
)

// row is a feed as the command prints it.
type row struct {
	Stream      string    `json:"stream"`
	Environment string    `json:"environment"`
	Tenant      string    `json:"tenant"`
	Since       time.Time `json:"since,omitzero"`
	Through     time.Time `json:"through,omitzero"`
	From        time.Time `json:"from,omitzero"`
	Records     int64     `json:"records"`
	Duplicates  int64     `json:"duplicates"`
	Refused     int64     `json:"refused"`
	Lateness    string    `json:"lateness"`
	Changes     bool      `json:"changes"`
	Query       string    `json:"query"`
	Owner       string    `json:"owner"`
	Lease       string    `json:"lease"`
}

func rowOf(p export.Progress) row {
	return row{
		Stream: p.Feed.Stream, Environment: p.Feed.Environment, Tenant: p.Feed.Tenant, Since: p.Since,
		Through: p.Through, From: p.From, Records: p.Records - p.Refused, Duplicates: p.Duplicates,
		Refused: p.Refused, Lateness: p.Lateness.String(), Changes: p.Feed.Changes, Query: p.Feed.Query,
	}
}

func statusCommand(a *cmdutil.App) *cobra.Command {
	var f flags
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "status [STREAM]",
		Short: "Show how far an export came",
		Long: `Show for each stream and tenant up to which time everything was exported (through), where the next run
begins to read (from), and what was counted. The command also works while the export runs; it needs no
login. If machines share the export, owner is the exporter that reads the stream of the tenant, and lease
says whether it holds it.`,
		Example: `  taegis export status --config export.toml
  taegis export status --state state --output json`,
		Args: cmdutil.AtMostArgs("STREAM"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c, err := f.shared(cmd.Context(), cmd); err != nil || c != nil {
				if err != nil {
					return err
				}
				rows, err := c.sharedRows(cmd.Context(), a, strings.Join(args, ""))
				if err != nil {
					return err
				}
				return cmdutil.PrintList(cmd.Context(), out, rows)
			}
			state, err := f.loadState(cmd.Context(), cmd)
			if err != nil {
				return err
			}
			feeds, err := export.ReadDir(state)
			if err != nil {
				return err
			}
			rows := []row{}
			for _, p := range feeds {
				if len(args) > 0 && p.Feed.Stream != args[0] {
					continue
				}
				rows = append(rows, rowOf(p))
			}
			return cmdutil.PrintList(cmd.Context(), out, rows)
		},
	}
	out = a.NewOutput(cmd,
		output.Column{Name: "stream", Path: "stream"},
		output.Column{Name: "environment", Path: "environment"},
		output.Column{Name: "tenant", Path: "tenant"},
		output.Column{Name: "through", Path: "through", Time: true},
		output.Column{Name: "records", Path: "records"},
		output.Column{Name: "duplicates", Path: "duplicates"},
		output.Column{Name: "refused", Path: "refused"},
		output.Column{Name: "lateness", Path: "lateness"},
		output.Column{Name: "owner", Path: "owner"},
		output.Column{Name: "lease", Path: "lease"},
	)
	f.registerState(cmd)
	return cmd
}
