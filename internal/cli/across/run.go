package across

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/profile"
)

// Records are records of a server.
type Records = iter.Seq2[json.RawMessage, error]

// Run is a run of a command over many tenants.
type Run struct {
	app     *cmdutil.App
	flags   *Flags
	file    *profile.File
	active  string // the name of the active profile
	home    *taegis.Client
	clients *fleet.Clients[*taegis.Client]
	tenants []fleet.Tenant
	denied  map[string]error // the environments that the client of the command cannot log in to
	failed  map[string]bool  // the tenants with errors, by id
	partial bool             // one of them has records nevertheless
}

// Start chooses the tenants and creates the clients. The caller closes the Run. Checks are called
// before anything is sent.
func (f *Flags) Start(cmd *cobra.Command, a *cmdutil.App, checks ...func(*taegis.Client) error) (*Run, error) {
	ctx := cmd.Context()
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	selectors, err := f.selectors(ctx, a, chosen.File)
	if err != nil {
		return nil, cmdutil.UsageErrorf(cmd, "%w", err)
	}
	limiter := fleet.NewLimiter()
	home, err := a.Client(ctx, taegis.WithTryMiddleware(limiter.Middleware))
	if err != nil {
		return nil, err
	}
	r := &Run{app: a, flags: f, file: chosen.File, active: chosen.Profile, home: home, failed: map[string]bool{}}
	r.clients = fleet.NewClients(r.opener(limiter))
	for _, check := range checks {
		err = cmp.Or(err, check(home))
	}
	if err == nil {
		r.tenants, err = r.choose(ctx, selectors)
	}
	switch {
	case err != nil:
	case len(r.tenants) == 0:
		err = errNone
	default:
		err = r.logIn(ctx)
	}
	if err != nil {
		return nil, cmdutil.JoinErrors(usage(cmd, err), r.Close())
	}
	return r, nil
}

// logIn logs in to the environments of the tenants, one after the other: a login may prompt the
// user, and a failed one is not to be repeated for each tenant. It returns the error of ctx only.
func (r *Run) logIn(ctx context.Context) error {
	r.denied = map[string]error{}
	for _, t := range r.tenants {
		if _, known := r.denied[t.Environment]; known || t.Account != "" {
			continue
		}
		_, err := r.home.Token(inEnvironment(ctx, t))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.denied[t.Environment] = err
	}
	return nil
}

// inEnvironment returns a context for calls in the environment of a tenant.
func inEnvironment(ctx context.Context, t fleet.Tenant) context.Context {
	if t.Environment == "" {
		return ctx
	}
	return taegis.ContextWithEnvironment(ctx, t.Environment)
}

// opener returns a function that opens the client of an account. All tenants without one share the
// client of the command, whose calls name their environment. One client is opened at a time,
// because it may have to ask for a passphrase.
func (r *Run) opener(limiter *fleet.Limiter) func(context.Context, string, string) (*taegis.Client, error) {
	var opening sync.Mutex
	return func(ctx context.Context, environment, account string) (*taegis.Client, error) {
		if account == "" {
			return r.home, nil
		}
		opening.Lock()
		defer opening.Unlock()
		return r.app.AccountClient(ctx, account, environment, taegis.WithTryMiddleware(limiter.Middleware))
	}
}

// Close closes the clients.
func (r *Run) Close() error { return cmdutil.JoinErrors(r.clients.Close(), r.home.Close()) }

// Tenants returns the tenants of the run.
func (r *Run) Tenants() []fleet.Tenant { return r.tenants }

// Home returns the client of the command, which chose the tenants.
func (r *Run) Home() *taegis.Client { return r.home }

// ForeignVariables returns the environment variables that do not apply to a tenant's own account.
func (r *Run) ForeignVariables(t fleet.Tenant) []string {
	if t.Account == "" {
		return nil
	}
	return r.file.ForeignVariables(t.Account)
}

