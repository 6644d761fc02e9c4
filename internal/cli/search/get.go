package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/output"
)

// Getter finds records by their ids.
type Getter struct {
	Noun    string // names the records, in the plural
	Columns []output.Column
	// Batch is how many ids go into one request.
	Batch int
	// Get returns the records of some ids. Unknown ids have none.
	Get func(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error)
	// ID returns the id of a record.
	ID func(record json.RawMessage) string
}

// NewGetCommand returns the command get. With one id it prints a record, with several a list.
func NewGetCommand(a *cmdutil.App, g *Getter, long, example string) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "get ID…",
		Short: "Show " + g.Noun + " by their ids",
		Long: long + `

The ids are arguments, or the lines of stdin if the argument is -. If some of them are unknown, the
others are printed and the exit code is 3.`,
		Example: example,
		Args:    cmdutil.MinimumArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			ids, err := readIDs(ctx, a, args)
			if err != nil {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			return a.WithClient(ctx, func(client *taegis.Client) error {
				if len(ids) == 1 {
					return g.one(ctx, client, out, ids[0])
				}
				return g.all(ctx, client, out, ids)
			})
		},
	}
	out = a.NewOutput(cmd, g.Columns...)
	return cmd
}

// readIDs returns the ids of the arguments without duplicates, in their order.
func readIDs(ctx context.Context, a *cmdutil.App, args []string) ([]string, error) {
	var ids []string
	for _, arg := range args {
		if arg == "-" {
			text, err := cmdutil.ReadSource(ctx, a, arg)
			if err != nil {
				return nil, err
			}
			ids = append(ids, strings.Fields(text)...)
			continue
		}
		if strings.TrimSpace(arg) == "" {
			return nil, errors.New("ID is empty")
		}
		ids = append(ids, strings.TrimSpace(arg))
	}
	var unique []string
	for _, id := range ids {
		if !slices.Contains(unique, id) {
			unique = append(unique, id)
		}
	}
	if len(unique) == 0 {
		return nil, errors.New("there is no id on stdin")
	}
	return unique, nil
}

// one prints the record of one id.
func (g *Getter) one(ctx context.Context, client *taegis.Client, out *cmdutil.Output, id string) error {
	records, err := g.Get(ctx, client, []string{id})
	if err != nil {
		return err
	}
	for _, record := range records {
		if g.ID(record) == id || len(records) == 1 {
			return out.Record(ctx, record)
		}
	}
	return g.unknown([]string{id})
}

// all prints the records of several ids, in the order of the ids.
func (g *Getter) all(ctx context.Context, client *taegis.Client, out *cmdutil.Output, ids []string) error {
	var missing []string
	var failed []error
	found := 0
	err := out.List(ctx, func(yield func(json.RawMessage, error) bool) {
		for batch := range slices.Chunk(ids, max(g.Batch, 1)) {
			records, err := g.Get(ctx, client, batch)
			if err != nil && ctx.Err() != nil {
				yield(nil, err)
				return
			}
			if err != nil {
				failed = append(failed, err)
				continue
			}
			byID := map[string]json.RawMessage{}
			for _, record := range records {
				byID[g.ID(record)] = record
			}
			if len(batch) == 1 && len(records) == 1 {
				byID[batch[0]] = records[0] // it may have several names, such as the short id of a case
			}
			for _, id := range batch {
				record, ok := byID[id]
				if !ok {
					missing = append(missing, id)
					continue
				}
				found++
				if !yield(record, nil) {
					return
				}
			}
		}
	})
	if err != nil {
		return err
	}
	if missing != nil {
		failed = append(failed, g.unknown(missing))
	}
	if err = errors.Join(failed...); err != nil && found > 0 {
		return &cmdutil.PartialError{Err: err}
	}
	return err
}

// shownIDs is how many unknown ids an error names.
const shownIDs = 5

func (g *Getter) unknown(ids []string) error {
	shown := ids[:min(len(ids), shownIDs)]
	text := strings.Join(shown, ", ")
	if more := len(ids) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Errorf("unknown %s: %s", g.Noun, text)
}
