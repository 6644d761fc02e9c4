package export

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/cli/across"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/ports"
)

// work is an export that is ready to run.
type work struct {
	config *config
	export export.Config
	close  func() error
	older  atomic.Bool // the server lacks caseComments
}

// streams returns the streams of the configuration. Its errors are mistakes in it.
func (c *config) streams(now time.Time) ([]*export.Stream, []time.Time, error) {
	var streams []*export.Stream
	var since []time.Time
	for i := range c.Streams {
		s := &c.Streams[i]
		key := fmt.Sprintf("streams[%d]", i)
		if c.path == "" {
			key = s.name()
		}
		stream, err := export.NewStream(export.StreamConfig{
			Kind: export.Kind(s.Kind), Name: s.Name, Query: s.Query, Filter: s.Filter, Changes: s.Changes, Every: timeOf(s.Every),
		})
		if err != nil {
			return nil, nil, c.wrapped(key, err)
		}
		from := time.Time{}
		if s.Since != "" {
			if from, err = search.ParseInstant("since", s.Since, now, false); err != nil {
				return nil, nil, c.wrapped(key, err)
			}
		}
		findings, err := s.lint(now)
		if err != nil {
			return nil, nil, c.wrapped(key, err)
		}
		for _, finding := range findings {
			if finding.Severity == cql.Error {
				return nil, nil, c.wrapped(key, fmt.Errorf("query: %s", finding))
			}
		}
		streams, since = append(streams, stream), append(since, from)
	}
	return streams, since, nil
}

// prepare checks the configuration and chooses the tenants. The caller closes it.
func (c *config) prepare(cmd *cobra.Command, a *cmdutil.App, withSink bool) (*work, error) {
	streams, since, err := c.streams(time.Now())
	if err != nil {
		return nil, cmdutil.UsageErrorf(cmd, "%w", err)
	}
	w := &work{config: c, close: func() error { return nil }}
	if w.export, err = c.settings(a); err != nil {
		return nil, cmdutil.UsageErrorf(cmd, "%w", err)
	}
	if withSink {
		if w.export.Sink, err = c.build(a, true); err != nil {
			return nil, cmdutil.UsageErrorf(cmd, "%w", err)
		}
	}
	run, err := c.callers(cmd, a)
	if err != nil {
		return nil, err
	}
	for i, stream := range streams {
		for _, caller := range run.callers {
			w.export.Feeds = append(w.export.Feeds, export.Feed{
				Stream: stream, Environment: caller.environment, Tenant: caller.tenant, Transport: caller.transport, Since: since[i],
			})
		}
	}
	w.close = run.close
	return w, nil
}

// onceTime is how long an export up to now waits for servers that share it.
const onceTime = 5 * time.Minute

// open opens the state.
func (w *work) open(ctx context.Context, a *cmdutil.App) error {
	before := w.close
	if w.config.isShared() {
		giveUp := time.Duration(0)
		if !w.export.Follow {
			giveUp = onceTime
		}
		store, err := w.config.openShared(ctx, a, giveUp)
		if err != nil {
			return err
		}
		w.export.Store = store
		w.close = func() error { return cmdutil.JoinErrors(store.Close(), before()) }
		return nil
	}
	dir, err := export.OpenDir(ctx, w.config.State)
	if err != nil {
		return err
	}
	dir.Ledger = timeOf(w.config.Ledger)
	w.export.Store = dir
	w.close = func() error { return cmdutil.JoinErrors(dir.Close(), before()) }
	return nil
}

// look makes a store that says how far the export came, without changing the state.
func (w *work) look(ctx context.Context, a *cmdutil.App) error {
	store := &export.Memory{}
	w.export.Store = store
	feeds, err := w.config.progress(ctx, a)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var c export.Commit
	for _, p := range feeds {
		c.Feeds = append(c.Feeds, export.Change{Progress: p})
	}
	return cmdutil.JoinErrors(err, store.Commit(ctx, c))
}

// settings returns the settings of the export.
func (c *config) settings(a *cmdutil.App) (export.Config, error) {
	settings := export.Config{
		Lag: orNone(c.Lag), Overlap: orNone(c.Overlap), Interval: timeOf(c.Interval), Batch: c.Batch, Parallel: c.Parallel,
		GiveUp: timeOf(c.GiveUp), DeadLetters: c.DeadLetters, Metrics: &export.Metrics{}, Logger: a.Logger(),
	}
	if len(c.Fields) == 0 {
		return settings, nil
	}
	fields, err := output.ParseFields(strings.Join(c.Fields, ","))
	if err != nil {
		return settings, c.wrapped("fields", err)
	}
	var one sync.Mutex // fields notes which of them were seen
	settings.Transform = func(r core.Record) (core.Record, error) {
		one.Lock()
		defer one.Unlock()
		r.Data = fields.Project(r.Data)
		return r, nil
	}
	return settings, nil
}

func timeOf(d duration) time.Duration { return time.Duration(d) }

// caller sends the calls of a tenant.
type caller struct {
	environment, tenant string
	transport           ports.Transport
}

// callers are those of all tenants.
type callers struct {
	callers []caller
	close   func() error
}

// callers returns what sends the calls: for one tenant the client of the command, for many those of
// their accounts.
func (c *config) callers(cmd *cobra.Command, a *cmdutil.App) (*callers, error) {
	if c.Tenants == "" && len(c.Where) == 0 {
		return c.oneCaller(cmd.Context(), a)
	}
	run, err := across.Choose(c.Tenants, c.Where).Start(cmd, a)
	if err != nil {
		return nil, err
	}
	all := &callers{close: run.Close}
	for _, t := range run.Tenants() {
		transport, environment, err := run.Transport(cmd.Context(), t)
		if err != nil {
			return nil, cmdutil.JoinErrors(fmt.Errorf("tenant %s: %w", t, err), run.Close())
		}
		all.callers = append(all.callers, caller{environment, t.ID, transport})
	}
	return all, nil
}

func (c *config) oneCaller(ctx context.Context, a *cmdutil.App) (*callers, error) {
	client, err := a.Client(ctx)
	if err != nil {
		return nil, err
	}
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return nil, cmdutil.JoinErrors(err, client.Close())
	}
	return &callers{
		callers: []caller{{client.Environment().Section(), chosen.Value("tenant").Text, client}}, close: client.Close,
	}, nil
}
