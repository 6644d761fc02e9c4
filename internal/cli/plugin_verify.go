package cli

import (
	"cmp"
	"context"
	"errors"
	"math"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
	"github.com/taegis-go/taegis/profile"
)

// verifiedPlugin is what plugin verify prints.
type verifiedPlugin struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
	Remedy  string `json:"remedy,omitempty"`
}

func (a *app) pluginVerifyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify [NAME]...",
		Short: "Check that plugins are what was pinned, and start",
		Long: `Check each plugin, or those named: that its program is there and nobody else can change it, that it
is the one that was pinned, that it starts and speaks this version of the contract. Nothing is
signed in. The exit code is 1 where one of them is not well.`,
		ValidArgsFunction: completePlugin(math.MaxInt),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := openProfiles(cmd.Context())
			if err != nil {
				return err
			}
			for _, name := range args {
				if _, err := installed(cmd, file, name); err != nil {
					return err
				}
			}
			if len(args) == 0 {
				args = pluginNames(file)
			}
			found := []verifiedPlugin{}
			for _, name := range args {
				found = append(found, a.verifyPlugin(cmd.Context(), file, name))
			}
			return a.printVerified(found, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printVerified(found []verifiedPlugin, asJSON bool) error {
	var err error
	if asJSON {
		err = a.printJSON(found)
	} else {
		for _, v := range found {
			err = join(err, a.page(v.String()+"\n"))
		}
	}
	if err == nil && slices.ContainsFunc(found, func(v verifiedPlugin) bool { return !v.OK }) {
		return &exitError{exitFailed}
	}
	return err
}

// String is the finding as people read it.
func (v verifiedPlugin) String() string {
	if v.OK {
		return redact.Sprintf("%s: ok", v.Name)
	}
	return redact.Sprintf("%s: %s\n    to mend that: %s", v.Name, v.Problem, v.Remedy)
}

// verifyPlugin finds the first thing that is wrong with a plugin. A program that others can change
// is not started, whatever its hash.
func (a *app) verifyPlugin(ctx context.Context, file *profile.File, name string) verifiedPlugin {
	err := checkProgram(name, file.Plugins[name].Path)
	if err == nil {
		_, err = wantsOf(ctx, file, name, a.logger())
	}
	if err == nil {
		return verifiedPlugin{Name: name, OK: true}
	}
	return verifiedPlugin{Name: name, Problem: problem(err), Remedy: cmp.Or(core.Remedy(err), "taegis plugin install FILE --name "+name)}
}

// problem is what err says without its remedy.
func problem(err error) string {
	_, login := errors.AsType[*core.LoginError](err)
	if file, ok := errors.AsType[*core.FileError](err); ok && !login {
		return redact.Message(text.Escape(file.Path) + ": " + file.Reason)
	}
	return reason(err)
}

// checkProgram refuses a program that somebody else than the user and the administrator can change.
func checkProgram(name, path string) error {
	info, err := os.Stat(path)
	fault := &core.FileError{Path: path, Remedy: "taegis plugin install FILE --name " + name, Err: err}
	if err != nil {
		fault.Reason = cause(err).Error()
		return fault
	}
	if !info.Mode().IsRegular() {
		fault.Reason = "it is not a file"
		return fault
	}
	return fileperm.Trusted(path, info)
}
