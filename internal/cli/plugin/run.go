package plugin

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/terminal"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

func runCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "run NAME",
		Short: "Log in once with one plugin",
		Long: `Log in with one plugin, independently of the chain but with the same settings and variables. Show its
output, its prompts and the time of each step. The token is neither shown nor cached. The exit codes
are those of auth login.`,
		Example:           `  taegis plugin run acme`,
		Args:              cmdutil.ExactArgs("NAME"),
		ValidArgsFunction: completePlugin(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.Global.Verbose = true
			file, p, err := open(cmd, args[0])
			if err != nil {
				return err
			}
			chosen, err := a.Resolve(cmd.Context())
			if err != nil {
				return err
			}
			plugin, err := file.NewPluginFor(file.Profiles[chosen.Profile], args[0], a.Logger())
			if err != nil {
				return err
			}
			watch := &stopwatch{start: time.Now()}
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error {
				a.Infof("%s is %s", plugin.Name(), p.Path)
				return tryPlugin(cmd.Context(), a, client, plugin, p, watch)
			},
				taegis.WithAuthenticators(plugin),
				taegis.WithTokenStore(&tokenstore.Memory{}),
				taegis.WithPrompt(watch.timed(terminal.New(terminal.Options{Stderr: a.Screen}), a.Infof)))
		},
	}
}

// tryPlugin logs in with a plugin.
func tryPlugin(ctx context.Context, a *cmdutil.App, client *taegis.Client, plugin *plugins.Plugin, p profile.PluginConfig, watch *stopwatch) error {
	requirements, err := plugin.Requirements(ctx, plugincheck.EnvironmentOnly)
	if err != nil {
		return err
	}
	watch.log(a.Infof, "started%s", plugincheck.Missing(p, requirements))
	began := time.Now()
	token, err := client.Login(ctx)
	if err != nil {
		watch.log(a.Infof, "failed")
		return err
	}
	took, interaction := time.Since(began), time.Duration(watch.interaction.Load())
	watch.log(a.Infof, "logged in: %v of work, %v of waiting for answers", round(took-interaction), round(interaction))
	return a.Printf("environment  %s\naccount      %s\nexpires      %s\ntoken        %d characters, neither shown nor cached\n",
		client.Environment().Name, cmdutil.AccountName(token), cmdutil.FormatExpiry(token.Expiry, time.Now()), len(token.AccessToken.Reveal()))
}

// stopwatch measures the time since a start and the time of prompts.
type stopwatch struct {
	start       time.Time
	interaction atomic.Int64 // nanoseconds
}

// log writes a line with the time since the start.
func (w *stopwatch) log(write func(string, ...any), format string, args ...any) {
	write("%8s  %s", round(time.Since(w.start)), fmt.Sprintf(format, args...))
}

// timed returns a prompt that measures the time of its questions and adds the time to messages.
func (w *stopwatch) timed(p core.Prompt, write func(string, ...any)) core.Prompt {
	pause := func() func() {
		began := time.Now()
		return func() { w.interaction.Add(int64(time.Since(began))) }
	}
	if ask := p.AskText; ask != nil {
		p.AskText = func(ctx context.Context, label string) (string, error) {
			defer pause()()
			return ask(ctx, label)
		}
	}
	if ask := p.AskSecret; ask != nil {
		p.AskSecret = func(ctx context.Context, label string) (core.Secret, error) {
			defer pause()()
			return ask(ctx, label)
		}
	}
	report := p.Notify
	p.Notify = func(ctx context.Context, message string) {
		if report == nil {
			w.log(write, "%s", message)
			return
		}
		w.log(func(format string, args ...any) { report(ctx, fmt.Sprintf(format, args...)) }, "%s", message)
	}
	return p
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
