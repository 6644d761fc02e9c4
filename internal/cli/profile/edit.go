package profile

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/profile"
)

func setCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "set NAME KEY VALUE",
		Short: "Set a key of a profile",
		Long: `Set a key of a profile in the profile file, and create a missing profile or file. Comments and the rest
of the file stay. The value of chain is a list of methods, separated by commas. The file holds no
secret: client-secret-variable is the name of the variable that does.`,
		Example: `  taegis profile set work environment us2
  taegis profile set work chain client-credentials,sso`,
		Args:              cmdutil.ExactArgs("NAME", "KEY", "VALUE"),
		ValidArgsFunction: completeKey,
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[1] == secretVariable && !cmdutil.IsVariableName(args[2]) {
				return cmdutil.UsageErrorf(cmd, "%s must be the name of an environment variable, for example WORK_CLIENT_SECRET, "+
					"and the value does not look like one", secretVariable)
			}
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if file == nil {
				return err // setting a key may fix other errors
			}
			_, known := file.Profiles[args[0]]
			if err := usage(cmd, file.SetKey(args[0], args[1], args[2])); err != nil {
				return err
			}
			if !known {
				a.Infof("Profile %s is new; `taegis profile use %s` makes it active.", args[0], args[0])
			}
			return nil
		},
	}
}

// secretVariable is the key of the variable with the secret of a client.
const secretVariable = "client-secret-variable"

// usage marks an error about a key or value of the command line as a usage error.
func usage(cmd *cobra.Command, err error) error {
	if errors.Is(err, profile.ErrInvalid) {
		return cmdutil.UsageErrorf(cmd, "%w", err)
	}
	return err
}

func unsetCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:               "unset NAME KEY",
		Short:             "Remove a key of a profile",
		Long:              "Remove a key of a profile. Removing a missing key is not an error. Comments stay.",
		Example:           "  taegis profile unset work tenant",
		Args:              cmdutil.ExactArgs("NAME", "KEY"),
		ValidArgsFunction: completeKey,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if file == nil {
				return err
			}
			if err := usage(cmd, file.UnsetKey(args[0], args[1])); err != nil {
				return err
			}
			if from := cmdutil.OfSystem(file, "profiles."+args[0]+"."+args[1]); from != "" {
				a.Infof("The key is set still%s.", from)
			}
			return nil
		},
	}
}

func deleteCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:               "delete NAME",
		Short:             "Delete a profile",
		Long:              "Delete a profile. If it is the active one, no profile is active then. Cached tokens stay.",
		Example:           "  taegis profile delete work",
		Args:              cmdutil.ExactArgs("NAME"),
		ValidArgsFunction: cmdutil.CompleteProfile,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if file == nil {
				return err
			}
			active := file.Current == args[0]
			if err := file.DeleteProfile(args[0]); err != nil {
				return err
			}
			if active && file.Current == "" {
				a.Infof("Profile %s was active; now no profile is.", args[0])
			}
			return nil
		},
	}
}

// completeKey completes a profile, then a key.
func completeKey(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return cmdutil.CompleteProfile(cmd, args, begun)
	case 1:
		return cmdutil.FilterCompletions(profile.Keys(), begun), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
