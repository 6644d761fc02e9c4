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
	"github.com/taegis-go/taegis/internal/text"
)

// NewCommand returns the command group config.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("config", "Read and write the configuration file",
		setCommand(a),
		getCommand(a),
		unsetCommand(a),
		listCommand(a),
	)
}

func setCommand(a *cmdutil.App) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "set SECTION KEY VALUE",
		Short: "Set a key",
		Long: `Set a key of a section in the configuration file, which is shared with the Python SDK. client_id and
client_secret in the section of an environment are the names of the variables with the client's id and
secret, not the id and secret themselves. A value that looks like a secret is refused without --force.`,
		Example: `  taegis config set charlie CLIENT_ID CHARLIE_CLIENT_ID
  taegis config set backoff.retry max_tries 6`,
		Args:              cmdutil.ExactArgs("SECTION", "KEY", "VALUE"),
		ValidArgsFunction: completeSetting(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			section, key, value := args[0], args[1], args[2]
			if reason := secretReason(section, key, value); reason != "" && !force {
				return cmdutil.UsageErrorf(cmd, "%s; --force stores it nevertheless, readable by all programs of the user", reason)
			}
			file, err := a.ConfigFile()
			if err != nil {
				return err
			}
			err = file.Set(cmd.Context(), section, key, value)
			if _, ok := errors.AsType[*tokenstore.InvalidError](err); ok {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "store a value that looks like a secret")
	return cmd
}

// secretReason returns why a value looks like a secret, or "". It does not repeat the value.
func secretReason(section, key, value string) string {
	switch {
	case value == "", strings.EqualFold(key, "access_token_owner"):
		return ""
	case cmdutil.NamesVariable(key):
		if cmdutil.IsVariableName(value) {
			return ""
		}
		return fmt.Sprintf("%s in [%s] must be the name of an environment variable, for example CHARLIE_%s, and the value does not look like one",
			strings.ToLower(key), section, strings.ToUpper(key))
	case redact.Sure(key):
		return fmt.Sprintf("%s in [%s] has the name of a secret", strings.ToLower(key), section)
	case redact.Text(value) != value:
		return fmt.Sprintf("the value of %s in [%s] looks like a secret", strings.ToLower(key), section)
	}
	return ""
}

func getCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:               "get SECTION KEY",
		Short:             "Print the value of a key",
		Long:              `Print the value of a key, even if it is an access token. The exit code is 1 if the key is not set.`,
		Example:           `  taegis config get charlie client_id`,
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
		Short:             "Remove a key",
		Long:              "Remove a key of a section. Removing a missing key is not an error.",
		Example:           "  taegis config unset charlie client_id",
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
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Print all sections and keys without secrets",
		Long: `Print all sections and keys. Values that are or may be secrets are left out; "taegis config get"
prints them.`,
		Example: `  taegis config list
  taegis config list --json`,
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
			if out.Chosen() {
				return out.Value(cmd.Context(), settingsOf(file))
			}
			return a.PrintPage(iniText(file))
		},
	}
	out = a.NewTextOutput(cmd)
	return cmd
}

// settingsOf returns the redacted values by section and key.
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

// iniText returns the redacted values in the order and format of the file.
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
