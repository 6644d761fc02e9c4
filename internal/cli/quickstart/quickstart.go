// Package quickstart is the command that shows a login and a call against Taegis on loopback.
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
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// NewCommand returns the command quickstart.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "quickstart",
		Short: "Show the whole job against Taegis on loopback",
		Long: `Start Taegis on loopback and log in to it in every way, then create an OAuth client and sign
in as that. Nothing outside a temporary folder is read or written, no variable of yours is
obeyed, and nobody is asked.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return quickstart(cmd.Context(), a) },
	}
}

// approvalTime is how long the user of the quickstart needs to approve the link.
const approvalTime = 50 * time.Millisecond

func quickstart(ctx context.Context, a *cmdutil.App) (err error) {
	home, err := os.MkdirTemp("", "taegis-quickstart-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()

	t := &tour{App: a, home: home}
	defer t.end()
	for _, step := range t.steps() {
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
	_, err = fmt.Fprint(a.Err, nextSteps)
	return err
}

const nextSteps = `
The same against the real service: set CLIENT_ID and CLIENT_SECRET, or run
  taegis auth login --environment charlie
and then, for example,
  taegis api '{ currentSubject { id } }'
`

// tour is one run of the quickstart.
type tour struct {
	*cmdutil.App
	home    string
	server  *emulator.Server
	created clientCredentials // the client that the tour has created
}

// clientCredentials are those of an OAuth client.
type clientCredentials struct{ id, secret string }

// variables are the environment variables that a client gets to see.
func (c clientCredentials) variables() map[string]string {
	return map[string]string{"CLIENT_ID": c.id, "CLIENT_SECRET": c.secret}
}

func (t *tour) end() {
	if t.server != nil {
		t.server.Close()
	}
}

// client returns a client that knows nothing of the user's: neither variables nor the
// configuration file, neither the cache nor the terminal.
func (t *tour) client(variables map[string]string, further ...taegis.Option) (*taegis.Client, error) {
	options := []taegis.Option{
		taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := variables[name]; return value, ok }),
		taegis.WithConfigFile(filepath.Join(t.home, "config")),
		taegis.WithDriftCache(""),
		taegis.WithEnvironment(taegis.DefaultEnvironment),
		taegis.WithBaseURL(t.server.URL),
		taegis.WithLogger(t.Logger()),
		taegis.WithPrompt(t.user()),
	}
	return taegis.New(append(options, further...)...)
}
