package reference

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Markdown returns the reference of a command and all below it as one page. A sample is shown with its
// command: a command line and its output, by the command's path.
func Markdown(root *cobra.Command, samples map[string]string) string {
	var b strings.Builder
	b.WriteString("# Command line\n\n" + description(root) + "\n\n")
	b.WriteString("This page is written from the commands by `go test ./internal/cli -run TestReference -update`.\n")
	b.WriteString("`taegis man DIR` writes the same as man pages.\n\n")
	all := Commands(root)[1:]
	b.WriteString("| command | purpose |\n| --- | --- |\n")
	for _, cmd := range all {
		if !cmd.HasAvailableSubCommands() {
			fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", cmd.CommandPath(), anchor(cmd), cell(cmd.Short))
		}
	}
	b.WriteString("\n## Global flags\n\nAll commands have these flags.\n\n")
	markdownOptions(&b, options(root.PersistentFlags()))
	var flags strings.Builder
	markdownOptions(&flags, outputFlags(all))
	fmt.Fprintf(&b, outputProse, strings.TrimSuffix(flags.String(), "\n"))
	for _, cmd := range all {
		markdownCommand(&b, cmd, samples[cmd.CommandPath()])
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func markdownCommand(b *strings.Builder, cmd *cobra.Command, sample string) {
	fmt.Fprintf(b, "## %s\n\n%s\n\n", cmd.CommandPath(), markdownProse(description(cmd)))
	fmt.Fprintf(b, "```text\n%s\n```\n\n", usageLine(cmd))
	if subs := subcommands(cmd); len(subs) > 0 {
		for _, sub := range subs {
			fmt.Fprintf(b, "- [%s](#%s): %s\n", sub.CommandPath(), anchor(sub), sub.Short)
		}
		b.WriteString("\n")
		return
	}
	if cmd.Example != "" {
		fmt.Fprintf(b, "Examples:\n\n```sh\n%s\n```\n\n", unindented(cmd.Example))
	}
	if sample != "" {
		fmt.Fprintf(b, "```console\n%s```\n\n", sample)
	}
	own, shared := split(options(cmd.LocalNonPersistentFlags()))
	if len(own) > 0 {
		markdownOptions(b, own)
	}
	if len(shared) > 0 {
		b.WriteString("The [output flags](#output) choose the form of its data.\n\n")
	}
}

// split returns the flags of a command, and those of all commands that print data.
func split(all []option) (own, shared []option) {
	for _, o := range all {
		if o.output {
			shared = append(shared, o)
		} else {
			own = append(own, o)
		}
	}
	return own, shared
}

// outputFlags returns the flags of the first command that prints data.
func outputFlags(all []*cobra.Command) []option {
	for _, cmd := range all {
		if _, shared := split(options(cmd.LocalNonPersistentFlags())); len(shared) > 0 {
			return shared
		}
	}
	return nil
}

// outputProse describes what the output flags do.
const outputProse = `## Output

Commands that print data have these flags. They are checked before anything is sent.

%s
Without them, a terminal gets a table, or indented and coloured JSON if the columns are not known. A
pipe gets one record a line from lists, and the server's own bytes from "taegis api" and "taegis call".
Commands that print a page of text, for example "taegis auth status", do so unless a flag chooses
otherwise.

| format | form |
| --- | --- |
| table | aligned columns. At a terminal, cells are cut to its width, and columns that do not fit are left out, the last ones first. One record is a table of names and values. |
| json | one document: an array for a list, even if it is empty. |
| jsonl | one record a line. |
| csv | RFC 4180 with LF at the end of lines. The columns are those of --fields or of the command, otherwise the fields of the first record. Objects and arrays are JSON. A text that begins with =, +, -, @, tab or CR gets an apostrophe before it, so that no spreadsheet calculates it. |
| yaml | one document: a sequence for a list. |
| template | the result of --template for each record: a template of Go's text/template. An object is a map, a number keeps its digits. The function json returns the JSON of a value, and join joins a list: {{join ", " .tags}}. |

The bytes of the server stay: numbers keep their digits and objects the order of their members. Lists
are printed as they come. --fields takes names and paths, id,metadata.title, and in arrays it takes the
fields of each element. In JSON and YAML it keeps the structure; in tables and CSV each path is a
column. A field that no record has is named on stderr and is not an error, because events have fields
of their own. A backslash takes a dot or a comma as part of a name.

--jq gets each record of a list, after --fields. Without --output it prints texts as they are and other
values as JSON, one a line. Objects that a filter makes have their members in alphabetical order.

Times in tables are in UTC; with --time local, a terminal gets the local zone. The pager of a terminal
is TAEGIS_PAGER or PAGER. NO_COLOR, CLICOLOR=0 and TERM=dumb disable colours. While a list waits, a
terminal shows how many records have come, on stderr. Text of others is escaped at a terminal.

`

func markdownOptions(b *strings.Builder, all []option) {
	b.WriteString("| flag | meaning |\n| --- | --- |\n")
	for _, o := range all {
		fmt.Fprintf(b, "| `%s` | %s |\n", o.names, cell(o.usage))
	}
	b.WriteString("\n")
}

// markdownProse returns prose with its indented lines as code.
func markdownProse(text string) string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(text) {
		indented := strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "\t")
		if indented != code {
			b.WriteString(map[bool]string{true: "\n```text\n", false: "```\n\n"}[indented])
			code = indented
		}
		b.WriteString(line)
	}
	if code {
		b.WriteString("\n```")
	}
	return strings.TrimRight(b.String(), "\n")
}

// cell returns text for a cell of a table.
func cell(text string) string { return strings.NewReplacer("|", `\|`, "<", `\<`).Replace(text) }

// anchor returns the anchor of a command's heading.
func anchor(cmd *cobra.Command) string { return strings.ToLower(pageName(cmd)) }
