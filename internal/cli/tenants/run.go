package tenants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/internal/cli/across"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/subprocess"
)

// The variables that a program gets.
const (
	tenantVariable      = "TAEGIS_TENANT_ID"
	environmentVariable = "TAEGIS_ENVIRONMENT"
	profileVariable     = "TAEGIS_PROFILE"
	apiURLVariable      = "TAEGIS_API_URL"
)

func runCommand(a *cmdutil.App) *cobra.Command {
	var many across.Flags
	cmd := &cobra.Command{
		Use:   "run -- COMMAND…",
		Short: "Run a program for many tenants",
		Long: `Run a program once for each tenant, several at a time. It gets the environment of this process, and in
addition TAEGIS_TENANT_ID and TAEGIS_ENVIRONMENT of the tenant, and TAEGIS_PROFILE if the profile file has
an account for it; the variables of other accounts, for example TAEGIS_ACCESS_TOKEN, are left out then.
So taegis itself, and programs that use the SDK, call
in the tenant. There is no stdin and no terminal.

Lines of stdout and stderr are passed on as they end, those of different tenants never in the same line.
An interrupt ends all of the programs. If some of them fail, the exit code is 3, and each is a line on
stderr; if all fail, it is 1.

The tenants are those of --tenants and --where, as in the other commands: all, ids with commas between
them, @FILE, or a selection of the profile file, and terms KEY=VALUE. See docs/tenants.md.`,
		Example: `  taegis tenants run --where label:tier=gold -- taegis rules list --all --fields id,name
  taegis tenants run --tenants all --parallel 4 -- sh -c './report > report-$TAEGIS_TENANT_ID.txt'`,
		Args: cmdutil.MinimumArgs("COMMAND"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if !many.Given() {
				return cmdutil.UsageErrorf(cmd, "no tenants are chosen: give --tenants or --where")
			}
			program, err := exec.LookPath(args[0])
			if err != nil {
				return cmdutil.UsageErrorf(cmd, "the program cannot be run: %w", err)
			}
			tenants, err := many.Start(cmd, a)
			if err != nil {
				return err
			}
			defer func() { err = cmdutil.JoinErrors(err, tenants.Close()) }()
			p := programs{app: a, argv: append([]string{program}, args[1:]...), tenants: tenants}
			return p.run(cmd.Context(), many.Parallel())
		},
	}
	many.RegisterChoice(cmd)
	return cmd
}

// programs runs a program for each tenant.
type programs struct {
	app     *cmdutil.App
	argv    []string
	tenants *across.Run
	mu      sync.Mutex // held while lines are written
}

func (p *programs) run(ctx context.Context, parallel int) error {
	type nothing struct{}
	results := fleet.Collect(ctx, p.tenants.Tenants(), parallel, func(ctx context.Context, t fleet.Tenant) (nothing, error) {
		return nothing{}, p.one(ctx, t)
	})
	for _, err := range results {
		if err != nil {
			p.mu.Lock()
			p.tenants.Failed(ctx, err)
			p.mu.Unlock()
		}
	}
	return p.tenants.Result(ctx)
}

// one runs the program for a tenant.
func (p *programs) one(ctx context.Context, t fleet.Tenant) error {
	stdout := &lines{mu: &p.mu, write: p.app.PrintText}
	stderr := &lines{mu: &p.mu, write: func(text string) error { _, err := p.app.Err.Write([]byte(text)); return err }}
	cmd := subprocess.Command(ctx, p.argv, p.environ(t))
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	err = cmp.Or(stdout.close(), stderr.close(), err)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%s: %w", p.argv[0], exit)
	}
	return err
}

// environ returns the variables of the program for a tenant.
func (p *programs) environ(t fleet.Tenant) []string {
	own := map[string]string{tenantVariable: t.ID}
	removed := p.tenants.ForeignVariables(t)
	if t.Account != "" {
		own[profileVariable] = t.Account
	} else if name := p.app.Global.Profile; name != "" {
		own[profileVariable] = name
	}
	if environment := cmp.Or(t.Environment, p.environmentOf(t)); environment != "" {
		own[environmentVariable] = environment
	}
	if url := p.app.Global.APIURL(); url != "" {
		own[apiURLVariable] = url
	}
	var env []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if _, replaced := own[name]; !replaced && !slices.Contains(removed, name) {
			env = append(env, variable)
		}
	}
	for name, value := range own {
		env = append(env, name+"="+value)
	}
	return env
}

// environmentOf returns the environment of the command for a tenant of its account. The profile of
// another account has one of its own.
func (p *programs) environmentOf(t fleet.Tenant) string {
	if t.Account != "" {
		return ""
	}
	return p.tenants.Home().Environment().Name
}
