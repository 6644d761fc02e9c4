package plugin

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"aead.dev/minisign"
	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
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
	keys      []string // public keys
	entry     string   // the program in a folder
}

func installCommand(a *cmdutil.App) *cobra.Command {
	var flags grants
	cmd := &cobra.Command{
		Use:   "install FILE",
		Short: "Install the program of a plugin",
		Long: `Copy a program into a folder that other users cannot access, start it once to read the settings and
variables that it requires, and write its path and checksum (SHA-256) to the profile file. If the
program is not a plugin, nothing is changed. The command prints the checksum and the path.

FILE may be a folder, for a plugin of several files: --entry names its program. All of its files are
copied and pinned, by their names, modes and contents.

With --key, the program needs a signature by that public key, in FILE.minisig, and so does every
later version; no checksum is pinned then.

If a plugin with the name is installed, the new version comes before the old one: programs that run
start the new one at their next login, and the old one stays in the folder for those that know only
that, and for plugin rollback. Its settings and variables are kept, and those given are added. The
command plugin prune removes programs that are not needed.`,
		Example: `  taegis plugin install ./taegis-plugin-acme --set broker_url=https://broker.acme.example --var ACME_SECRET
  taegis plugin install ./acme-login --entry main.py --name acme
  taegis plugin install ./taegis-plugin-acme --key RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3`,
		Args: cmdutil.ExactArgs("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := flags.check(cmd, args[0])
			if err != nil {
				return err
			}
			if from := cmdutil.OfSystem(file, "plugins."+flags.name); from != "" {
				a.Infof("%s is a plugin of the system%s; the one in %s takes its place for you.", flags.name, from, file.Path)
			}
			install := &installation{app: a, file: file, grants: &flags, from: args[0]}
			if err := install.run(cmd.Context()); err != nil {
				return err
			}
			if err := a.Printf("%s  %s\n", install.sum, install.path); err != nil {
				return err
			}
			printRequirements(a, flags.name, file.Plugins[flags.name], install.description.Requirements)
			a.Infof("%s", install.program.String())
			printChain(a, file, flags.name)
			return nil
		},
	}
	a.Global.TextFlag(cmd.Flags(), &flags.name, "name", "name of the plugin (default: FILE without "+programPrefix+")")
	cmd.Flags().StringArrayVar(&flags.variables, "var", nil, "grant the plugin this environment variable; repeatable")
	cmd.Flags().StringArrayVar(&flags.settings, "set", nil, "setting KEY=VALUE of the plugin; repeatable")
	cmd.Flags().StringArrayVar(&flags.keys, "key", nil, "public key that has to have signed the program; repeatable")
	a.Global.TextFlag(cmd.Flags(), &flags.entry, "entry", "program in the folder FILE")
	return cmd
}

// pluginName matches names that the profile file and a shell can contain unquoted.
var pluginName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`) })

// settingName matches names of settings and variables.
var settingName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`) })

// check returns the profile file. It returns a usage error for flags that cannot be used.
func (g *grants) check(cmd *cobra.Command, program string) (*profile.File, error) {
	g.name = cmp.Or(g.name, strings.TrimPrefix(strings.TrimSuffix(filepath.Base(program), ".exe"), programPrefix))
	if !pluginName().MatchString(g.name) {
		return nil, cmdutil.UsageErrorf(cmd, "%q cannot be a name: give one of letters, digits, dots, underscores and hyphens with --name", g.name)
	}
	for _, name := range g.variables {
		if !settingName().MatchString(name) { // it may be NAME=SECRET, so it is not repeated
			return nil, cmdutil.UsageErrorf(cmd, "--var takes the name of a variable, without its value")
		}
	}
	for _, setting := range g.settings {
		key, _, ok := strings.Cut(setting, "=")
		if !ok || !settingName().MatchString(key) {
			return nil, cmdutil.UsageErrorf(cmd, "--set takes KEY=VALUE")
		}
	}
	for _, key := range g.keys {
		if err := new(minisign.PublicKey).UnmarshalText([]byte(key)); err != nil {
			return nil, cmdutil.UsageErrorf(cmd, "--key takes a public key of minisign, which begins with RW")
		}
	}
	if info, err := os.Stat(program); err == nil && info.IsDir() != (g.entry != "") {
		if g.entry != "" {
			return nil, cmdutil.UsageErrorf(cmd, "--entry is the program in a folder, and %s is not a folder", program)
		}
		return nil, cmdutil.UsageErrorf(cmd, "%s is a folder: name the program in it with --entry", program)
	}
	path, err := profile.DefaultPath()
	if err != nil {
		return nil, err
	}
	file, err := profile.LoadFile(cmd.Context(), path)
	if file == nil {
		return nil, err // installing the plugin may fix other errors
	}
	return file, nil
}

// applied returns the configuration of a plugin with the flags.
func (g *grants) applied(p profile.PluginConfig) profile.PluginConfig {
	for _, name := range g.variables {
		if !slices.Contains(p.Env, name) {
			p.Env = append(p.Env, name)
		}
	}
	for _, setting := range g.settings {
		key, value, _ := strings.Cut(setting, "=")
		if p.Settings == nil {
			p.Settings = map[string]string{}
		}
		p.Settings[key] = value
	}
	for _, key := range g.keys {
		if !slices.Contains(p.Keys, key) {
			p.Keys = append(p.Keys, key)
		}
	}
	if len(g.keys) > 0 {
		p.SHA256 = nil // the key is pinned in place of checksums
	}
	p.Entry = g.entry
	return p
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
