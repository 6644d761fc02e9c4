package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/internal/subprocess"
	"github.com/taegis-go/taegis/plugins"
)

func buildCommand(a *cmdutil.App) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "build [DIR]",
		Short: "Build a plugin reproducibly",
		Long: `Build the program in DIR, by default in the current folder, without paths and version control data.
The same sources and the same version of Go produce the same bytes, so that the checksum can be
published and compared. The command prints the checksum and the path.`,
		Example: `  taegis plugin build
  taegis plugin build ./taegis-plugin-acme --output ./acme`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			path, err := buildPlugin(cmd.Context(), a, dir, output)
			if err != nil {
				return err
			}
			sum, err := plugins.Checksum(path)
			if err != nil {
				return err
			}
			a.Infof("Install it: taegis plugin install %s", shellquote.Word(path))
			return a.Printf("%s  %s\n", sum, path)
		},
	}
	a.Global.PathFlag(cmd.Flags(), &output, "output", "o", "path of the program (default: the program's name in DIR)")
	return cmd
}

// buildPlugin builds a plugin and returns the path of the program.
func buildPlugin(ctx context.Context, a *cmdutil.App, dir, output string) (string, error) {
	described, err := goCommand(ctx, a, dir, "list", "-f", "{{.Name}}\n{{.Target}}", ".")
	if err != nil {
		return "", err
	}
	name, target, _ := strings.Cut(strings.TrimSpace(described), "\n")
	if name != "main" {
		return "", &core.FileError{Path: dir, Reason: "package " + name + " is not a program", HintText: "name the folder of a plugin's package main"}
	}
	output, err = filepath.Abs(cmp.Or(output, filepath.Join(dir, filepath.Base(target))))
	if err != nil {
		return "", err
	}
	_, err = goCommand(ctx, a, dir, "build", "-trimpath", "-buildvcs=false", "-o", output, ".")
	return output, err
}

// errNoToolchain is returned if the go command is not found.
var errNoToolchain = errors.New("there is no go command on PATH: install Go from https://go.dev/dl")

// goCommand runs the go command in a folder and returns its stdout. Its stderr is shown to the user.
func goCommand(ctx context.Context, a *cmdutil.App, dir string, args ...string) (string, error) {
	program, err := exec.LookPath("go")
	if err != nil {
		return "", errNoToolchain
	}
	cmd := subprocess.Command(ctx, append([]string{program}, args...), os.Environ()) // it also ends the compilers
	cmd.Dir, cmd.Stderr = dir, a.Err
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s in %s failed: %w", args[0], dir, err)
	}
	return string(out), nil
}
