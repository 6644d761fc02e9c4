package cli

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

func (a *app) pluginCommand() *cobra.Command {
	cmd := group("plugin", "Sign in with programs of your own or your company's",
		a.pluginNewCommand(),
		a.pluginBuildCommand(),
		a.pluginInstallCommand(),
		a.pluginListCommand(),
		a.pluginVerifyCommand(),
		a.pluginPinCommand(),
		a.pluginRemoveCommand(),
		a.pluginRunCommand(),
	)
	cmd.Long = `A plugin is a program that signs in, as a link "plugin:NAME" of a chain. It is run only where the
file of profiles names it by path and SHA-256, and it sees nothing but the settings and variables
that are granted to it there.`
	return cmd
}

// installed returns what the file says of a plugin.
func installed(cmd *cobra.Command, file *profile.File, name string) (profile.Plugin, error) {
	p, ok := file.Plugins[name]
	if ok {
		return p, nil
	}
	err := errors.New(`there is no plugin "` + name + "\": `taegis plugin list` lists them")
	return p, usagef(cmd, "%w", didYouMean(err, "there is no plugin", name, pluginNames(file)))
}

func pluginNames(file *profile.File) []string { return slices.Sorted(maps.Keys(file.Plugins)) }

// pluginLink is the name of a plugin in chains.
func pluginLink(name string) string { return "plugin:" + name }

// profilesWith are the profiles that have the plugin in their chain.
func profilesWith(file *profile.File, name string) []string {
	var profiles []string
	for _, holder := range slices.Sorted(maps.Keys(file.Profiles)) {
		if slices.ContainsFunc(file.Profiles[holder].Chain, func(l profile.Link) bool { return l.Name == pluginLink(name) }) {
			profiles = append(profiles, holder)
		}
	}
	return profiles
}

// wantsOf starts a plugin and asks it what it looks up.
func wantsOf(ctx context.Context, file *profile.File, name string, logger *slog.Logger) (plugins.Wants, error) {
	plugin, err := file.OpenPlugin(name, logger)
	if err != nil {
		return plugins.Wants{}, err
	}
	defer plugin.Close() //nolint:errcheck // it is of no more use
	return plugin.Wants(ctx, variablesAlone)
}

// variablesAlone finds environment variables, from which a plugin gets those that it is granted.
var variablesAlone = core.LoginRequest{Lookup: func(name string) (core.Setting, bool) {
	value, ok := os.LookupEnv(name)
	return core.Setting{Value: core.NewSecret(value), Variable: name}, ok
}}

// completePlugin completes the names of installed plugins that the line does not have yet.
func completePlugin(most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		file, _ := openProfiles(cmd.Context()) // comes beside an error, too
		if file == nil || len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names := slices.DeleteFunc(pluginNames(file), func(name string) bool { return slices.Contains(args, name) })
		return startingWith(names, begun), cobra.ShellCompDirectiveNoFileComp
	}
}
