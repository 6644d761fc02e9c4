package plugin

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/profile"
)

// verifiedPlugin is a plugin in the output of plugin verify.
type verifiedPlugin struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

func verifyCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "verify [NAME]...",
		Short: "Check the installed plugins",
		Long: `Check all plugins, or those named: the program exists, other users cannot change it, it has the pinned
checksum, it starts, and it has this version of the contract. The command does not log in. The exit
code is 1 if a check fails.`,
		Example: `  taegis plugin verify
  taegis plugin verify acme --json`,
		ValidArgsFunction: completePlugin(math.MaxInt),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := cmdutil.OpenProfiles(cmd.Context())
			if err != nil {
				return err
			}
			for _, name := range args {
				if _, err := installed(cmd, file, name); err != nil {
					return err
				}
			}
			if len(args) == 0 {
				args = plugincheck.Names(file)
			}
			found := []verifiedPlugin{}
			for _, name := range args {
				found = append(found, verifyPlugin(cmd.Context(), a, file, name))
			}
			return printVerified(cmd.Context(), a, out, found)
		},
	}
	out = a.NewTextOutput(cmd)
	return cmd
}

func printVerified(ctx context.Context, a *cmdutil.App, out *cmdutil.Output, found []verifiedPlugin) error {
	var err error
	if out.Chosen() {
		err = cmdutil.PrintList(ctx, out, found)
	} else {
		for _, v := range found {
			err = cmdutil.JoinErrors(err, a.PrintPage(v.String()+"\n"))
		}
	}
	if err == nil && slices.ContainsFunc(found, func(v verifiedPlugin) bool { return !v.OK }) {
		return &cmdutil.ExitError{Code: cmdutil.ExitFailed}
	}
	return err
}

// String returns the result as text.
func (v verifiedPlugin) String() string {
	if v.OK {
		return redact.Sprintf("%s: ok", v.Name)
	}
	return redact.Sprintf("%s: %s\n    hint: %s", v.Name, v.Problem, v.Hint)
}

// verifyPlugin returns the first problem of a plugin. A program that other users can change is not
// started, even if its checksum is right.
func verifyPlugin(ctx context.Context, a *cmdutil.App, file *profile.File, name string) verifiedPlugin {
	err := plugincheck.CheckProgram(name, file.Plugins[name].Path)
	if err == nil {
		_, err = plugincheck.Requirements(ctx, file, name, a.Logger())
	}
	if err == nil {
		return verifiedPlugin{Name: name, OK: true}
	}
	return verifiedPlugin{Name: name, Problem: cmdutil.Problem(err), Hint: cmp.Or(a.Hint(err), "taegis plugin install FILE --name "+name)}
}
