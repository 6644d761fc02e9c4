package plugin

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

func checksumCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "checksum NAME",
		Short: "Pin the checksum of a plugin's program",
		Long: `Show the pinned checksum (SHA-256) of a plugin and the checksum of its program, and pin the latter.
The program is not started.`,
		Example:           `  taegis plugin checksum acme`,
		Args:              cmdutil.ExactArgs("NAME"),
		ValidArgsFunction: completePlugin(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, p, err := open(cmd, args[0])
			if err != nil {
				return err
			}
			sum, err := plugins.Checksum(p.Path)
			if err != nil {
				return &core.FileError{
					Path: p.Path, Reason: cmdutil.Cause(err).Error(), Err: err,
					HintText: "taegis plugin install FILE --name " + args[0],
				}
			}
			if err := a.Printf("pinned   %s\nprogram  %s\n", cmp.Or(strings.Join(p.SHA256, " "), signedMark(p.Keys), "nothing"), sum); err != nil {
				return err
			}
			switch {
			case slices.Contains(normalized(p.SHA256), sum):
				a.Infof("The checksum is unchanged.")
				return nil
			case len(p.Keys) > 0 && len(p.SHA256) == 0:
				a.Infof("No checksum is pinned: the program needs a signature by a pinned key.")
				return nil
			}
			err = file.UpdatePlugin(args[0], func(p profile.PluginConfig) (profile.PluginConfig, error) {
				p.SHA256 = profile.Strings{sum}
				return p, nil
			})
			if err != nil {
				return err
			}
			a.Infof("Pinned the checksum of %s. `taegis plugin verify %s` starts the program once.", args[0], args[0])
			return nil
		},
	}
}

func removeCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a plugin from the profile file",
		Long: `Remove a plugin from the profile file. Its programs stay, because another profile file may name them:
plugin prune removes those that none needs. A plugin that is in a chain is not removed.`,
		Example:           `  taegis plugin remove acme`,
		Args:              cmdutil.ExactArgs("NAME"),
		ValidArgsFunction: completePlugin(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, _, err := open(cmd, args[0])
			if err != nil {
				return err
			}
			if profiles := profilesWith(file, args[0]); len(profiles) > 0 {
				return &core.FileError{
					Path: file.Path, Reason: pluginMethod(args[0]) + " is in the chain of " + cmdutil.JoinNames(profiles),
					HintText: "remove it from there first",
				}
			}
			if err := file.RemovePlugin(args[0]); err != nil {
				return err
			}
			a.Infof("Removed %s. `taegis plugin prune` removes programs that no profile file needs.", args[0])
			return nil
		},
	}
}
