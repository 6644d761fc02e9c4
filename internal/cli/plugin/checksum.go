package plugin

import (
	"cmp"
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
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if err != nil {
				return err
			}
			p, err := installed(cmd, file, args[0])
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
			if err := a.Printf("pinned   %s\nprogram  %s\n", cmp.Or(p.SHA256, "nothing"), sum); err != nil {
				return err
			}
			if strings.EqualFold(sum, p.SHA256) {
				a.Infof("The checksum is unchanged.")
				return nil
			}
			p.SHA256 = sum
			if err := file.SetPlugin(args[0], p); err != nil {
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
		Short: "Remove a plugin and its program",
		Long: `Remove a plugin from the profile file, and its program if plugin install copied it. A plugin that is in
a chain is not removed.`,
		Example:           `  taegis plugin remove acme`,
		Args:              cmdutil.ExactArgs("NAME"),
		ValidArgsFunction: completePlugin(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if err != nil {
				return err
			}
			p, err := installed(cmd, file, args[0])
			if err != nil {
				return err
			}
			if profiles := profilesWith(file, args[0]); len(profiles) > 0 {
				return &core.FileError{
					Path: file.Path, Reason: pluginMethod(args[0]) + " is in the chain of " + cmdutil.JoinNames(profiles),
					HintText: "remove it from there first",
				}
			}
			return removePlugin(a, file, args[0], p.Path)
		},
	}
}

// removePlugin removes the plugin from the file before it removes the program, so that no process runs
// a missing program.
func removePlugin(a *cmdutil.App, file *profile.File, name, program string) error {
	folder, err := findPrograms()
	if err != nil {
		return err
	}
	if err := file.RemovePlugin(name); err != nil {
		return err
	}
	removeVersions(a, folder, file, name, program)
	removed := false
	if !hasProgram(file, program) {
		removed, err = folder.remove(program)
	}
	if err == nil && !removed {
		a.Infof("Removed %s, but not the program %s.", name, program)
	} else if err == nil {
		a.Infof("Removed %s and its program.", name)
	}
	return err
}
