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
		Short: "Build a plugin so that the same sources give the same bytes",
		Long: `Build the program in DIR, the current folder by default, without paths and version control in it:
the same sources and the same Go give the same bytes, so that the hash can be published and compared.
Prints the hash and the path.`,
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
	a.Global.PathFlag(cmd.Flags(), &output, "output", "o", "the program's file (default: DIR with the program's name)")
	return cmd
}

// buildPlugin returns where the program is.
func buildPlugin(ctx context.Context, a *cmdutil.App, dir, output string) (string, error) {
	described, err := goCommand(ctx, a, dir, "list", "-f", "{{.Name}}\n{{.Target}}", ".")
	if err != nil {
		return "", err
	}
	name, target, _ := strings.Cut(strings.TrimSpace(described), "\n")
	if name != "main" {
		return "", &core.FileError{Path: dir, Reason: "package " + name + " is no program", HintText: "name the folder of a plugin's package main"}
	}
	output, err = filepath.Abs(cmp.Or(output, filepath.Join(dir, filepath.Base(target))))
	if err != nil {
		return "", err
	}
	_, err = goCommand(ctx, a, dir, "build", "-trimpath", "-buildvcs=false", "-o", output, ".")
	return output, err
}

// errNoToolchain is returned where there is nothing to build with.
var errNoToolchain = errors.New("there is no go command on PATH: install Go from https://go.dev/dl")

// goCommand runs the go command in a folder and returns what it prints to stdout. The rest is for
// the user.
func goCommand(ctx context.Context, a *cmdutil.App, dir string, args ...string) (string, error) {
	program, err := exec.LookPath("go")
	if err != nil {
		return "", errNoToolchain
	}
	cmd := subprocess.Command(ctx, append([]string{program}, args...), os.Environ()) // which ends the compilers too
	cmd.Dir, cmd.Stderr = dir, a.Err
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s in %s failed: %w", args[0], dir, err)
	}
	return string(out), nil
}
