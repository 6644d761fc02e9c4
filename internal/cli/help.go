package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// helpCommand returns a help command that, unlike cobra's, returns an error for an unknown command.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show the help of a command",
		Long:    "Show the help of a command, or of taegis itself if no command is given.",
		Example: "  taegis help auth login",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return cmdutil.UsageErrorf(cmd, "unknown command %q", strings.Join(args, " "))
			}
			return about.Help()
		},
	}
}

// completionExamples adds examples to cobra's commands that print completion scripts.
func completionExamples(root *cobra.Command) {
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	for shell, example := range map[string]string{
		"bash":       "  source <(taegis completion bash)",
		"fish":       "  taegis completion fish | source",
		"powershell": "  taegis completion powershell | Out-String | Invoke-Expression",
		"zsh":        "  source <(taegis completion zsh)",
	} {
		if cmd, _, err := completion.Find([]string{shell}); err == nil {
			cmd.Example = example
			cmd.Short = "Print the completion script for " + shell
		}
	}
	completion.Short = "Print the completion script for a shell"
	cmdutil.GroupExample(completion)
}
