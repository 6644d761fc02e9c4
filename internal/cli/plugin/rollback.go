package plugin

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

func rollbackCommand(a *cmdutil.App) *cobra.Command {
	var deny bool
	cmd := &cobra.Command{
		Use:   "rollback NAME",
		Short: "Return to the version before",
		Long: `Make the version of a plugin that was installed before the preferred one. The command starts it once,
as plugin install does, and prints its checksum and path. Programs that run start it at their next
login. A second rollback returns to the newer version.

With --deny, the version that was preferred is put on the deny list of the plugin: it does not run any
more, whatever pins or signs it.`,
		Example: `  taegis plugin rollback acme
  taegis plugin rollback acme --deny`,
		Args:              cmdutil.ExactArgs("NAME"),
		ValidArgsFunction: completePlugin(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, _, err := open(cmd, args[0])
			if err != nil {
				return err
			}
			return rollBack(cmd.Context(), a, file, args[0], deny)
		},
	}
	cmd.Flags().BoolVar(&deny, "deny", false, "deny the version that was preferred")
	return cmd
}

// rollBack makes the version before the preferred one.
func rollBack(ctx context.Context, a *cmdutil.App, file *profile.File, name string, deny bool) error {
	folder, err := findPrograms()
	if err != nil {
		return err
	}
	unlock, err := folder.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	var target plugincheck.Program
	err = file.UpdatePlugin(name, func(p profile.PluginConfig) (profile.PluginConfig, error) {
		older, newer, err := versionsOf(folder, file, name, p)
		if err != nil {
			return p, err
		}
		if p, target, err = tried(ctx, a, name, older); err != nil {
			return p, err
		}
		if deny {
			p.SHA256 = slices.DeleteFunc(p.SHA256, func(sum string) bool { return sum == newer })
			if !slices.Contains(normalized(p.Deny), newer) {
				p.Deny = append(p.Deny, newer)
			}
		}
		return p, nil
	})
	if err != nil {
		return err
	}
	a.Infof("Rolled %s back.", name)
	return a.Printf("%s  %s\n", target.SHA256, target.Path)
}

// noVersion is the error for a plugin with one version alone.
func noVersion(file *profile.File, name string) error {
	return &core.FileError{
		Path: file.Path, Reason: "there is no other version of " + name,
		HintText: "install one with `taegis plugin install`, or list both checksums in sha256",
	}
}

// versionsOf returns the plugin with the version before as the preferred one, and the checksum of
// the version that was preferred.
func versionsOf(folder programFolder, file *profile.File, name string, p profile.PluginConfig) (older profile.PluginConfig, newer string, err error) {
	older = p
	if sums := normalized(p.SHA256); len(sums) > 1 {
		older.SHA256 = append(profile.Strings{sums[1], sums[0]}, sums[2:]...)
		return older, sums[0], nil
	}
	if len(p.Keys) == 0 || len(p.SHA256) > 0 {
		return p, "", noVersion(file, name)
	}
	if older.Path = folder.previous(name, p); older.Path == "" {
		return p, "", noVersion(file, name)
	}
	newer, err = plugins.Checksum(p.Path)
	return older, newer, err
}

// tried starts the most preferred program of a plugin, and no other one. It returns the plugin with
// the path of that program.
func tried(ctx context.Context, a *cmdutil.App, name string, p profile.PluginConfig) (profile.PluginConfig, plugincheck.Program, error) {
	alone := p
	alone.SHA256 = alone.SHA256[:min(1, len(alone.SHA256))]
	file := &profile.File{Plugins: map[string]profile.PluginConfig{name: alone}}
	program, err := plugincheck.Find(file, name)
	if err == nil {
		var description plugins.Description
		description, err = plugincheck.Describe(ctx, file, name, a.Logger())
		described(&p, description)
	}
	if err != nil {
		return p, program, fmt.Errorf("nothing was rolled back: %w", err)
	}
	if filepath.Base(p.Path) != filepath.Base(program.Path) && plugins.VersionPath(p.Path, "") == plugins.VersionPath(program.Path, "") && isVersion(p.Path) {
		p.Path = program.Path
	}
	return p, program, nil
}
