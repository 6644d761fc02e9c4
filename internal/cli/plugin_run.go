package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/terminal"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

func (a *app) pluginRunCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run NAME",
		Short: "Sign in once with one plugin alone, and show how that goes",
		Long: `Sign in with one plugin, whatever the chain is, with its grants as in any chain, and show what it
prints, what it asks and how long each step takes. The token is neither shown nor cached. The exit
codes are those of auth login.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: completePlugin(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.global.verbose = true
			file, err := openProfiles(cmd.Context())
			if err != nil {
				return err
			}
			p, err := installed(cmd, file, args[0])
			if err != nil {
				return err
			}
			plugin, err := file.OpenPlugin(args[0], a.logger())
			if err != nil {
				return err
			}
			watch := &stopwatch{start: time.Now()}
			return a.withClient(cmd.Context(), func(client *taegis.Client) error {
				a.say("%s is %s", plugin.Link(), p.Path)
				return a.tryPlugin(cmd.Context(), client, plugin, p, watch)
			},
				taegis.WithAuthenticators(plugin),
				taegis.WithTokenStore(&tokenstore.Memory{}),
				taegis.WithPrompt(watch.timed(terminal.Open(terminal.Options{Stderr: a.screen}), a.say)))
		},
	}
}

// tryPlugin signs in with a plugin.
func (a *app) tryPlugin(ctx context.Context, client *taegis.Client, plugin *plugins.Plugin, p profile.Plugin, watch *stopwatch) error {
	wants, err := plugin.Wants(ctx, variablesAlone)
	if err != nil {
		return err
	}
	watch.say(a.say, "it has started%s", lacking(p, wants))
	began := time.Now()
	token, err := client.Login(ctx)
	if err != nil {
		watch.say(a.say, "it has failed")
		return err
	}
	took, person := time.Since(began), time.Duration(watch.person.Load())
	watch.say(a.say, "it has signed in, with %v of work and %v of waiting for answers", round(took-person), round(person))
	return a.printf("environment  %s\nwho          %s\nuntil        %s\ntoken        %d characters, neither shown nor cached\n",
		client.Environment().Name, holder(token), until(token.Expiry, time.Now()), len(token.AccessToken.Reveal()))
}

// lacking says what the plugin looks up and will not find.
func lacking(p profile.Plugin, wants plugins.Wants) string {
	var missing []string
	for _, key := range wants.Settings {
		if _, ok := p.Settings[key]; !ok {
			missing = append(missing, "setting "+key)
		}
	}
	for _, name := range wants.Env {
		if !slices.Contains(p.Variables, name) || os.Getenv(name) == "" {
			missing = append(missing, "variable "+name)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "; it looks up and will not find: " + strings.Join(missing, ", ")
}

// stopwatch tells the time since a start, and how much of it went by while a person was asked.
type stopwatch struct {
	start  time.Time
	person atomic.Int64 // nanoseconds
}

// say writes a line with the time since the start.
func (w *stopwatch) say(say func(string, ...any), format string, args ...any) {
	say("%8s  %s", round(time.Since(w.start)), fmt.Sprintf(format, args...))
}

// timed is a prompt whose questions are timed, and whose reports carry the time.
func (w *stopwatch) timed(p core.Prompt, say func(string, ...any)) core.Prompt {
	pause := func() func() {
		began := time.Now()
		return func() { w.person.Add(int64(time.Since(began))) }
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
	report := p.Report
	p.Report = func(ctx context.Context, message string) {
		if report == nil {
			w.say(say, "%s", message)
			return
		}
		w.say(func(format string, args ...any) { report(ctx, fmt.Sprintf(format, args...)) }, "%s", message)
	}
	return p
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