// client returns the client for a tenant, and a context for its calls.
func (r *Run) client(ctx context.Context, t fleet.Tenant) (context.Context, *taegis.Client, error) {
	client, err := r.clients.For(ctx, t)
	if t.Account == "" {
		err = cmp.Or(err, r.denied[t.Environment])
		ctx = inEnvironment(ctx, t)
	}
	return taegis.ContextWithTenant(ctx, t.ID), client, err
}

// Transport returns what sends the calls of a tenant to its environment, and the section of that
// environment.
func (r *Run) Transport(ctx context.Context, t fleet.Tenant) (ports.Transport, string, error) {
	_, client, err := r.client(ctx, t)
	if err != nil {
		return nil, "", err
	}
	if t.Account != "" || t.Environment == "" {
		return client, client.Environment().Section(), nil
	}
	environment, err := core.FindEnvironment(t.Environment)
	if err != nil {
		return nil, "", err
	}
	return placed{client, t.Environment}, environment.Section(), nil
}

// placed sends calls to an environment that is not the client's own. Equal values send to the same one.
type placed struct {
	*taegis.Client
	environment string
}

// Execute sends a query or mutation.
func (p placed) Execute(ctx context.Context, req *core.Request, out any) error {
	return p.Client.Execute(taegis.ContextWithEnvironment(ctx, p.environment), req, out)
}

// Subscribe starts a subscription.
func (p placed) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return p.Client.Subscribe(taegis.ContextWithEnvironment(ctx, p.environment), req)
}

// Print prints what work returns for each tenant, with the tenant of each record. It prints a line
// for each error of a tenant, and returns an error with the exit code if some or all of them
// failed.
func (r *Run) Print(ctx context.Context, out *cmdutil.Output, work func(context.Context, *taegis.Client) Records) error {
	options := []fleet.Option{fleet.OnProgress(func(p fleet.Progress) {
		out.Waiting(fmt.Sprintf("%d of %d tenants", p.Total-p.Done, p.Total))
	})}
	if r.flags.ordered {
		options = append(options, fleet.InOrder())
	}
	rows := fleet.Rows(ctx, r.tenants, r.flags.parallel, func(ctx context.Context, t fleet.Tenant) Records {
		return func(yield func(json.RawMessage, error) bool) {
			ctx, client, err := r.client(ctx, t)
			if err != nil {
				yield(nil, err)
				return
			}
			for record, err := range work(ctx, client) {
				if err == nil {
					record = WithTenant(record, t.ID)
				}
				if !yield(record, err) {
					return
				}
			}
		}
	}, options...)
	err := out.List(ctx, func(yield func(json.RawMessage, error) bool) {
		for row, err := range rows {
			if err != nil {
				r.Failed(ctx, err)
			} else if !yield(row.Value, nil) {
				return
			}
		}
	})
	return cmp.Or(err, r.Result(ctx))
}

// Failed prints the error of a tenant and counts it. After the end of ctx that is the reason.
func (r *Run) Failed(ctx context.Context, err error) {
	one, ok := errors.AsType[*fleet.TenantError](err)
	if !ok || ctx.Err() != nil {
		return
	}
	r.failed[one.Tenant.ID] = true
	if _, partial := errors.AsType[*paging.PartialError](err); partial {
		r.partial = true
	}
	r.app.Infof("taegis: %s", redact.Message(one.Error()))
}

// Result returns the error of the run, nil if no tenant failed.
func (r *Run) Result(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case len(r.failed) == 0:
		return nil
	}
	r.app.Infof("taegis: %d of %d tenants failed", len(r.failed), len(r.tenants))
	if len(r.failed) == len(r.tenants) && !r.partial {
		return &cmdutil.ExitError{Code: cmdutil.ExitFailed}
	}
	return &cmdutil.ExitError{Code: cmdutil.ExitPartial}
}

// Columns returns the columns of records, after that of their tenant.
func Columns(columns []output.Column) []output.Column {
	if len(columns) == 0 {
		return nil // the fields of the first records are the columns
	}
	for _, c := range columns {
		if c.Name == TenantField {
			return columns
		}
	}
	return append([]output.Column{{Name: TenantField, Path: TenantField}}, columns...)
}
