package plugin

import (
	"context"
	"fmt"
	"slices"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

// installation is one run of plugin install.
type installation struct {
	app  *cmdutil.App
	file *profile.File
	*grants

	from string // what is installed

	path, sum   string // what was installed
	description plugins.Description
	program     plugincheck.Program
}

// run copies the program, checks that it is a plugin and writes it to the file. Programs of other
// versions stay, for processes that read the file before.
func (i *installation) run(ctx context.Context) error {
	folder, err := findPrograms()
	if err != nil {
		return err
	}
	var isNew bool
	if i.path, i.sum, isNew, err = folder.put(i.name, i.from); err != nil {
		return err
	}
	if err = i.try(ctx); err == nil {
		err = i.write(ctx, folder)
	}
	if err == nil {
		return nil
	}
	if isNew {
		err = cmdutil.JoinErrors(err, i.undo(ctx, folder))
	}
	return fmt.Errorf("nothing was installed: %w", err)
}

// try starts the program, as it will be started.
func (i *installation) try(ctx context.Context) error {
	candidate := i.applied(i.file.Plugins[i.name])
	candidate.Path = i.path
	if len(candidate.Keys) == 0 {
		candidate.SHA256 = profile.Strings{i.sum}
	} else {
		candidate.SHA256 = nil
	}
	file := &profile.File{Path: i.file.Path, Plugins: map[string]profile.PluginConfig{i.name: candidate}}
	var err error
	if i.program, err = plugincheck.Find(file, i.name); err != nil {
		return err
	}
	i.description, err = plugincheck.Describe(ctx, file, i.name, i.app.Logger())
	return err
}

// write writes the plugin to the file, the new version before the one that was preferred.
func (i *installation) write(ctx context.Context, folder programFolder) error {
	unlock, err := folder.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if !exists(i.path) { // it was pruned meanwhile
		if _, sum, _, err := folder.put(i.name, i.from); err != nil || sum != i.sum {
			return cmdutil.JoinErrors(err, errChanged)
		}
	}
	err = i.file.UpdatePlugin(i.name, func(p profile.PluginConfig) (profile.PluginConfig, error) {
		before := p.SHA256
		folder.keep(i.name, p)
		p = i.applied(p)
		p.Path = i.path
		described(&p, i.description)
		if len(p.Keys) == 0 || len(p.SHA256) > 0 {
			p.SHA256 = upgraded(before, i.sum)
		}
		return p, nil
	})
	if err == nil {
		err = folder.note(i.file.Path)
	}
	return err
}

// upgraded returns the checksums after an upgrade: the new one, and the one that was preferred.
func upgraded(before profile.Strings, sum string) profile.Strings {
	rest := slices.DeleteFunc(normalized(before), func(old string) bool { return old == sum })
	return append(profile.Strings{sum}, rest[:min(1, len(rest))]...)
}

// undo removes the program of an installation that failed, unless another one has installed it.
func (i *installation) undo(ctx context.Context, folder programFolder) error {
	unlock, err := folder.lock(ctx)
	if err != nil {
		return nil // plugin prune removes it
	}
	defer unlock()
	if now, _ := profile.LoadFile(ctx, i.file.Path); now == nil || isNeeded(now, i.path) {
		return nil
	}
	return folder.remove(i.path)
}

// described notes in the file what a program says of itself.
func described(p *profile.PluginConfig, d plugins.Description) {
	p.Version, p.Vendor, p.Prompts, p.Revokes = d.Version, d.Vendor, d.Prompts, d.Revokes
}
