// Package config is the command group that reads and writes the configuration file that is shared
// with the Python SDK.
package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/internal/text"
)

// NewCommand returns the command group config.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("config", "Read and write the configuration file that is shared with the Python SDK",
		setCommand(a),
		getCommand(a),
		unsetCommand(a),
		listCommand(a),
	)
}

func setCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "set SECTION KEY VALUE",
		Short: "Set a key of any section",
		Long: `Set a key of any section. client_id and client_secret of an environment's section hold the names
of the variables that hold the client's id and secret, never these themselves.`,
		Example: `  taegis config set charlie CLIENT_ID CHARLIE_CLIENT_ID
  taegis config set backoff.retry max_tries 6`,
		Args:              cmdutil.ExactArgs("SECTION", "KEY", "VALUE"),
		ValidArgsFunction: completeSetting(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			section, key, value := args[0], args[1], args[2]
			file, err := a.ConfigFile()
			if err != nil {
				return err
			}
			err = file.Set(cmd.Context(), section, key, value)
			if _, ok := errors.AsType[*tokenstore.InvalidError](err); ok {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			if err == nil && cmdutil.NamesVariable(key) && !cmdutil.IsVariableName(value) {
				a.Warnf("%s in [%s] is to hold the name of an environment variable, such as CHARLIE_%s, and what was set does not look like one; "+
					"if it is the credential itself, remove it with `taegis config unset %s %s`: the file is no place for secrets",
					strings.ToLower(key), section, strings.ToUpper(key), shellquote.Word(section), key)
			}
			return err
		},
	}
}

func getCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "get SECTION KEY",
		Short: "Print the value of a key",
		Long: `Print the value of a key as it stands in the file, an access token too. The exit code is 1 where
there is none.`,
		Args:              cmdutil.ExactArgs("SECTION", "KEY"),
		ValidArgsFunction: completeSetting(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := a.ConfigFile()
			if err != nil {
				return err
			}
			value, ok, err := file.Get(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			if !ok {
				return fmt.Errorf("the configuration file has no %s in [%s]", strings.ToLower(args[1]), args[0])
			}
			return a.PrintRaw(value)
		},
	}
}

func unsetCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:               "unset SECTION KEY",
		Short:             "Remove a key; one that is not there is no error",
		Args:              cmdutil.ExactArgs("SECTION", "KEY"),
		ValidArgsFunction: completeSetting(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := a.ConfigFile()
			if err != nil {
				return err
			}
			return file.Unset(cmd.Context(), args[0], args[1])
		},
	}
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Print all sections and keys, without secrets",
		Long: `Print all sections and keys. Values that are secret, or may be, are left out; "taegis config
get" prints them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			shared, err := a.ConfigFile()
			if err != nil {
				return err
			}
			file, err := shared.Snapshot(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return a.PrintJSON(settingsOf(file))
			}
			return a.PrintPage(iniText(file))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// settingsOf are the values that can be shown, by section and key.
func settingsOf(file tokenstore.Snapshot) map[string]map[string]string {
	sections := map[string]map[string]string{}
	for _, section := range file.Sections() {
		keys := map[string]string{}
		for _, key := range file.Keys(section) {
			value, _ := file.Get(section, key)
			keys[key] = cmdutil.RedactValue(key, value)
		}
		sections[section] = keys
	}
	return sections
}

// iniText is what can be shown in the order and the manner of the file.
func iniText(file tokenstore.Snapshot) string {
	var b strings.Builder
	for i, section := range file.Sections() {
		if i > 0 {
			b.WriteByte('\n')
		}
		_ = redact.Fprintf(&b, "[%s]\n", section)
		for _, key := range file.Keys(section) {
			value, _ := file.Get(section, key)
			shown := strings.TrimRight(text.OneLine(key)+" = "+strings.ReplaceAll(cmdutil.RedactValue(key, value), "\n", "\n\t"), " ")
			b.WriteString(shown + "\n")
		}
	}
	return b.String()
}

// completeSetting completes a section, then a key.
func completeSetting(a *cmdutil.App) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		shared, err := a.ConfigFile()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		file, _ := shared.Snapshot(cmd.Context()) // an unreadable file completes nothing
		var names []cobra.Completion
		switch len(args) {
		case 0:
			names = append(file.Sections(), cmdutil.EnvironmentNames()...)
		case 1:
			names = append(file.Keys(args[0]), "client_id", "client_secret")
		}
		return cmdutil.FilterCompletions(cmdutil.Distinct(names), begun), cobra.ShellCompDirectiveNoFileComp
	}
}
