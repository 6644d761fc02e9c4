package cmdutil

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	names "github.com/vektah/gqlparser/v2/validator/core"
)

// usageError is an error in the flags or arguments of a command.
type usageError struct {
	command string // the command's path, for example "taegis auth login"
	err     error
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%v\n%s", e.err, e.help())
}

// help returns the command that shows the help.
func (e *usageError) help() string { return "see `" + e.command + " --help`" }

func (e *usageError) Unwrap() error { return e.err }

// UsageErrorf returns a usage error for a flag or argument that the command itself rejects.
func UsageErrorf(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{command: cmd.CommandPath(), err: fmt.Errorf(format, args...)}
}

// ExactArgs accepts exactly one argument for each name. Its errors do not repeat arguments, because a
// surplus one may be a secret.
func ExactArgs(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch missing := names[min(len(args), len(names)):]; {
		case len(missing) > 0:
			return fmt.Errorf("%s missing", IsOrAre(missing))
		case len(args) > len(names):
			return tooMany(names)
		}
		return nil
	}
}

func tooMany(names []string) error {
	if len(names) == 0 {
		return errors.New("the command takes no argument")
	}
	return fmt.Errorf("the command takes at most %d %s: %s", len(names), Plural(len(names), "argument", "arguments"), JoinNames(names))
}

// DidYouMean returns an error that suggests the names of all that are similar to given. If there are
// none, it returns err.
func DidYouMean(err error, what, given string, all []string) error {
	similar := names.SuggestionList(given, all)
	if len(similar) == 0 {
		return err
	}
	return fmt.Errorf("%s %q: did you mean %s?", what, given, strings.Join(similar[:min(3, len(similar))], " or "))
}

// AtMostArgs accepts at most one argument for each name.
func AtMostArgs(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > len(names) {
			return tooMany(names)
		}
		return nil
	}
}

// MinimumArgs accepts one argument or more.
func MinimumArgs(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s is missing", name)
		}
		return nil
	}
}
