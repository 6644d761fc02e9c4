package reference

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// ManPage returns the man page of a command. It has no date, so that the same commands give the
// same pages.
func ManPage(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"taegis\" \"Taegis\"\n", quoted(strings.ToUpper(pageName(cmd))))
	b.WriteString(".SH NAME\n" + roff(pageName(cmd)+" - "+cmd.Short) + "\n")
	b.WriteString(".SH SYNOPSIS\n.B " + roff(usageLine(cmd)) + "\n")
	b.WriteString(".SH DESCRIPTION\n" + paragraphs(description(cmd)))
	if subs := subcommands(cmd); len(subs) > 0 {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range subs {
			b.WriteString(".TP\n.B " + roff(sub.CommandPath()) + "\n" + roff(sub.Short) + "\n")
		}
	}
	manOptions(&b, "OPTIONS", options(cmd.LocalNonPersistentFlags()))
	manOptions(&b, "GLOBAL OPTIONS", options(cmd.Root().PersistentFlags()))
	if cmd.Example != "" {
		b.WriteString(".SH EXAMPLES\n.nf\n" + roff(unindented(cmd.Example)) + "\n.fi\n")
	}
	if cmd.HasParent() {
		b.WriteString(".SH SEE ALSO\n.BR " + roff(pageName(cmd.Parent())) + " (1)\n")
	}
	return b.String()
}

func manOptions(b *strings.Builder, title string, all []option) {
	if len(all) == 0 {
		return
	}
	b.WriteString(".SH " + quoted(title) + "\n")
	for _, o := range all {
		b.WriteString(".TP\n.B " + roff(o.names) + "\n" + roff(o.usage) + "\n")
	}
}

// paragraphs returns prose. Lines that begin with spaces stay lines.
func paragraphs(text string) string {
	var b strings.Builder
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		for line := range strings.Lines(paragraph) {
			line = strings.TrimRight(line, "\n")
			if strings.HasPrefix(line, " ") {
				b.WriteString(".br\n")
			}
			b.WriteString(roff(line) + "\n")
		}
	}
	return b.String()
}

var roffEscapes = strings.NewReplacer(`\`, `\e`, `-`, `\-`)

// roff returns text that troff prints as it is: no line is a request.
func roff(text string) string {
	lines := strings.Split(roffEscapes.Replace(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// quoted returns an argument of a request.
func quoted(text string) string { return `"` + strings.ReplaceAll(roff(text), `"`, `\(dq`) + `"` }
