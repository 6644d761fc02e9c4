// Package reference is the command that writes man pages. It also writes the reference of all
// commands as one page in Markdown, which is docs/cli.md.
package reference

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// NewCommand returns the command man.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write man pages",
		Long: `Write a man page of each command into a folder, which is created if it is missing. Pages of the same
names are replaced.`,
		Example: `  taegis man ~/.local/share/man/man1
  taegis man /tmp/man && man /tmp/man/taegis-auth-login.1`,
		Args: cmdutil.ExactArgs("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			count := 0
			for _, c := range Commands(cmd.Root()) {
				path := filepath.Join(dir, pageName(c)+".1")
				if err := os.WriteFile(path, []byte(ManPage(c)), 0o644); err != nil { //nolint:gosec // man reads it
					return err
				}
				count++
			}
			a.Infof("%d pages are in %s.", count, dir)
			return nil
		},
	}
}

// Commands returns a command and all below it that the help shows, each before its subcommands.
func Commands(root *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{root}
	for _, sub := range root.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			all = append(all, Commands(sub)...)
		}
	}
	return all
}

// pageName returns the name of a command's man page without its section.
func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// description returns the long description of a command, or the short one as a sentence.
func description(cmd *cobra.Command) string {
	text := cmp.Or(cmd.Long, cmd.Short+".")
	if len(cmd.Aliases) > 0 {
		text += " Another name of the command is " + strings.Join(cmd.Aliases, " or ") + "."
	}
	return text
}

// usageLine returns the synopsis of a command.
func usageLine(cmd *cobra.Command) string {
	if cmd.HasAvailableSubCommands() {
		return cmd.CommandPath() + " COMMAND"
	}
	return cmd.UseLine()
}

// option is a flag in the reference.
type option struct {
	names, usage string
	output       bool // a flag of all commands that print data
}

// options returns the flags of a set that the help shows.
func options(set *pflag.FlagSet) []option {
	var all []option
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		kind, usage := pflag.UnquoteUsage(f)
		names := "--" + f.Name
		if f.Shorthand != "" {
			names = "-" + f.Shorthand + ", " + names
		}
		if kind != "" {
			names += " " + kind
		}
		if d := f.DefValue; d != "" && d != "false" && d != "[]" && d != "0" && !strings.Contains(usage, "default") {
			usage += fmt.Sprintf(" (default %s)", d)
		}
		_, output := f.Annotations[cmdutil.OutputAnnotation]
		all = append(all, option{names, usage, output})
	})
	return all
}

// subcommands returns the commands below a group that the help shows.
func subcommands(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, sub)
		}
	}
	return all
}

// unindented returns an example without the indentation that the help has.
func unindented(example string) string {
	lines := strings.Split(strings.Trim(example, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "  ")
	}
	return strings.Join(lines, "\n")
}
