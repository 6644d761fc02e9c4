package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/schema"
)

// The SDL of a service is that of package schema, with a comment for each position that is not
// certain.
func TestSDLMarksUncertainty(t *testing.T) {
	left, err := schema.Unsettled()
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range catalog.Services() {
		s, err := catalog.SchemaFor(service)
		if err != nil {
			t.Fatal(err)
		}
		text, err := schema.SDL(service)
		if err != nil {
			t.Fatal(err)
		}
		plain, uncertain := withoutComments(s.SDL())
		if plain != strings.TrimSpace(text) {
			t.Errorf("%s: the SDL differs in more than comments", service)
		}
		if want := len(left[service].Arguments) + len(left[service].InputFields); uncertain != want {
			t.Errorf("%s: %d positions are marked, want %d", service, uncertain, want)
		}
	}
	merged, err := catalog.MergedSDL()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gqlparser.LoadSchema(&ast.Source{Name: schema.Merged, Input: merged}); err != nil {
		t.Error(err)
	}
	for _, line := range []string{
		"  # id settled: ID!\n  asset(", "  # sensor_version uncertain\n", "  caseId: String # settled: ID\n", "  user_name: String # uncertain\n",
	} {
		if !strings.Contains(merged, line) {
			t.Errorf("the merged schema lacks %q", line)
		}
	}
}

// withoutComments removes comments, and counts the positions that they mark as uncertain.
func withoutComments(sdl string) (plain string, uncertain int) {
	var lines []string
	for line := range strings.SplitSeq(sdl, "\n") {
		code, comment, found := strings.Cut(line, "# ")
		if found && strings.HasPrefix(line, "#") { // the explanation
			continue
		}
		uncertain += len(slices.Collect(strings.SplitSeq(comment, "uncertain"))) - 1
		if !found {
			lines = append(lines, line)
		} else if code = strings.TrimRight(code, " "); code != "" {
			lines = append(lines, code)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n")), uncertain
}
