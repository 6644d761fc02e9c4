package plugin

import (
	"cmp"
	"errors"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/profile"
)

// listedPlugin is a plugin in the output of plugin list.
type listedPlugin struct {
	Name      string            `json:"name"`
	Path      string            `json:"path"`
	SHA256    string            `json:"sha256"`            // the preferred one
	Older     []string          `json:"older,omitempty"`   // further checksums that may run
	Keys      []string          `json:"keys,omitempty"`    // public keys that have to have signed it
	Denied    []string          `json:"denied,omitempty"`  // checksums that may not run
	Version   string            `json:"version,omitempty"` // what the program says of itself
	Vendor    string            `json:"vendor,omitempty"`
	Settings  map[string]string `json:"settings,omitempty"`
	Variables []string          `json:"variables,omitempty"`
	Profiles  []string          `json:"profiles"` // profiles with the plugin in their chain
	File      string            `json:"file"`     // the profile file that defines it
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the installed plugins",
		Long:  "List the installed plugins with their checksums, profiles and paths.",
		Example: `  taegis plugin list
  taegis plugin list --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if errors.Is(err, fs.ErrNotExist) {
				a.Warnf("%v", err) // installing the first plugin creates the file
			} else if err != nil {
				return err
			}
			list := listPlugins(file)
			if out.Chosen() {
				return cmdutil.PrintList(cmd.Context(), out, list)
			}
			if len(list) == 0 {
				a.Infof("No plugin is installed; `taegis plugin install FILE` installs one, `taegis plugin new NAME` creates one.")
			}
			for _, p := range list {
				err := a.Printf("%-16s %-12.12s %-16s %s%s\n", p.Name, cmp.Or(p.SHA256, signedMark(p.Keys), "-"), cmp.Or(strings.Join(p.Profiles, ","), "-"), p.Path,
					cmdutil.OfSystem(file, "plugins."+p.Name))
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	out = a.NewTextOutput(cmd, output.Column{Name: "NAME", Path: "name"}, output.Column{Name: "SHA256", Path: "sha256"},
		output.Column{Name: "PROFILES", Path: "profiles"}, output.Column{Name: "PATH", Path: "path"})
	return cmd
}

func listPlugins(file *profile.File) []listedPlugin {
	list := []listedPlugin{}
	for _, name := range plugincheck.Names(file) {
		p := file.Plugins[name]
		settings := map[string]string{}
		for key, value := range p.Settings {
			settings[key] = cmdutil.RedactValue(strings.ToLower(key), value)
		}
		profiles := append([]string{}, profilesWith(file, name)...)
		listed := listedPlugin{
			Name: name, Path: p.Path, Keys: p.Keys, Denied: p.Deny, Version: p.Version, Vendor: p.Vendor,
			Settings: settings, Variables: p.Env, Profiles: profiles, File: file.Origin("plugins." + name),
		}
		if len(p.SHA256) > 0 {
			listed.SHA256, listed.Older = p.SHA256[0], p.SHA256[1:]
		}
		list = append(list, listed)
	}
	return list
}

// signedMark returns what stands in place of a checksum for a plugin with public keys.
func signedMark(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	return "signed"
}
