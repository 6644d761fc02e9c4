package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	var cgo bool
	cmd := &cobra.Command{
		Use:   "build [DIR]",
		Short: "Build a plugin reproducibly",
		Long: `Build the program in DIR, by default in the current folder, without paths and version control data.
The same sources and the same version of Go produce the same bytes on every machine, so that the
checksum can be published and compared. GOFLAGS, GOAMD64, GOEXPERIMENT, a workspace and the settings of
"go env -w" make no difference; GOOS and GOARCH choose the system. The command prints the checksum and
the path, and writes the bill of materials to PATH.cdx.json, in the format of CycloneDX.

The program is static and needs no C compiler. With --cgo it may hold C code, and the bytes depend on
the C compiler, its flags and the libraries of this machine.`,
		Example: `  taegis plugin build
  taegis plugin build ./taegis-plugin-acme --output ./acme`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			path, err := buildPlugin(cmd.Context(), a, dir, output, cgo)
			if err != nil {
				return err
			}
			sum, err := plugins.Checksum(path)
			if err != nil {
				return err
			}
			bill, err := writeBill(path, sum)
			if err != nil {
				return err
			}
			a.Infof("Wrote the bill of materials to %s.", bill)
			a.Infof("Install it: taegis plugin install %s", shellquote.Word(path))
			return a.Printf("%s  %s\n", sum, path)
		},
	}
	a.Global.PathFlag(cmd.Flags(), &output, "output", "o", "path of the program (default: the program's name in DIR)")
	cmd.Flags().BoolVar(&cgo, "cgo", false, "build with C code; the bytes depend on the C compiler")
	return cmd
}

// buildPlugin builds a plugin and returns the path of the program.
func buildPlugin(ctx context.Context, a *cmdutil.App, dir, output string, cgo bool) (string, error) {
	env, err := buildEnv(ctx, a, dir, cgo)
	if err != nil {
		return "", err
	}
	described, err := goCommand(ctx, a, dir, env, "list", "-f", "{{.Name}}\n{{.Target}}", ".")
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
	_, err = goCommand(ctx, a, dir, env, "build", "-trimpath", "-buildvcs=false", "-ldflags=-buildid=", "-o", output, ".")
	return output, err
}

// errNoToolchain is returned if the go command is not found.
var errNoToolchain = errors.New("there is no go command on PATH: install Go from https://go.dev/dl")

// goCommand runs the go command in a folder and returns its stdout. Its stderr is shown to the user.
func goCommand(ctx context.Context, a *cmdutil.App, dir string, env []string, args ...string) (string, error) {
	program, err := exec.LookPath("go")
	if err != nil {
		return "", errNoToolchain
	}
	cmd := subprocess.Command(ctx, append([]string{program}, args...), env) // it also ends the compilers
	cmd.Dir, cmd.Stderr = dir, a.Err
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s in %s failed: %w", args[0], dir, err)
	}
	return string(out), nil
}
