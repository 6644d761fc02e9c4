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
	cmd := cmdutil.NewGroup("plugin", "Build, install and check plugins that log in",
		createCommand(a),
		buildCommand(a),
		installCommand(a),
		listCommand(a),
		verifyCommand(a),
		checksumCommand(a),
		rollbackCommand(a),
		removeCommand(a),
		pruneCommand(a),
		runCommand(a),
		keygenCommand(a),
		signCommand(a),
	)
	cmd.Long = `Build, install and check plugins. A plugin is a program that logs in, as the authenticator plugin:NAME of
a chain. It is started only if the profile file has its path, and its checksum (SHA-256) or the public
key that signed it, and it gets only the settings and variables that the file grants.`
	cmd.Example = `  taegis plugin new acme
  taegis plugin install ./taegis-plugin-acme`
	return cmd
}

// open returns the profile file and the configuration of an installed plugin.
func open(cmd *cobra.Command, name string) (*profile.File, profile.PluginConfig, error) {
	file, err := cmdutil.OpenProfiles(cmd.Context())
	if err != nil {
		return nil, profile.PluginConfig{}, err
	}
	p, err := installed(cmd, file, name)
	return file, p, err
}

// installed returns the configuration of a plugin, or a usage error if it is not installed.
func installed(cmd *cobra.Command, file *profile.File, name string) (profile.PluginConfig, error) {
	p, ok := file.Plugins[name]
	if ok {
		return p, nil
	}
	err := errors.New(`unknown plugin "` + name + "\": `taegis plugin list` lists them")
	return p, cmdutil.UsageErrorf(cmd, "%w", cmdutil.DidYouMean(err, "unknown plugin", name, plugincheck.Names(file)))
}

// pluginMethod returns the method of a plugin.
func pluginMethod(name string) string { return "plugin:" + name }

// profilesWith returns the profiles with the plugin in their chain.
func profilesWith(file *profile.File, name string) []string {
	var profiles []string
	for _, holder := range slices.Sorted(maps.Keys(file.Profiles)) {
		if slices.ContainsFunc(file.Profiles[holder].Chain, func(l profile.Method) bool { return l.Name == pluginMethod(name) }) {
			profiles = append(profiles, holder)
		}
	}
	return profiles
}

// completePlugin completes the names of installed plugins for at most most arguments, without those that
// are already given.
func completePlugin(most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		file, _ := cmdutil.OpenProfiles(cmd.Context()) // it may come with an error
		if file == nil || len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names := slices.DeleteFunc(plugincheck.Names(file), func(name string) bool { return slices.Contains(args, name) })
		return cmdutil.FilterCompletions(names, begun), cobra.ShellCompDirectiveNoFileComp
	}
}
