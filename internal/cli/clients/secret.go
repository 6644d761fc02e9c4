package clients

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/internal/subprocess"
	"github.com/taegis-go/taegis/services/clients"
)

// destination is where a new secret goes.
type destination struct {
	format  string
	json    bool
	command string
}

var formats = []string{"env", "json", "export"}

func (d *destination) register(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&d.format, "output", "o", "env", "format: env, json or export")
	cmd.Flags().BoolVar(&d.json, "json", false, "print JSON; short for --output json")
	cmd.Flags().StringVar(&d.command, "to-command", "", "shell command that reads the secret from its stdin")
	cmdutil.CompleteFlag(cmd, "output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case !slices.Contains(formats, d.format):
			return fmt.Errorf("--output %q: use env, json or export", d.format)
		case d.json && cmd.Flags().Changed("output") && d.format != "json":
			return fmt.Errorf("--json means --output json and does not go with --output %s", d.format)
		case d.command != "" && (d.json || cmd.Flags().Changed("output")):
			return errors.New("--to-command prints no secret, so it does not go with --output")
		case d.json:
			d.format = "json"
		}
		return nil
	}
}

// check returns an error if a secret could not be printed. It is called before anything is sent.
func (d *destination) check(a *cmdutil.App) error {
	if d.command != "" {
		return nil
	}
	if err := a.CheckStdout(); err != nil {
		return fmt.Errorf("stdout cannot be written, and the server shows a secret only once: %w", err)
	}
	return nil
}

// deliver passes on the secret of a new or rotated client, even from a partial response, because the
// server does not show it again.
func (d *destination) deliver(ctx context.Context, a *cmdutil.App, made *clients.CreatedClient, err error) error {
	if made == nil || made.ClientSecret == "" {
		if err != nil {
			return err
		}
		return lost(made, errors.New("the response has no client secret"))
	}
	if failed := d.write(ctx, a, made); failed != nil {
		return errors.Join(err, lost(made, failed))
	}
	if d.command == "" {
		a.Infof("Store the secret in a vault now: it cannot be shown again.")
	}
	return err
}

// lost returns the error for a secret that was not passed on, with the way to get another.
func lost(made *clients.CreatedClient, err error) error {
	if made == nil || made.Client == nil {
		return fmt.Errorf("%w: find the client with `taegis clients list` and rotate its secret", err)
	}
	id := made.Client.ClientID
	if id == "" {
		id = made.Client.ID
	}
	return fmt.Errorf("the secret of the client %s (%s) is lost: %w: run `taegis clients rotate %s`",
		made.Client.Name, id, err, shellquote.Word(id))
}

func (d *destination) write(ctx context.Context, a *cmdutil.App, made *clients.CreatedClient) error {
	id := ""
	if made.Client != nil {
		id = made.Client.ClientID
	}
	switch {
	case d.command != "":
		if err := d.run(ctx, a, made.ClientSecret); err != nil {
			return err
		}
		return a.PrintPage("CLIENT_ID=" + shellquote.Word(id) + "\n")
	case d.format == "json":
		return a.PrintJSON(made)
	}
	prefix := ""
	if d.format == "export" {
		prefix = "export "
	}
	return a.PrintPage(fmt.Sprintf("%sCLIENT_ID=%s\n%sCLIENT_SECRET=%s\n",
		prefix, shellquote.Word(id), prefix, shellquote.Word(made.ClientSecret)))
}

// run passes the secret to the command.
func (d *destination) run(ctx context.Context, a *cmdutil.App, secret string) error {
	shell := []string{"/bin/sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	program := subprocess.Command(ctx, append(shell, d.command), nil)
	program.Env = nil // the user's own command gets the user's environment
	program.Stdin = strings.NewReader(secret)
	program.Stdout, program.Stderr = a.Err, a.Err
	if err := program.Run(); err != nil {
		return fmt.Errorf("--to-command: %w", err)
	}
	return nil
}
