package cli

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// TestGroupsHaveTheirNames compares the table with the commands, in the order of the help.
func TestGroupsHaveTheirNames(t *testing.T) {
	a := cmdutil.NewApp(strings.NewReader(""), io.Discard, io.Discard)
	for _, g := range groups {
		cmd := g.build(a)
		if got := append([]string{cmd.Name()}, cmd.Aliases...); !slices.Equal(got, g.names) {
			t.Errorf("the command %q is in the table as %q", got, g.names)
		}
	}
}

func TestNeededGroups(t *testing.T) {
	for line, want := range map[string]string{
		"":                                     "all",
		"--help":                               "all",
		"help call":                            "all",
		"__complete call clie":                 "all",
		"completion bash":                      "all",
		"cal":                                  "all",
		"call clients clients":                 "call",
		"alrts query":                          "all",
		"--profile auth detections search":     "auth alerts",
		"investigations search --output=table": "cases",
	} {
		var names []string
		chosen := needed(strings.Fields(line))
		for _, g := range chosen {
			names = append(names, g.names[0])
		}
		got := strings.Join(names, " ")
		if len(chosen) == len(groups) {
			got = "all"
		}
		if got != want {
			t.Errorf("%q needs %q, want %q", line, got, want)
		}
	}
}
