package plugin

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/profile"
)

func pruneCommand(a *cmdutil.App) *cobra.Command {
	var others []string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove programs of plugins that no profile file needs",
		Long: `Remove the programs in the folder of installed plugins that no profile file names: neither the one in
use nor any that plugin install has written. --profiles names further files, which were copied or
written by hand. The command prints the path of each program that it removes. If a profile file
cannot be read, nothing is removed.

A profile file names the programs of all its checksums, so that plugin rollback still works. For a
plugin with a public key, the version before the installed one stays.`,
		Example: `  taegis plugin prune --dry-run
  taegis plugin prune --profiles /srv/reports/config.toml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, err := findPrograms()
			if err != nil {
				return err
			}
			return prune(cmd.Context(), a, folder, others, dryRun)
		},
	}
	cmd.Flags().StringArrayVar(&others, "profiles", nil, "further profile file with plugins; repeatable")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print what would be removed, and remove nothing")
	return cmd
}

// prune removes the programs that none of the profile files needs.
func prune(ctx context.Context, a *cmdutil.App, folder programFolder, others []string, dryRun bool) error {
	unlock, err := folder.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	files, err := folder.profileFiles(ctx, a, others)
	if err != nil {
		return err
	}
	removed := 0
	for _, path := range folder.programs() {
		if slices.ContainsFunc(files, func(file *profile.File) bool { return isNeeded(file, path) || folder.isPrevious(file, path) }) {
			continue
		}
		removed++
		if err := a.Printf("%s\n", path); err != nil || dryRun {
			if err != nil {
				return err
			}
			continue
		}
		if err := folder.remove(path); err != nil {
			return err
		}
	}
	switch {
	case removed == 0:
		a.Infof("All programs are needed.")
	case dryRun:
		a.Infof("Programs that would be removed: %d.", removed)
	default:
		a.Infof("Programs removed: %d.", removed)
	}
	return nil
}

// programs returns all programs in the folder, and what installations that were killed left.
func (d programFolder) programs() []string {
	entries, _ := os.ReadDir(string(d)) // a missing folder has none
	var paths []string
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, programPrefix) && isVersion(name) || strings.HasPrefix(name, newPrefix) && isOld(entry) {
			paths = append(paths, filepath.Join(string(d), name))
		}
	}
	return paths
}

// isPrevious reports whether path is the version before that of a plugin with a public key. The
// file does not name it, since it pins no checksum.
func (d programFolder) isPrevious(file *profile.File, path string) bool {
	for name, p := range file.Plugins {
		if len(p.Keys) > 0 && d.previous(name, p) == path {
			return true
		}
	}
	return false
}

// previous returns the latest program of a plugin that is not the one in use, "" for none.
func (d programFolder) previous(name string, p profile.PluginConfig) string {
	for _, path := range d.versions(name) {
		if path != p.Path {
			return path
		}
	}
	return ""
}

// profileFiles returns the profile files that may need programs: the one in use, those that
// programs were installed for, and others.
func (d programFolder) profileFiles(ctx context.Context, a *cmdutil.App, others []string) ([]*profile.File, error) {
	noted, err := d.noted()
	if err != nil {
		return nil, err
	}
	current, err := profile.DefaultPath()
	if err != nil {
		return nil, err
	}
	var files []*profile.File
	for _, path := range slices.Concat(others, []string{current}, noted) {
		_, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) && !slices.Contains(others, path) {
			if slices.Contains(noted, path) {
				a.Infof("%s does not exist any more.", path)
			}
			continue
		}
		file, err := profile.LoadFile(ctx, path)
		if err == nil && len(file.Plugins) == 0 && !exists(path) {
			err = fs.ErrNotExist
		}
		if err != nil {
			return nil, &core.FileError{
				Path: path, Reason: "it may need programs, and cannot be used: " + cmdutil.Cause(err).Error(),
				HintText: "correct it, or remove it", Err: err,
			}
		}
		files = append(files, file)
	}
	return files, nil
}
