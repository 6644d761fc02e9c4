package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/internal/text"
)

func (a *app) configCommand() *cobra.Command {
	return group("config", "Read and write the configuration file that is shared with the Python SDK",
		a.configSetCommand(),
		a.configGetCommand(),
		a.configUnsetCommand(),
		a.configListCommand(),
	)
}

func (a *app) configSetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "set SECTION KEY VALUE",
		Short: "Set a key of any section",
		Long: `Set a key of any section. client_id and client_secret of an environment's section hold the names
of the variables that hold the client's id and secret, never these themselves.`,
		Example: `  taegis config set charlie CLIENT_ID CHARLIE_CLIENT_ID
  taegis config set backoff.retry max_tries 6`,
		Args:              exactly("SECTION", "KEY", "VALUE"),
		ValidArgsFunction: a.completeSetting,
		RunE: func(cmd *cobra.Command, args []string) error {
			section, key, value := args[0], args[1], args[2]
			file, err := a.file()
			if err != nil {
				return err
			}
			err = file.Set(cmd.Context(), section, key, value)
			if _, ok := errors.AsType[*tokenstore.InvalidError](err); ok {
				return usagef(cmd, "%w", err)
			}
			if err == nil && namesVariable(key) && !variableName.MatchString(value) {
				a.warn("%s in [%s] is to hold the name of an environment variable, such as CHARLIE_%s, and what was set does not look like one; "+
					"if it is the credential itself, remove it with `taegis config unset %s %s`: the file is no place for secrets",
					strings.ToLower(key), section, strings.ToUpper(key), shellquote.Word(section), key)
			}
			return err
		},
	}
}

func (a *app) configGetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "get SECTION KEY",
		Short: "Print the value of a key",
		Long: `Print the value of a key as it stands in the file, an access token too. The exit code is 1 where
there is none.`,
		Args:              exactly("SECTION", "KEY"),
		ValidArgsFunction: a.completeSetting,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := a.file()
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
			return a.printRaw(value)
		},
	}
}

func (a *app) configUnsetCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "unset SECTION KEY",
		Short:             "Remove a key; one that is not there is no error",
		Args:              exactly("SECTION", "KEY"),
		ValidArgsFunction: a.completeSetting,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := a.file()
			if err != nil {
				return err
			}
			return file.Unset(cmd.Context(), args[0], args[1])
		},
	}
}

func (a *app) configListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Print all sections and keys, without secrets",
		Long: `Print all sections and keys. Values that are secret, or may be, are left out; "taegis config
get" prints them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			shared, err := a.file()
			if err != nil {
				return err
			}
			file, err := shared.Snapshot(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(settingsOf(file))
			}
			return a.page(iniText(file))
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
			keys[key] = presentable(key, value)
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
			shown := strings.TrimRight(text.OneLine(key)+" = "+strings.ReplaceAll(presentable(key, value), "\n", "\n\t"), " ")
			b.WriteString(shown + "\n")
		}
	}
	return b.String()
}

// accessTokenKey is the key of a section's access token, and accessTokenOwnerKey that of the mark
// beside it, which is no secret.
const (
	accessTokenKey      = "access_token"
	accessTokenOwnerKey = "access_token_owner"
)

// variableName is how variables are named by convention. Most secrets have lower-case letters.
var variableName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// namesVariable reports whether the key's value is to be the name of a variable.
func namesVariable(key string) bool {
	key = strings.ToLower(key)
	return key == "client_id" || key == "client_secret"
}

// presentable is a value that can be shown, or what stands in its place.
func presentable(key, value string) string {
	switch {
	case value == "":
		return ""
	case key == accessTokenOwnerKey:
		return value
	case namesVariable(key):
		if variableName.MatchString(value) {
			return value
		}
		return "(set, but to no name of a variable; not shown)"
	case redact.Sure(key):
		return "(set, not shown)"
	}
	return redact.Text(value)
}

// completeSetting completes a section, then a key.
func (a *app) completeSetting(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	shared, err := a.file()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	file, _ := shared.Snapshot(cmd.Context()) // an unreadable file completes nothing
	var names []cobra.Completion
	switch len(args) {
	case 0:
		names = append(file.Sections(), environmentNames()...)
	case 1:
		names = append(file.Keys(args[0]), "client_id", "client_secret")
	}
	return startingWith(distinct(names), begun), cobra.ShellCompDirectiveNoFileComp
}
