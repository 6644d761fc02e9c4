package plugin

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

// grants are the flags of plugin install.
type grants struct {
	name      string
	variables []string
	settings  []string // as KEY=VALUE
}

func installCommand(a *cmdutil.App) *cobra.Command {
	var flags grants
	cmd := &cobra.Command{
		Use:   "install FILE",
		Short: "Install the program of a plugin",
		Long: `Copy a program into a folder that other users cannot access, start it once to read the settings and
variables that it requires, and write its path and checksum (SHA-256) to the profile file. If the
program is not a plugin, nothing is changed. The command prints the checksum and the path.

If a plugin with the name is installed, it is replaced. Its settings and variables are kept, and those
given are added. The replaced program stays in the folder until the next installation, for processes
that still use it.`,
		Example: `  taegis plugin install ./taegis-plugin-acme --set broker_url=https://broker.acme.example --var ACME_SECRET`,
		Args:    cmdutil.ExactArgs("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, p, err := flags.apply(cmd, args[0])
			if err != nil {
				return err
			}
			requirements, err := installPlugin(cmd.Context(), a, file, flags.name, args[0], &p)
			if err != nil {
				return err
			}
			if err := a.Printf("%s  %s\n", p.SHA256, p.Path); err != nil {
				return err
			}
			printRequirements(a, flags.name, p, requirements)
			printChain(a, file, flags.name)
			return nil
		},
	}
	a.Global.TextFlag(cmd.Flags(), &flags.name, "name", "name of the plugin (default: FILE without "+programPrefix+")")
	cmd.Flags().StringArrayVar(&flags.variables, "var", nil, "grant the plugin this environment variable; repeatable")
	cmd.Flags().StringArrayVar(&flags.settings, "set", nil, "setting KEY=VALUE of the plugin; repeatable")
	return cmd
}

// pluginName matches names that the profile file and a shell can contain unquoted.
var pluginName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`) })

// settingName matches names of settings and variables.
var settingName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`) })

// apply returns the profile file and the configuration of the plugin with the flags, without its program.
func (g *grants) apply(cmd *cobra.Command, program string) (*profile.File, profile.PluginConfig, error) {
	g.name = cmp.Or(g.name, strings.TrimPrefix(strings.TrimSuffix(filepath.Base(program), ".exe"), programPrefix))
	if !pluginName().MatchString(g.name) {
		return nil, profile.PluginConfig{}, cmdutil.UsageErrorf(cmd, "%q cannot be a name: give one of letters, digits, dots, underscores and hyphens with --name", g.name)
	}
	path, err := profile.DefaultPath()
	if err != nil {
		return nil, profile.PluginConfig{}, err
	}
	file, err := profile.LoadFile(cmd.Context(), path)
	if file == nil {
		return nil, profile.PluginConfig{}, err // installing the plugin may fix other errors
	}
	p := file.Plugins[g.name]
	p.Env, p.Settings = slices.Clone(p.Env), maps.Clone(p.Settings)
	for _, name := range g.variables {
		if !settingName().MatchString(name) { // it may be NAME=SECRET, so it is not repeated
			return nil, p, cmdutil.UsageErrorf(cmd, "--var takes the name of a variable, without its value")
		}
		if !slices.Contains(p.Env, name) {
			p.Env = append(p.Env, name)
		}
	}
	for _, setting := range g.settings {
		key, value, ok := strings.Cut(setting, "=")
		if !ok || !settingName().MatchString(key) {
			return nil, p, cmdutil.UsageErrorf(cmd, "--set takes KEY=VALUE")
		}
		if p.Settings == nil {
			p.Settings = map[string]string{}
		}
		p.Settings[key] = value
	}
	return file, p, nil
}

// installPlugin copies the program, checks that it is a plugin and writes it to the file. The replaced
// program stays, for processes that read the file before; older versions are removed.
func installPlugin(ctx context.Context, a *cmdutil.App, file *profile.File, name, program string, p *profile.PluginConfig) (plugins.Requirements, error) {
	folder, err := findPrograms()
	if err != nil {
		return plugins.Requirements{}, err
	}
	before := p.Path
	var isNew bool
	if p.Path, p.SHA256, isNew, err = folder.put(name, program); err != nil {
		return plugins.Requirements{}, err
	}
	candidate := &profile.File{Path: file.Path, Plugins: map[string]profile.PluginConfig{name: *p}}
	description, err := plugincheck.Describe(ctx, candidate, name, a.Logger())
	requirements := description.Requirements
	p.Prompts, p.Revokes = description.Prompts, description.Revokes
	if err == nil {
		err = file.SetPlugin(name, *p)
	}
	if err != nil {
		if isNew {
			_, removing := folder.remove(p.Path)
			err = cmdutil.JoinErrors(err, removing)
		}
		return requirements, fmt.Errorf("nothing was installed: %w", err)
	}
	if p.Path != before {
		removeVersions(a, folder, file, name, p.Path, before)
	}
	return requirements, nil
}

// removeVersions removes the programs of a plugin, except for kept and those that the file names.
func removeVersions(a *cmdutil.App, folder programFolder, file *profile.File, name string, kept ...string) {
	for _, path := range folder.versions(name) {
		if slices.Contains(kept, path) || hasProgram(file, path) {
			continue
		}
		if _, err := folder.remove(path); err != nil {
			a.Warnf("an older version of the program was not removed: %v", err)
		}
	}
}

// hasProgram reports whether a plugin of the file has the program at path.
func hasProgram(file *profile.File, path string) bool {
	for _, p := range file.Plugins {
		if p.Path == path {
			return true
		}
	}
	return false
}

// printRequirements prints the requirements of the plugin and the command that grants the missing ones.
func printRequirements(a *cmdutil.App, name string, p profile.PluginConfig, requirements plugins.Requirements) {
	a.Infof("Installed %s.", name)
	var missing []string
	for _, key := range requirements.Settings {
		state := "set"
		if _, ok := p.Settings[key]; !ok {
			state = "missing"
			missing = append(missing, "--set "+key+"=…")
		}
		a.Infof("  requires the setting %s: %s", key, state)
	}
	for _, variable := range requirements.Env {
		state := "granted"
		if !slices.Contains(p.Env, variable) {
			state = "not granted"
			missing = append(missing, "--var "+variable)
		} else if os.Getenv(variable) == "" {
			state = "granted, but not set here"
		}
		a.Infof("  requires the variable %s: %s", variable, state)
	}
	for key := range p.Settings {
		if redact.Sure(key) {
			a.Warnf("the setting %s may be a secret, which does not belong in the file: put it into a variable and grant that with --var", key)
		}
	}
	if len(missing) > 0 {
		a.Infof("Grant the missing requirements:\n  taegis plugin install %s --name %s %s", shellquote.Word(p.Path), name, strings.Join(missing, " "))
	}
}

// printChain prints the profiles that use the plugin, or how to use it.
func printChain(a *cmdutil.App, file *profile.File, name string) {
	if profiles := profilesWith(file, name); len(profiles) > 0 {
		a.Infof("It is in the chain of %s. Test it alone: taegis plugin run %s", cmdutil.JoinNames(profiles), name)
		return
	}
	a.Infof("Test it alone: taegis plugin run %s\nUse it in the chain of a profile, in %s:\n  chain = [%q, %q, %q]",
		name, file.Path, cmdutil.MethodClientCredentials, pluginMethod(name), cmdutil.MethodInteractive)
}
