// Package cli is the command line. Data goes to stdout and everything else to stderr. The exit
// codes are 0 for done, 1 for failed, 2 for wrong usage, 4 where nobody is signed in or the
// sign-in was refused, 130 for interrupted, and 143 for terminated.
package cli

import (
	"context"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/terminal"
	"github.com/taegis-go/taegis/internal/coredump"
	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/profile"
)

// Main runs the command line of this process and returns its exit code. The first SIGINT or SIGTERM
// ends what is under way, a second one the process. It leaves no core file, which would hold tokens.
func Main() int {
	coredump.Off()
	ctx, settle := catchSignals(context.Background())
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
		return exitCode(ctx, settle, ctx.Err())
	}
}

// endLimit is how long a command may take to end after a signal. All that is known to wait ends by
// itself, with a message; this is for the rest, for example a standard error that takes no more.
const endLimit = 5 * time.Second

// Run runs the command line with the given arguments and streams and returns its exit code.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return run(ctx, func() {}, args, stdin, stdout, stderr)
}

// run is Run with a function after which ctx has ended if a signal has come; see [catchSignals].
func run(ctx context.Context, settle func(), args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := newApp(stdin, stdout, stderr)
	defer a.flush()
	root := a.command()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.out)
	root.SetErr(a.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !a.started {
		err = usagef(cmd, "%w", err)
	}
	code := exitCode(ctx, settle, err)
	switch {
	case code == exitInterrupted, code == exitTerminated:
		a.say("taegis: %s", endingOf(ctx))
	case err != nil && !silent(err):
		a.complain(err)
	}
	return code
}

// app is one run of the command line.
type app struct {
	in io.Reader
	streams
	global  globals
	stores  map[string]ports.TokenStore // those that are open, by their kinds
	told    *sync.Map                   // the warnings that were given
	started bool                        // flags and arguments were understood, and the command runs
}

// command is the tree of commands.
func (a *app) command() *cobra.Command {
	root := group("taegis", "Sign in to Taegis XDR and call its APIs",
		a.authCommand(),
		a.profileCommand(),
		a.pluginCommand(),
		a.configCommand(),
		a.callCommand(),
		a.apiCommand(),
		a.schemaCommand(),
		a.clientsCommand(),
		a.doctorCommand(),
		a.quickstartCommand(),
		a.emulatorCommand(),
		a.versionCommand(),
	)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Version = versionLine()
	root.SetVersionTemplate("{{.Version}}\n")
	a.global.register(root.PersistentFlags())
	complete(root, "environment", completeEnvironment)
	complete(root, "profile", completeProfile)
	complete(root, "token-store", cobra.FixedCompletions(profile.Stores(), cobra.ShellCompDirectiveNoFileComp))
	root.SetHelpCommand(helpCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	a.watch(root)
	return root
}

// group is a command that only holds others. Alone it shows its help.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{Use: use, Short: short}
	group.AddCommand(commands...)
	return group
}

// watch makes every command say when it starts, so that what cobra finds wrong before that is
// known for wrong usage, and makes groups refuse commands that they do not have.
func (a *app) watch(cmd *cobra.Command) {
	if !cmd.Runnable() {
		cmd.Args = noSuchCommand
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.started = true
			for _, flag := range a.global.quoted {
				a.warn("the value of %s is in quotes, which are ignored", flag)
			}
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		a.watch(sub)
	}
}

// client returns a client as the profile and the global flags say; further options win over them.
// The caller closes it.
func (a *app) client(ctx context.Context, further ...taegis.Option) (*taegis.Client, error) {
	chosen, err := a.resolve(ctx)
	if err != nil {
		return nil, err
	}
	options := append(slices.Clone(chosen.Options), taegis.WithTimeout(time.Duration(a.global.timeout)))
	if a.global.apiURL != "" {
		options = append(options, taegis.WithBaseURL(a.global.apiURL))
	}
	if a.global.universalAuth {
		options = append(options, taegis.WithUniversalAuth())
	}
	if a.global.noInput {
		options = append(options, taegis.WithoutInput("--no-input was given"))
	}
	return ctxio.Do(ctx, func() (*taegis.Client, error) { return taegis.New(append(options, further...)...) })
}

// openProfiles reads the file of profiles, which may be a FIFO. The file comes beside an error, too.
func openProfiles(ctx context.Context) (*profile.File, error) {
	return ctxio.Do(ctx, func() (*profile.File, error) { return profile.OpenContext(ctx) })
}

// resolve returns what flags, variables and the profile come to.
func (a *app) resolve(ctx context.Context) (*profile.Resolved, error) {
	choice := profile.Choice{
		Profile:     a.global.profile,
		Environment: a.global.environment,
		Tenant:      a.global.tenant,
		TokenStore:  a.global.tokenStore,
		Prompt:      terminal.Open(terminal.Options{Stderr: a.screen}),
		NoInput:     a.global.noInput,
		Logger:      a.logger(),
	}
	file, err := ctxio.Do(ctx, func() (*profile.File, error) { return profile.OpenFor(ctx, choice) })
	if err != nil {
		return nil, err
	}
	chosen, err := file.Resolve(choice)
	if err != nil || chosen.Store == nil {
		return chosen, err
	}
	// One command opens a store once, so that a passphrase is asked for once.
	kind := chosen.Setting("token-store").Value
	if a.stores == nil {
		a.stores = map[string]ports.TokenStore{}
	}
	if a.stores[kind] == nil {
		a.stores[kind] = chosen.Store
	}
	chosen.Store = a.stores[kind]
	chosen.Options = append(chosen.Options, taegis.WithTokenStore(chosen.Store))
	return chosen, nil
}
