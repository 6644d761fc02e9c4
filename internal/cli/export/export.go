// Package export is the command group that exports records continuously.
package export

import (
	"cmp"
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/across"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/envvar"
)

// NewCommand returns the command group export.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("export", "Export records without losing any",
		runCommand(a), statusCommand(a), verifyCommand(a), backfillCommand(a), resetCommand(a), checkCommand(a))
}

// fileHelp describes the configuration file. It is a part of the help of each command that reads it.
const fileHelp = `
--config names a TOML file with the streams, the tenants, the sink and the folder of the state; see
docs/export.md. Without it, STREAM is one of alerts, cases, events, audits and assets, and --state and,
to deliver, --sink are required. STREAM together with --config means the stream of that name only.`

// flags choose a configuration. They are the same for all commands of the group.
type flags struct {
	config, state, sink  string
	query, since, filter string
	tenants              string
	where                []string
	changes              bool
	lag, overlap         duration
	batch, parallel      int
	fields               string
}

// registerState adds the flags that choose a state.
func (f *flags) registerState(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.config, "config", "", "the configuration file of the export")
	cmd.Flags().StringVar(&f.state, "state", "", "the folder that keeps how far the export came")
}

// registerConfig adds the flags that choose streams and their state.
func (f *flags) registerConfig(cmd *cobra.Command) {
	f.registerState(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.query, "query", "", "without --config, the query of alerts, cases or events; @FILE reads it from a file")
	flags.StringVar(&f.filter, "filter", "", "without --config, the filter of audits or assets, as JSON")
	flags.BoolVar(&f.changes, "changes", false, "without --config, export each version of alerts or cases")
	f.registerTenants(cmd, "export")
}

// registerTenants adds the flags that choose tenants.
func (f *flags) registerTenants(cmd *cobra.Command, verb string) {
	across.RegisterTenants(cmd, &f.tenants, verb+" many tenants: all, ID,…, @FILE or a selection of the profile file")
	across.RegisterWhere(cmd, &f.where, verb+" the tenants with KEY=VALUE, for example service='*MDR*'; repeatable")
}

// registerSink adds the flags of a command that delivers.
func (f *flags) registerSink(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.sink, "sink", "", "without --config, where records go: file:PATH or stdout")
	flags.StringVar(&f.since, "since", "", "without --config, export from this time on, for example 30d or 2026-03-01; only the first run reads it")
	flags.StringVar(&f.fields, "fields", "", "without --config, export these fields only, for example id,metadata.title")
	flags.IntVar(&f.batch, "batch", 0, "records of a stream that are committed at once (default 100)")
	flags.IntVar(&f.parallel, "parallel", 0, "streams of tenants that are read at a time (default 8)")
	flags.Var(&f.lag, "lag", "how long before now a window ends (default 5m; 0 with --once)")
	flags.Var(&f.overlap, "overlap", "how far a window reaches into the one before it (default 1h)")
}

// load returns the configuration that the flags and the argument choose.
func (f *flags) load(ctx context.Context, cmd *cobra.Command, a *cmdutil.App, args []string, needsSink bool) (*config, error) {
	var c *config
	var err error
	if f.config != "" {
		if c, err = f.fromFile(ctx, cmd, args); err != nil {
			return nil, err
		}
	} else if c, err = f.fromFlags(ctx, cmd, a, args, needsSink); err != nil {
		return nil, err
	}
	if f.state != "" {
		c.State = f.state
	}
	if f.tenants != "" || len(f.where) > 0 {
		c.Tenants, c.Where = f.tenants, f.where
	}
	f.override(cmd, c)
	if c.isShared() {
		return c, c.place()
	}
	if c.State, err = stateOf(cmd, c.State); err != nil {
		return nil, err
	}
	c.DeadLetters = cmp.Or(c.DeadLetters, filepath.Join(c.State, "dead-letters.jsonl"))
	return c, nil
}

// stateOf returns the path of the state.
func stateOf(cmd *cobra.Command, path string) (string, error) {
	if path == "" {
		return "", cmdutil.UsageErrorf(cmd, "--state is missing: name a folder that keeps how far the export came")
	}
	path, err := envvar.Path("--state", path)
	if err != nil {
		return "", cmdutil.UsageErrorf(cmd, "%w", err)
	}
	return path, nil
}

// loadState returns the path of the state that the flags choose.
func (f *flags) loadState(ctx context.Context, cmd *cobra.Command) (string, error) {
	state := f.state
	if state == "" && f.config != "" {
		path, err := envvar.Path("--config", f.config)
		if err != nil {
			return "", cmdutil.UsageErrorf(cmd, "%w", err)
		}
		c, err := readConfig(ctx, path)
		if err != nil {
			return "", err
		}
		state = c.State
	}
	return stateOf(cmd, state)
}

// override makes flags for tuning replace what the file says.
func (f *flags) override(cmd *cobra.Command, c *config) {
	if f.batch > 0 {
		c.Batch = f.batch
	}
	if f.parallel > 0 {
		c.Parallel = f.parallel
	}
	if cmd.Flags().Changed("lag") {
		c.Lag = &f.lag
	}
	if cmd.Flags().Changed("overlap") {
		c.Overlap = &f.overlap
	}
}

// fromFile reads the configuration file. An argument chooses one of its streams.
func (f *flags) fromFile(ctx context.Context, cmd *cobra.Command, args []string) (*config, error) {
	for name, given := range map[string]bool{
		"sink": f.sink != "", "query": f.query != "", "filter": f.filter != "", "since": f.since != "",
		"fields": f.fields != "", "changes": f.changes,
	} {
		if given {
			return nil, cmdutil.UsageErrorf(cmd, "--%s does not go with --config: set it in the file", name)
		}
	}
	path, err := envvar.Path("--config", f.config)
	if err != nil {
		return nil, cmdutil.UsageErrorf(cmd, "%w", err)
	}
	c, err := readConfig(ctx, path)
	if err != nil || len(args) == 0 {
		return c, err
	}
	for _, s := range c.Streams {
		if s.name() == args[0] {
			c.Streams = []streamConfig{s}
			return c, nil
		}
	}
	return nil, cmdutil.UsageErrorf(cmd, "%w", cmdutil.DidYouMean(
		&core.FileError{Path: path, Reason: "it has no stream of this name"}, "stream", args[0], c.names()))
}

// fromFlags makes a configuration of one stream.
func (f *flags) fromFlags(ctx context.Context, cmd *cobra.Command, a *cmdutil.App, args []string, needsSink bool) (*config, error) {
	if len(args) == 0 {
		return nil, cmdutil.UsageErrorf(cmd, "name a stream, or a configuration file with --config")
	}
	query := f.query
	if query != "" {
		var err error
		if query, err = cmdutil.ReadSource(ctx, a, query); err != nil {
			return nil, cmdutil.UsageErrorf(cmd, "--query: %w", err)
		}
	}
	c := &config{Streams: []streamConfig{{Kind: args[0], Query: query, Since: f.since, Changes: f.changes}}}
	if f.filter != "" {
		if err := jsonObject(f.filter, &c.Streams[0].Filter); err != nil {
			return nil, cmdutil.UsageErrorf(cmd, "--filter: %w", err)
		}
	}
	if f.fields != "" {
		c.Fields = splitFields(f.fields)
	}
	if f.sink == "" && !needsSink {
		return c, nil
	}
	var err error
	if c.Sink, err = parseSink(f.sink); err != nil {
		return nil, cmdutil.UsageErrorf(cmd, "%w", err)
	}
	return c, nil
}
