package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func (a *app) quickstartCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "quickstart",
		Short: "Show the whole job against Taegis on loopback",
		Long: `Start Taegis on loopback and sign in to it in every way, then create an OAuth client and sign
in as that. Nothing outside a temporary folder is read or written, no variable of yours is
obeyed, and nobody is asked.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.quickstart(cmd.Context()) },
	}
}

// approvalTime is how long the person of the quickstart needs to approve the link.
const approvalTime = 50 * time.Millisecond

func (a *app) quickstart(ctx context.Context) (err error) {
	home, err := os.MkdirTemp("", "taegis-quickstart-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()

	t := &tour{app: a, home: home}
	defer t.end()
	for _, step := range t.steps() {
		start := time.Now()
		what, err := step(ctx)
		if err != nil {
			return fmt.Errorf("quickstart: %w", err)
		}
		took := float64(time.Since(start).Microseconds()) / 1000
		if _, err := fmt.Fprintf(a.out, "%7.1f ms  %s\n", took, what); err != nil {
			return err
		}
	}
	_, err = fmt.Fprint(a.err, nextSteps)
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
	*app
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
		taegis.WithRepairFolder(""),
		taegis.WithEnvironment(taegis.DefaultEnvironment),
		taegis.WithBaseURL(t.server.URL),
		taegis.WithLogger(t.logger()),
		taegis.WithPrompt(t.person()),
	}
	return taegis.New(append(options, further...)...)
}
