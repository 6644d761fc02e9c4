// Package plugin is the command group that builds, installs and checks plugins.
package plugin

import (
	"errors"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/profile"
)

// NewCommand returns the command group plugin.
func NewCommand(a *cmdutil.App) *cobra.Command {
	cmd := cmdutil.NewGroup("plugin", "Log in with programs of your own or your company's",
		createCommand(a),
		buildCommand(a),
		installCommand(a),
		listCommand(a),
		verifyCommand(a),
		checksumCommand(a),
		removeCommand(a),
		runCommand(a),
	)
	cmd.Long = `A plugin is a program that logs in, as a link "plugin:NAME" of a chain. It is run only where the
file of profiles names it by path and SHA-256, and it sees nothing but the settings and variables
that are granted to it there.`
	return cmd
}

// installed returns what the file says of a plugin.
func installed(cmd *cobra.Command, file *profile.File, name string) (profile.PluginConfig, error) {
	p, ok := file.Plugins[name]
	if ok {
		return p, nil
	}
	err := errors.New(`there is no plugin "` + name + "\": `taegis plugin list` lists them")
	return p, cmdutil.UsageErrorf(cmd, "%w", cmdutil.DidYouMean(err, "there is no plugin", name, plugincheck.Names(file)))
}

// pluginMethod is the name of a plugin in chains.
func pluginMethod(name string) string { return "plugin:" + name }

// profilesWith are the profiles that have the plugin in their chain.
func profilesWith(file *profile.File, name string) []string {
	var profiles []string
	for _, holder := range slices.Sorted(maps.Keys(file.Profiles)) {
		if slices.ContainsFunc(file.Profiles[holder].Chain, func(l profile.Method) bool { return l.Name == pluginMethod(name) }) {
			profiles = append(profiles, holder)
		}
	}
	return profiles
}

// completePlugin completes the names of installed plugins that the line does not have yet.
func completePlugin(most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		file, _ := cmdutil.OpenProfiles(cmd.Context()) // comes beside an error, too
		if file == nil || len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names := slices.DeleteFunc(plugincheck.Names(file), func(name string) bool { return slices.Contains(args, name) })
		return cmdutil.FilterCompletions(names, begun), cobra.ShellCompDirectiveNoFileComp
	}
}
