// Package quickstart is the command that shows logins and calls against an emulated Taegis.
package quickstart

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// NewCommand returns the command quickstart.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "quickstart",
		Short: "Show logins and calls against an emulated Taegis",
		Long: `Start an emulated Taegis on loopback, log in with each method, create an OAuth client and log in with
it. With --environment fusion it shows the successor platform. The command reads and writes only a
temporary folder, ignores environment variables and does not prompt.`,
		Example: `  taegis quickstart
  taegis quickstart --environment fusion`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return quickstart(cmd.Context(), a) },
	}
}

// approvalTime is the time until the emulator approves a device code.
const approvalTime = 50 * time.Millisecond

func quickstart(ctx context.Context, a *cmdutil.App) (err error) {
	home, err := os.MkdirTemp("", "taegis-quickstart-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()

	t := &tour{App: a, home: home, environment: taegis.DefaultEnvironment, demo: demoClient}
	defer t.end()
	steps, next := t.steps(), nextSteps
	if chosen, err := core.FindEnvironment(a.Global.Environment()); err == nil && chosen.Platform == core.PlatformFusion {
		t.environment, t.demo = chosen.Name, demoOfFusion
		steps, next = t.fusionSteps(), nextStepsOfFusion
	}
	for _, step := range steps {
		start := time.Now()
		what, err := step(ctx)
		if err != nil {
			return fmt.Errorf("quickstart: %w", err)
		}
		took := float64(time.Since(start).Microseconds()) / 1000
		if _, err := fmt.Fprintf(a.Out, "%7.1f ms  %s\n", took, what); err != nil {
			return err
		}
	}
	_, err = fmt.Fprint(a.Err, next)
	return err
}

const nextStepsOfFusion = `
The same against the real service: set SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET, and run
  taegis auth login --environment fusion
  taegis tenants list --environment fusion
`

const nextSteps = `
The same against the real service: set CLIENT_ID and CLIENT_SECRET, or run
  taegis auth login --environment charlie
and then, for example,
  taegis api '{ currentSubject { id } }'
`

// tour is one run of the quickstart.
type tour struct {
	*cmdutil.App
	home        string
	environment string
	server      *emulator.Server
	demo        clientCredentials // a client of the environment
	created     clientCredentials // the client that the tour has created
}

// clientCredentials are the credentials of an OAuth client.
type clientCredentials struct {
	platform   core.Platform
	id, secret string
}

// variables returns the environment variables with the credentials.
func (c clientCredentials) variables() map[string]string {
	id, secret := c.platform.ClientSettings()
	return map[string]string{id: c.id, secret: c.secret}
}

// base returns the base URL of the environment.
func (t *tour) base() string {
	if t.demo.platform == core.PlatformFusion {
		return t.server.Fusion.APIURL
	}
	return t.server.URL
}

func (t *tour) end() {
	if t.server != nil {
		t.server.Close()
	}
}

// client returns a client that uses only the given variables and the temporary folder, and neither
// the user's files nor the terminal.
func (t *tour) client(variables map[string]string, further ...taegis.Option) (*taegis.Client, error) {
	options := []taegis.Option{
		taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := variables[name]; return value, ok }),
		taegis.WithConfigFile(filepath.Join(t.home, "config")),
		taegis.WithDriftCache(""),
		taegis.WithEnvironment(t.environment),
		taegis.WithBaseURL(t.base()),
		taegis.WithLogger(t.Logger()),
		taegis.WithPrompt(t.user()),
	}
	return taegis.New(append(options, further...)...)
}
