// Package cli assembles the command line from its command groups, which are the packages below it.
// Data goes to stdout and everything else to stderr. The exit codes are 0 for success, 1 for a
// failure, 2 for wrong usage, 3 if a part failed and the rest is done, 4 if there is no login or
// the login was denied, 130 for an interrupt and 143 for a termination.
package cli

import (
	"cmp"
	"context"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
	"github.com/taegis-go/taegis/internal/cli/version"
	"github.com/taegis-go/taegis/internal/coredump"
	"github.com/taegis-go/taegis/internal/ctxio"
)

// Main runs the command line of this process and returns its exit code. The first SIGINT or SIGTERM
// cancels the running command, the second one ends the process. Main disables core files, because
// they would contain tokens.
func Main() int {
	coredump.Off()
	ctx, settle := cmdutil.CatchSignals(context.Background())
	defer settle()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, settle, os.Args[1:], os.Stdin, ctxio.NewOutput(ctx, os.Stdout), os.Stderr)
	}()
	select {
	case code := <-done:
		return code
	case <-ctx.Done():
	}
	select {
	case code := <-done:
		return code
	case <-time.After(endLimit):
		return cmdutil.ExitCode(ctx, settle, ctx.Err())
	}
}

// endLimit is how long a command may take to end after a signal. Commands normally end by
// themselves with a message; the limit is for everything else, for example a standard error that
// blocks.
const endLimit = 5 * time.Second

// Run runs the command line with the given arguments and streams and returns its exit code.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return run(ctx, func() {}, args, stdin, stdout, stderr)
}

// run is Run with the settle function of [cmdutil.CatchSignals].
func run(ctx context.Context, settle func(), args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := cmdutil.NewApp(stdin, stdout, stderr)
	defer a.Flush()
	root := command(a, args)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !a.Started {
		err = cmdutil.UsageErrorf(cmd, "%w", err)
	}
	code := cmdutil.ExitCode(ctx, settle, err)
	switch {
	case code == cmdutil.ExitInterrupted, code == cmdutil.ExitTerminated:
		a.Infof("taegis: %s", cmdutil.Ending(ctx))
	case err != nil && !cmdutil.Reported(err):
		a.PrintError(err)
		advise(a, cmd, err)
	}
	return code
}

// advise prints the command that helps after err. A login and its status print their own.
func advise(a *cmdutil.App, cmd *cobra.Command, err error) {
	switch cmd.CommandPath() {
	case "taegis auth login", "taegis auth status":
		return
	}
	if line := cmp.Or(a.Advice(err), operation.Counterpart(err)); line != "" {
		a.Infof("Run `%s`.", line)
	}
}

// command returns the root command with the command groups that args may mean.
func command(a *cmdutil.App, args []string) *cobra.Command {
	var chosen []*cobra.Command
	for _, g := range needed(args) {
		chosen = append(chosen, g.build(a))
	}
	root := cmdutil.NewGroup("taegis", "Log in to Taegis XDR and call its APIs", chosen...)
	root.Long = `Log in to Taegis XDR and call its GraphQL APIs. Data goes to stdout, messages go to stderr. The exit
code is 0 for success, 1 for a failure, 2 for wrong usage, 3 if a part failed and the rest is done, 4
if there is no login or the login was denied, 130 for an interrupt and 143 for a termination.`
	root.Example = `  taegis quickstart
  taegis auth login
  taegis call subjects currentSubject`
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Version = version.Line()
	root.SetVersionTemplate("{{.Version}}\n")
	a.RegisterGlobalFlags(root)
	root.SetHelpCommand(helpCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	completionExamples(root)
	a.Watch(root)
	return root
}
