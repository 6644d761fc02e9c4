package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/alerts"
	"github.com/taegis-go/taegis/internal/cli/api"
	"github.com/taegis-go/taegis/internal/cli/assets"
	"github.com/taegis-go/taegis/internal/cli/audits"
	"github.com/taegis-go/taegis/internal/cli/auth"
	"github.com/taegis-go/taegis/internal/cli/call"
	"github.com/taegis-go/taegis/internal/cli/cases"
	"github.com/taegis-go/taegis/internal/cli/clients"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/config"
	"github.com/taegis-go/taegis/internal/cli/doctor"
	"github.com/taegis-go/taegis/internal/cli/emulator"
	"github.com/taegis-go/taegis/internal/cli/events"
	"github.com/taegis-go/taegis/internal/cli/export"
	"github.com/taegis-go/taegis/internal/cli/logs"
	"github.com/taegis-go/taegis/internal/cli/plugin"
	"github.com/taegis-go/taegis/internal/cli/profile"
	"github.com/taegis-go/taegis/internal/cli/query"
	"github.com/taegis-go/taegis/internal/cli/quickstart"
	"github.com/taegis-go/taegis/internal/cli/reference"
	"github.com/taegis-go/taegis/internal/cli/rules"
	"github.com/taegis-go/taegis/internal/cli/schema"
	"github.com/taegis-go/taegis/internal/cli/sharelinks"
	"github.com/taegis-go/taegis/internal/cli/tenants"
	"github.com/taegis-go/taegis/internal/cli/users"
	"github.com/taegis-go/taegis/internal/cli/version"
)

// group is a command of the root by its name and aliases. To build all of them takes as long as
// everything else at the start of the program.
type group struct {
	names []string
	build func(*cmdutil.App) *cobra.Command
}

// groups are all commands of the root, in the order of its help.
var groups = []group{
	{[]string{"auth"}, auth.NewCommand},
	{[]string{"alerts", "detections"}, alerts.NewCommand},
	{[]string{"events"}, events.NewCommand},
	{[]string{"cases", "investigations"}, cases.NewCommand},
	{[]string{"assets"}, assets.NewCommand},
	{[]string{"audits"}, audits.NewCommand},
	{[]string{"rules"}, rules.NewCommand},
	{[]string{"users"}, users.NewCommand},
	{[]string{"tenants"}, tenants.NewCommand},
	{[]string{"sharelinks"}, sharelinks.NewCommand},
	{[]string{"logs"}, logs.NewCommand},
	{[]string{"export"}, export.NewCommand},
	{[]string{"query"}, query.NewCommand},
	{[]string{"profile"}, profile.NewCommand},
	{[]string{"plugin"}, plugin.NewCommand},
	{[]string{"config"}, config.NewCommand},
	{[]string{"call"}, call.NewCommand},
	{[]string{"api"}, api.NewCommand},
	{[]string{"schema"}, schema.NewCommand},
	{[]string{"clients"}, clients.NewCommand},
	{[]string{"doctor"}, doctor.NewCommand},
	{[]string{"quickstart"}, quickstart.NewCommand},
	{[]string{"emulator"}, emulator.NewCommand},
	{[]string{"man"}, reference.NewCommand},
	{[]string{"version"}, version.NewCommand},
}

// wholeTree are the words of commands that show other commands.
var wholeTree = []string{"help", "man", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}

// needed returns the group that the first word names. If that is a flag, it returns those of which
// any word is a name, as it may be the value of a flag. Without a name, and for a command that
// shows others, it returns all.
func needed(args []string) []group {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		args = args[:1]
	}
	if slices.ContainsFunc(args, func(word string) bool { return slices.Contains(wholeTree, word) }) {
		return groups
	}
	chosen := slices.DeleteFunc(slices.Clone(groups), func(g group) bool {
		return !slices.ContainsFunc(g.names, func(name string) bool { return slices.Contains(args, name) })
	})
	if len(chosen) == 0 {
		return groups
	}
	return chosen
}
