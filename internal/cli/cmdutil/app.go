// Package cmdutil defines what the command groups share: one run of the command line ([App]) with
// its streams and global flags, exit codes, usage errors, signals, completion and the format of
// messages. It imports no command group.
package cmdutil

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/terminal"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/text"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/profile"
)

// App is one run of the command line. The constructor of each command group takes it.
type App struct {
	// In is standard input.
	In io.Reader
	Streams
	// Global holds the flags that all commands share.
	Global GlobalFlags
	// Started is true once the flags and arguments were valid and the command itself runs. An error
	// before that is a usage error.
	Started bool

	stores map[string]ports.TokenStore // open stores by backend
	warned *sync.Map                   // the warnings that were written
}

// NewApp returns an App with the given streams.
func NewApp(stdin io.Reader, stdout, stderr io.Writer) *App {
	a := &App{In: stdin}
	a.atTerminal = IsTerminal(stdout)
	a.stdout = stdout
	if IsTerminal(stderr) && !dumb() {
		a.progress = &progress{to: stderr, width: func() int { return terminalWidth(stderr) }}
		stderr = guarded{stderr, a.progress, true}
		if a.atTerminal {
			a.stdout = guarded{stdout, a.progress, false}
		}
	}
	a.Out, a.Err, a.data, a.Screen = text.NewWriter(a.stdout), text.NewWriter(stderr), a.stdout, stderr
	if a.atTerminal {
		a.data = a.Out
	}
	return a
}

// Client returns a client with the settings of the profile and the global flags; further options
// override them. The caller closes the client. The error comes from reading the profile file or
// from [taegis.New].
func (a *App) Client(ctx context.Context, further ...taegis.Option) (*taegis.Client, error) {
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	return a.newClient(ctx, chosen, further)
}

// AccountClient is [App.Client] for the profile of a tenant with credentials of its own; see
// [profile.File.ResolveAccount]. If that profile has no environment, the given one is used, or else
// that of --environment.
func (a *App) AccountClient(ctx context.Context, name, environment string, further ...taegis.Option) (*taegis.Client, error) {
	chosen, err := a.resolve(ctx, func(f *profile.File, o profile.Overrides) (*profile.Settings, error) {
		return f.ResolveAccount(name, o)
	})
	if err != nil {
		return nil, err
	}
	if environment = cmp.Or(environment, a.Global.environment); chosen.Value("environment").Text == "" && environment != "" {
		chosen.Options = append(chosen.Options, taegis.WithEnvironment(environment))
	}
	return a.newClient(ctx, chosen, further)
}

// newClient returns a client with settings and the global flags that are not among them.
func (a *App) newClient(ctx context.Context, chosen *profile.Settings, further []taegis.Option) (*taegis.Client, error) {
	options := append(slices.Clone(chosen.Options), taegis.WithTimeout(time.Duration(a.Global.timeout)))
	if a.Global.apiURL != "" {
		options = append(options, taegis.WithBaseURL(a.Global.apiURL))
	}
	if a.Global.universalAuth {
		options = append(options, taegis.WithUniversalAuth())
	}
	if a.Global.NonInteractive {
		options = append(options, taegis.WithNonInteractive("--no-input was given"))
	}
	return ctxio.Do(ctx, func() (*taegis.Client, error) { return taegis.New(append(options, further...)...) })
}

// WithClient creates a client, passes it to work and closes it. It returns the errors of all three.
func (a *App) WithClient(ctx context.Context, work func(*taegis.Client) error, further ...taegis.Option) error {
	client, err := a.Client(ctx, further...)
	if err != nil {
		return err
	}
	return JoinErrors(work(client), client.Close())
}

// Resolve returns the settings from flags, variables and the profile. All calls with one backend
// return the same token store, if the settings have one.
func (a *App) Resolve(ctx context.Context) (*profile.Settings, error) {
	return a.resolve(ctx, (*profile.File).Resolve)
}

// resolve resolves the settings of a profile by a method of the file.
func (a *App) resolve(
	ctx context.Context, by func(*profile.File, profile.Overrides) (*profile.Settings, error),
) (*profile.Settings, error) {
	overrides := profile.Overrides{
		Profile:        a.Global.Profile,
		Environment:    a.Global.environment,
		Tenant:         a.Global.tenant,
		TokenStore:     a.Global.TokenStore,
		Prompt:         a.progress.guardedPrompt(terminal.New(terminal.Options{Stderr: a.Screen})),
		NonInteractive: a.Global.NonInteractive,
		Logger:         a.Logger(),
	}
	file, err := ctxio.Do(ctx, func() (*profile.File, error) { return profile.LoadFor(ctx, overrides) })
	if err != nil {
		return nil, err
	}
	chosen, err := by(file, overrides)
	if err != nil || chosen.Store == nil {
		return chosen, err
	}
	// One command opens a store once, so that the user is prompted for a passphrase once.
	kind := chosen.Value("token-store").Text
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

// OpenProfiles reads the profile file, which may be a FIFO. It may return a file together with an
// error.
func OpenProfiles(ctx context.Context) (*profile.File, error) {
	return ctxio.Do(ctx, func() (*profile.File, error) { return profile.Load(ctx) })
}

// ConfigFile returns the configuration file, which is shared with the Python SDK. It may return a
// file together with an error.
func (a *App) ConfigFile() (*tokenstore.File, error) {
	path, err := Env.Path("TAEGIS_CONFIG_FILE")
	return &tokenstore.File{Path: path, Logger: a.Logger()}, err
}

// TokenStore returns the token store of the settings.
func (a *App) TokenStore(ctx context.Context) (ListedStore, error) {
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	if store, ok := chosen.Store.(ListedStore); ok { // true for all stores of this module
		return store, nil
	}
	file, err := a.ConfigFile()
	if err != nil {
		return nil, err // returning file here would make a non-nil interface
	}
	return file, nil
}

// ListedStore is a token store that can list its tokens.
type ListedStore interface {
	ports.TokenStore
	ports.TokenLister
}

// LockedStore is a token store with lock files. Every store that processes share is one.
type LockedStore interface {
	Locks() (file, logins string, err error)
}

// Env reads the environment variables of this process.
var Env = envvar.Variables{Lookup: os.LookupEnv}

// NewGroup returns a command that has only subcommands. If none is given, it shows its help.
func NewGroup(use, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{Use: use, Short: short}
	group.AddCommand(commands...)
	GroupExample(group)
	return group
}

// GroupExample makes the first example of each subcommand the examples of a group.
func GroupExample(group *cobra.Command) {
	var examples []string
	for _, cmd := range group.Commands() {
		first, _, _ := strings.Cut(cmd.Example, "\n")
		if first != "" {
			examples = append(examples, first)
		}
	}
	group.Example = strings.Join(examples, "\n")
}

// Watch prepares a command and its subcommands. Each sets Started when it runs and warns about
// quotes around flag values; a group returns an error for an unknown subcommand.
func (a *App) Watch(cmd *cobra.Command) {
	if !cmd.Runnable() {
		cmd.Args = noSuchCommand
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.Started = true
			for _, flag := range a.Global.quoted {
				a.Warnf("the value of %s is in quotes, which are ignored", flag)
			}
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		a.Watch(sub)
	}
}

// noSuchCommand rejects the argument of a command that has only subcommands.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	cmd.SuggestionsMinimumDistance = 2 // letters; cobra sets it for the root alone
	if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
		hint = ": did you mean " + strings.Join(similar, " or ") + "?"
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), hint)
}
