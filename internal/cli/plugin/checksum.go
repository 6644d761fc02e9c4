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
		Short: "Trust the program of a plugin as it is now",
		Long: `Show the SHA-256 that was pinned and that of the program as it is now, and pin the latter. The
program is not started.`,
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
				a.Infof("Nothing has changed.")
				return nil
			}
			p.SHA256 = sum
			if err := file.SetPlugin(args[0], p); err != nil {
				return err
			}
			a.Infof("Pinned %s as it is now. `taegis plugin verify %s` starts it once.", args[0], args[0])
			return nil
		},
	}
}

func removeCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Take a plugin out of the file of profiles, and remove its program",
		Long: `Take a plugin out of the file of profiles, and remove its program where plugin install has put it.
A plugin that a chain has is not removed.`,
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
					HintText: "take it out of there first",
				}
			}
			return removePlugin(a, file, args[0], p.Path)
		},
	}
}

// removePlugin takes the plugin out of the file first: from then on nothing runs the program.
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
		a.Infof("Removed %s; what is at %s was left alone.", name, program)
	} else if err == nil {
		a.Infof("Removed %s and its program.", name)
	}
	return err
}
