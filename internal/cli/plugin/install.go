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
		Short: "Install the program of a plugin, and say what it wants",
		Long: `Copy a program into a folder that is closed to other users, start it once to ask what it looks up,
and name it by path and SHA-256 in the file of profiles. Where it is no plugin nothing is changed.
Prints the hash and the path.

Installing another program under the same name replaces the first at once. Its settings and
variables stay; those given are added. The program that was replaced stays in the folder until the
next one is installed, for programs that run and still use it.`,
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
	a.Global.TextFlag(cmd.Flags(), &flags.name, "name", "what the plugin is called (default: FILE without "+programPrefix+")")
	cmd.Flags().StringArrayVar(&flags.variables, "var", nil, "let it see this environment variable")
	cmd.Flags().StringArrayVar(&flags.settings, "set", nil, "set KEY=VALUE for it")
	return cmd
}

// pluginName is what the file and a shell can hold, as in profiles.
var pluginName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// settingName is a name that a plugin may look up.
var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// apply returns the file of profiles and the plugin as it is to be, still without its program.
func (g *grants) apply(cmd *cobra.Command, program string) (*profile.File, profile.PluginConfig, error) {
	g.name = cmp.Or(g.name, strings.TrimPrefix(strings.TrimSuffix(filepath.Base(program), ".exe"), programPrefix))
	if !pluginName.MatchString(g.name) {
		return nil, profile.PluginConfig{}, cmdutil.UsageErrorf(cmd, "%q cannot be a name: give one of letters, digits, dots, underscores and hyphens with --name", g.name)
	}
	path, err := profile.DefaultPath()
	if err != nil {
		return nil, profile.PluginConfig{}, err
	}
	file, err := profile.LoadFile(cmd.Context(), path)
	if file == nil {
		return nil, profile.PluginConfig{}, err // other faults the plugin may mend
	}
	p := file.Plugins[g.name]
	p.Env, p.Settings = slices.Clone(p.Env), maps.Clone(p.Settings)
	for _, name := range g.variables {
		if !settingName.MatchString(name) { // maybe NAME=SECRET, which is not repeated
			return nil, p, cmdutil.UsageErrorf(cmd, "--var takes the name of a variable alone; its value stays in the environment")
		}
		if !slices.Contains(p.Env, name) {
			p.Env = append(p.Env, name)
		}
	}
	for _, setting := range g.settings {
		key, value, ok := strings.Cut(setting, "=")
		if !ok || !settingName.MatchString(key) {
			return nil, p, cmdutil.UsageErrorf(cmd, "--set takes KEY=VALUE")
		}
		if p.Settings == nil {
			p.Settings = map[string]string{}
		}
		p.Settings[key] = value
	}
	return file, p, nil
}

// installPlugin puts the program in its place and into the file, once it has shown that it is a plugin.
// What it replaces stays, for programs that have read the file before and start the plugin again;
// older versions are removed.
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
	requirements, err := plugincheck.Requirements(ctx, candidate, name, a.Logger())
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

// removeVersions removes the programs of a plugin but for those that are kept or that the file names.
func removeVersions(a *cmdutil.App, folder programFolder, file *profile.File, name string, kept ...string) {
	for _, path := range folder.versions(name) {
		if slices.Contains(kept, path) || hasProgram(file, path) {
			continue
		}
		if _, err := folder.remove(path); err != nil {
			a.Warnf("an older version of the program is still there: %v", err)
		}
	}
}

// hasProgram reports whether a plugin of the file has its program there.
func hasProgram(file *profile.File, path string) bool {
	for _, p := range file.Plugins {
		if p.Path == path {
			return true
		}
	}
	return false
}

// printRequirements says what the plugin looks up, and how it is granted what it lacks.
func printRequirements(a *cmdutil.App, name string, p profile.PluginConfig, requirements plugins.Requirements) {
	a.Infof("Installed %s.", name)
	var missing []string
	for _, key := range requirements.Settings {
		state := "set"
		if _, ok := p.Settings[key]; !ok {
			state = "missing"
			missing = append(missing, "--set "+key+"=…")
		}
		a.Infof("  it looks up the setting %s: %s", key, state)
	}
	for _, variable := range requirements.Env {
		state := "granted"
		if !slices.Contains(p.Env, variable) {
			state = "not granted"
			missing = append(missing, "--var "+variable)
		} else if os.Getenv(variable) == "" {
			state = "granted, but not set here"
		}
		a.Infof("  it looks up the variable %s: %s", variable, state)
	}
	for key := range p.Settings {
		if redact.Sure(key) {
			a.Warnf("the setting %s may be a secret, and the file is no place for one: put it into a variable and grant that with --var", key)
		}
	}
	if len(missing) > 0 {
		a.Infof("Grant what it needs of that:\n  taegis plugin install %s --name %s %s", shellquote.Word(p.Path), name, strings.Join(missing, " "))
	}
}

// printChain says where the plugin is used, or how it comes to be.
func printChain(a *cmdutil.App, file *profile.File, name string) {
	if profiles := profilesWith(file, name); len(profiles) > 0 {
		a.Infof("It is in the chain of %s. Try it alone: taegis plugin run %s", cmdutil.JoinNames(profiles), name)
		return
	}
	a.Infof("Try it alone: taegis plugin run %s\nUse it in the chain of a profile, in %s:\n  chain = [%q, %q, %q]",
		name, file.Path, cmdutil.MethodClientCredentials, pluginMethod(name), cmdutil.MethodInteractive)
}
