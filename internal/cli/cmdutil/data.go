package cmdutil

import (
	"context"
	"encoding/json"
	"errors"
	"iter"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/output"
)

// Output prints the data of a command in the form that its flags choose: --output, --fields, --jq,
// --template, --no-headers and --time. Without them a terminal gets a table, or indented JSON if
// the command has no columns, and a pipe gets the records as JSON lines.
type Output struct {
	app     *App
	options output.Options
	json    bool // --json
	chosen  bool // a flag chooses the form
	printer *output.Printer
}

// NewOutput adds the flags of an output to a command and returns it. The columns are those of
// tables and CSV files, the most important first; without columns they are the fields of the first
// records.
func (a *App) NewOutput(cmd *cobra.Command, columns ...output.Column) *Output {
	o := &Output{app: a}
	o.options.Columns = columns
	o.register(cmd)
	return o
}

// NewTextOutput is like [App.NewOutput] for a command that prints text of its own unless a flag
// chooses otherwise, see [Output.Chosen]. It has the flag --json, a short form of --output json.
func (a *App) NewTextOutput(cmd *cobra.Command, columns ...output.Column) *Output {
	o := a.NewOutput(cmd, columns...)
	o.options.Indent = true
	cmd.Flags().BoolVar(&o.json, flagJSON, false, "print JSON; short for --output json")
	return o
}

// SetColumns replaces the columns for what is printed next. Without columns they are the fields of the
// first records.
func (o *Output) SetColumns(columns ...output.Column) { o.options.Columns = columns }

// Chosen reports whether a flag chooses the form of the output.
func (o *Output) Chosen() bool { return o.chosen }

// List prints a list. It returns the error that ends the list, or that of writing. While the list
// waits, a terminal shows how many records have come.
func (o *Output) List(ctx context.Context, records iter.Seq2[json.RawMessage, error]) error {
	return o.print(func(p *output.Printer) error {
		stop := o.app.progress.start()
		defer stop()
		return p.Records(ctx, o.app.progress.counting(records))
	})
}

// Record prints one record.
func (o *Output) Record(ctx context.Context, record json.RawMessage) error {
	return o.print(func(p *output.Printer) error { return p.Record(ctx, record) })
}

// Value prints the JSON of a value as one record.
func (o *Output) Value(ctx context.Context, value any) error {
	record, err := output.Encode(value)
	if err != nil {
		return err
	}
	return o.Record(ctx, record)
}

// Response prints the response of a server as one record. Unless a flag chooses otherwise, a pipe
// gets the server's own bytes.
func (o *Output) Response(ctx context.Context, response json.RawMessage) error {
	if !o.chosen && !o.app.atTerminal {
		return o.app.PrintData(response)
	}
	return o.Record(ctx, response)
}

// Flush prints what [Output.List] has collected. A list calls it before it stores how far it came,
// so that no record before that point can be lost.
func (o *Output) Flush() error {
	if o.printer == nil {
		return nil
	}
	return o.printer.Flush()
}

// Waiting sets what the progress of [Output.List] shows that the list waits for, for example "the
// search". An empty text means the server.
func (o *Output) Waiting(reason string) { o.app.progress.setReason(reason) }

// print passes a printer to standard output, or to the user's pager, to work.
func (o *Output) print(work func(*output.Printer) error) error {
	options := o.options
	options.Note = func(remark string) { o.app.Infof("taegis: note: %s", remark) }
	out := o.app.stdout
	var page *pager
	if o.app.atTerminal {
		options.Terminal, options.Width, options.Color = true, terminalWidth(o.app.stdout), useColor()
		page = o.app.newPager()
		out = page
	} else {
		options.Location = nil // files and pipes get UTC
	}
	p, err := output.New(out, options)
	if err != nil {
		return err
	}
	o.printer = p
	defer func() { o.printer = nil }()
	err = work(p)
	if page != nil {
		err = errors.Join(err, page.close())
	}
	if errors.Is(err, errPagerClosed) {
		return nil // the user has seen enough
	}
	return err
}

// PrintList prints the elements of a slice as records.
func PrintList[T any](ctx context.Context, o *Output, list []T) error {
	return o.List(ctx, output.Slice(list))
}
