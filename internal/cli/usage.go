package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// usageError is a command line that cannot be understood.
type usageError struct {
	command string // the command's path, such as "taegis auth login"
	err     error
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%v\n%s", e.err, e.help())
}

// help says where the command explains itself.
func (e *usageError) help() string { return "see `" + e.command + " --help`" }

func (e *usageError) Unwrap() error { return e.err }

// usagef is for a command that finds a flag or an argument wrong by itself.
func usagef(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{command: cmd.CommandPath(), err: fmt.Errorf(format, args...)}
}

// noSuchCommand refuses the argument of a command that only has subcommands.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	cmd.SuggestionsMinimumDistance = 2 // letters; cobra sets it for the root alone
	if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
		hint = ": did you mean " + strings.Join(similar, " or ") + "?"
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), hint)
}

// helpCommand is cobra's, except that asking for a command that does not exist is an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef(cmd, "unknown command %q", strings.Join(args, " "))
			}
			return about.Help()
		},
	}
}

// exactly refuses any arguments but those of these names. It repeats none: one too many may be a
// secret that the command line did not expect.
func exactly(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch missing := names[min(len(args), len(names)):]; {
		case len(missing) > 0:
			return fmt.Errorf("%s missing", isOrAre(missing))
		case len(args) > len(names):
			return fmt.Errorf("the command takes at most %d %s: %s", len(names), plural(len(names), "argument", "arguments"), list(names))
		}
		return nil
	}
}
