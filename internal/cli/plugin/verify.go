package plugin

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

// verifiedPlugin is a plugin in the output of plugin verify.
type verifiedPlugin struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Path    string `json:"path,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	Key     string `json:"key,omitempty"`     // the public key that verifies the signature
	Comment string `json:"comment,omitempty"` // the trusted comment of the signature
	Pinned  string `json:"pinned,omitempty"`
	Not     string `json:"not_pinned,omitempty"`
	Problem string `json:"problem,omitempty"`
	Hint    string `json:"hint,omitempty"`

	program plugincheck.Program
}

func verifyCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	var keys []string
	cmd := &cobra.Command{
		Use:   "verify [NAME|FILE]...",
		Short: "Check the installed plugins, or the signature of a program",
		Long: `Check all plugins, or those named: the program exists, other users cannot change it, it has a pinned
checksum or a signature by a pinned key, it starts, and it has this version of the contract. The
command does not log in. It shows what is pinned of each, and what is not. The exit code is 1 if a
check fails.

With --key, check the signatures of the programs FILE by that public key, and start nothing.`,
		Example: `  taegis plugin verify
  taegis plugin verify acme --json
  taegis plugin verify ./taegis-plugin-acme --key RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3`,
		ValidArgsFunction: completePlugin(math.MaxInt),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(keys) > 0 {
				found, err := verifyFiles(cmd, args, keys)
				if err != nil {
					return err
				}
				return printVerified(cmd.Context(), a, out, found)
			}
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
	cmd.Flags().StringArrayVar(&keys, "key", nil, "public key that has to have signed FILE; repeatable")
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
		return redact.Sprintf("%s: ok\n    %s", v.Name, v.program.String())
	}
	return redact.Sprintf("%s: %s\n    hint: %s", v.Name, v.Problem, v.Hint)
}

// verifyPlugin returns the first problem of a plugin. A program that other users can change is not
// started, even if its checksum is right.
func verifyPlugin(ctx context.Context, a *cmdutil.App, file *profile.File, name string) verifiedPlugin {
	program, err := plugincheck.Find(file, name)
	if err == nil {
		_, err = plugincheck.Requirements(ctx, file, name, a.Logger())
	}
	v := verifiedPlugin{Name: name, Path: program.Path, SHA256: program.SHA256, program: program}
	if err == nil {
		v.OK, v.Pinned, v.Not = true, program.Pinned, program.NotPinned
		v.Key, v.Comment = program.Signature.Key, program.Signature.Comment
		return v
	}
	v.Problem, v.Hint = cmdutil.Problem(err), cmp.Or(a.Hint(err), adviceFor(name, err))
	return v
}

// adviceFor returns the command that helps if no program of a plugin may run.
func adviceFor(name string, err error) string {
	if _, changed := errors.AsType[*plugins.ChecksumError](err); changed {
		return "taegis plugin checksum " + name
	}
	return "taegis plugin install FILE --name " + name
}
