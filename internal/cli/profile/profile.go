// Package profile is the command group that shows and chooses profiles.
package profile

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/profile"
)

// NewCommand returns the command group profile.
func NewCommand(a *cmdutil.App) *cobra.Command {
	cmd := cmdutil.NewGroup("profile", "Choose environment, token store and chain by name",
		listCommand(a),
		showCommand(a),
		useCommand(a),
		initCommand(a),
	)
	cmd.Long = `A profile names an environment, a tenant, the place for tokens and the chain: the ways to log in and
their order. Profiles stand in a file, which ` + "`taegis profile init`" + ` begins and ` + "`taegis profile show`" + `
names. What a flag says comes first, then a variable, then the profile, then the file that is shared
with the Python SDK, then the default.`
	return cmd
}

// listedProfile is a line of profile list.
type listedProfile struct {
	Name        string `json:"name"`
	Active      bool   `json:"in_use"`
	Environment string `json:"environment,omitempty"`
	Tenant      string `json:"tenant,omitempty"`
	TokenStore  string `json:"token_store,omitempty"`
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the profiles; a star marks the one in use", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if file == nil {
				return err
			}
			used, unknown := file.Active(profile.Overrides{Profile: a.Global.Profile})
			list := []listedProfile{}
			for _, name := range slices.Sorted(maps.Keys(file.Profiles)) {
				p := file.Profiles[name]
				list = append(list, listedProfile{name, name == used.Text, p.Environment, p.Tenant, p.TokenStore})
			}
			// Who chose one that is not there, or wrote one wrong, needs the list to set that right.
			return cmdutil.JoinErrors(cmp.Or(err, unknown), printProfiles(a, list, asJSON))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printProfiles(a *cmdutil.App, list []listedProfile, asJSON bool) error {
	if asJSON {
		return a.PrintJSON(list)
	}
	if len(list) == 0 {
		a.Infof("There are no profiles; `taegis profile init` begins a file.")
	}
	for _, p := range list {
		mark := " "
		if p.Active {
			mark = "*"
		}
		if err := a.Printf("%s %s\n", mark, strings.TrimRight(redact.Sprintf("%-16s %-12s %s", p.Name, cmp.Or(p.Environment, "-"), p.Tenant), " ")); err != nil {
			return err
		}
	}
	return nil
}

// shownProfile is what profile show prints.
type shownProfile struct {
	Path     string          `json:"path"`
	Profile  string          `json:"profile,omitempty"`
	Settings []profile.Value `json:"settings"`
	Chain    []string        `json:"chain"`
}

func showCommand(a *cmdutil.App) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show [NAME]", Short: "Show what a profile comes to, and who decides each setting", Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: cmdutil.CompleteProfile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				a.Global.Profile = args[0]
			}
			chosen, err := a.Resolve(cmd.Context())
			if err != nil {
				return err
			}
			shown := shownProfile{Path: chosen.File.Path, Profile: chosen.Profile, Settings: cmdutil.RedactSettings(chosen.Values), Chain: chainOf(chosen)}
			if asJSON {
				return a.PrintJSON(shown)
			}
			return a.PrintPage(shown.String())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// chainOf writes the links of the chain as the file does.
func chainOf(chosen *profile.Settings) []string {
	chain := chosen.File.Profiles[chosen.Profile].Chain
	if chain == nil {
		return []string{cmdutil.MethodClientCredentials, cmdutil.MethodInteractive}
	}
	var names []string
	for _, method := range chain {
		name := method.Name
		if method.ContinueOnError {
			name += " (a failure lets the next one try)"
		}
		names = append(names, name)
	}
	return names
}

// String is the profile as users read it.
func (s shownProfile) String() string {
	var b strings.Builder
	_ = redact.Fprintf(&b, "%-14s %s\n", "file", s.Path)
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
		Use: "use NAME", Short: "Make a profile the one in use", Args: cobra.ExactArgs(1),
		ValidArgsFunction: cmdutil.CompleteProfile,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if file == nil {
				return err // other faults this may mend
			}
			if err := file.Use(args[0]); err != nil {
				return err
			}
			a.Infof("Profile %s is in use.", args[0])
			a.WarnIfOverridden(profile.NameVariable, args[0])
			return nil
		},
	}
}

func initCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use: "init", Short: "Begin a file with a profile and all that it can say", Args: cobra.NoArgs,
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
