// Package profile is the command group that shows, chooses and edits profiles.
package profile

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/profile"
)

// NewCommand returns the command group profile.
func NewCommand(a *cmdutil.App) *cobra.Command {
	cmd := cmdutil.NewGroup("profile", "Show, choose and edit profiles",
		listCommand(a),
		showCommand(a),
		useCommand(a),
		setCommand(a),
		unsetCommand(a),
		deleteCommand(a),
		initCommand(a),
	)
	cmd.Long = `Show, choose and edit profiles. A profile has an environment, a tenant, a token store and a chain, which is
the ordered list of login methods. ` + "`taegis profile init`" + ` creates the profile file, and
` + "`taegis profile show`" + ` prints its path. A flag overrides a variable, which overrides the profile, which
overrides the file that is shared with the Python SDK, which overrides the default. The profile file of the
system, which the administrator writes, comes below the user's: a profile has the keys of both.`
	return cmd
}

// listedProfile is a profile in the output of profile list.
type listedProfile struct {
	Name        string `json:"name"`
	Active      bool   `json:"active"`
	Environment string `json:"environment,omitempty"`
	Tenant      string `json:"tenant,omitempty"`
	TokenStore  string `json:"token_store,omitempty"`
	// File is the profile file that has the profile, the user's if both that and the system's do.
	File string `json:"file"`
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the profiles",
		Long:    "List the profiles with their environments and tenants. A star marks the active one.",
		Example: "  taegis profile list --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if file == nil {
				return err
			}
			active, unknown := file.Active(profile.Overrides{Profile: a.Global.Profile})
			list := []listedProfile{}
			for _, name := range slices.Sorted(maps.Keys(file.Profiles)) {
				p := file.Profiles[name]
				list = append(list, listedProfile{name, name == active.Text, p.Environment, p.Tenant, p.TokenStore, file.Origin("profiles." + name)})
			}
			// The list helps to fix an unknown name, so it is printed together with an error.
			return cmdutil.JoinErrors(cmp.Or(err, unknown), printProfiles(cmd.Context(), a, out, file, list))
		},
	}
	out = a.NewTextOutput(cmd, output.Column{Name: "NAME", Path: "name"}, output.Column{Name: "ACTIVE", Path: "active"},
		output.Column{Name: "ENVIRONMENT", Path: "environment"}, output.Column{Name: "TENANT", Path: "tenant"},
		output.Column{Name: "TOKEN STORE", Path: "token_store"}, output.Column{Name: "FILE", Path: "file"})
	return cmd
}

func printProfiles(ctx context.Context, a *cmdutil.App, out *cmdutil.Output, file *profile.File, list []listedProfile) error {
	if out.Chosen() {
		return cmdutil.PrintList(ctx, out, list)
	}
	if len(list) == 0 {
		a.Infof("There are no profiles; `taegis profile init` creates a profile file.")
	}
	for _, p := range list {
		mark := " "
		if p.Active {
			mark = "*"
		}
		line := strings.TrimRight(redact.Sprintf("%-16s %-12s %s", p.Name, cmp.Or(p.Environment, "-"), p.Tenant), " ")
		if err := a.Printf("%s %s%s\n", mark, line, cmdutil.OfSystem(file, "profiles."+p.Name)); err != nil {
			return err
		}
	}
	return nil
}

// shownProfile is the output of profile show.
type shownProfile struct {
	Path     string          `json:"path"`
	System   string          `json:"system,omitempty"` // the system's file, over which that at Path was read
	Profile  string          `json:"profile,omitempty"`
	Settings []profile.Value `json:"settings"`
	Chain    []string        `json:"chain"`
}

func showCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "show [NAME]",
		Short: "Show the settings of a profile and their sources",
		Long: `Show the settings that result from flags, variables and a profile, by default the active one, with the
source of each setting.`,
		Example: `  taegis profile show
  taegis profile show work --json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cmdutil.CompleteProfile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				a.Global.Profile = args[0]
			}
			chosen, err := a.Resolve(cmd.Context())
			if err != nil {
				return err
			}
			shown := shownProfile{Path: chosen.File.Path, System: chosen.File.System, Profile: chosen.Profile, Settings: cmdutil.RedactSettings(chosen.Values), Chain: chainOf(chosen)}
			if out.Chosen() {
				return out.Value(cmd.Context(), shown)
			}
			return a.PrintPage(shown.String())
		},
	}
	out = a.NewTextOutput(cmd)
	return cmd
}

// chainOf returns the methods of the chain.
func chainOf(chosen *profile.Settings) []string {
	chain := chosen.File.Profiles[chosen.Profile].Chain
	if chain == nil {
		return []string{cmdutil.MethodClientCredentials, cmdutil.MethodInteractive}
	}
	var names []string
	for _, method := range chain {
		name := method.Name
		if method.ContinueOnError {
			name += " (continues on error)"
		}
		names = append(names, name)
	}
	return names
}

// String returns the profile as text.
func (s shownProfile) String() string {
	var b strings.Builder
	_ = redact.Fprintf(&b, "%-14s %s\n", "file", s.Path)
	if s.System != "" {
		_ = redact.Fprintf(&b, "%-14s %s\n", "system file", s.System)
	}
	for _, setting := range s.Settings {
		_ = redact.Fprintf(&b, "%-14s %s\n", setting.Name, cmdutil.DescribeSetting(setting))
	}
	for i, method := range s.Chain {
		_ = redact.Fprintf(&b, "%-14s %d. %s\n", map[bool]string{true: "chain"}[i == 0], i+1, method)
	}
	return b.String()
}

func useCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:               "use NAME",
		Short:             "Choose the active profile",
		Long:              "Choose the active profile by writing its name to the profile file.",
		Example:           "  taegis profile use work",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cmdutil.CompleteProfile,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if file == nil {
				return err // choosing a profile may fix other errors
			}
			if err := file.Use(args[0]); err != nil {
				return err
			}
			a.Infof("Profile %s is active.", args[0])
			a.WarnIfOverridden(profile.NameVariable, args[0])
			return nil
		},
	}
}

func initCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:     "init",
		Short:   "Create a profile file",
		Long:    "Create a profile file with one profile and with all keys explained, and print its path.",
		Example: "  taegis profile init",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := profile.DefaultPath()
			if err != nil {
				return err
			}
			if _, err := profile.Init(path); err != nil {
				return err
			}
			return a.Printf("%s\n", path)
		},
	}
}
