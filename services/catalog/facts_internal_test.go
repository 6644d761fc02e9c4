package catalog

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

func TestResultsThatDiffer(t *testing.T) {
	for _, c := range []struct {
		live, known    string
		taegis, fusion bool // whether the difference counts
	}{
		{"String", "String", false, false},
		{"String!", "String", false, true},
		{"ID", "String", false, true},
		{"Time", "String", false, true}, // the form of a scalar of the gateway's own is not known
		{"Color", "String", false, true},
		{"Int", "String", true, true},
		{"Boolean", "Int", true, true},
		{"Float", "Int", false, true},
		{"[String]", "String", true, true},
		{"String", "[String]", true, true},
		{"[String!]!", "[ID]", false, true},
		{"[[Int]]", "[Int]", true, true},
		{"Thing", "String", true, true},
		{"String", "Thing", true, true},
		{"Other", "Thing", true, true},
		{"Thing!", "Thing", false, true},
	} {
		sdl := func(result string) *ast.Schema {
			return gqlparser.MustLoadSchema(&ast.Source{Input: "scalar Time enum Color { RED } type Thing { id: ID } type Other { id: ID } type Query { a: " + result + " }"})
		}
		for platform, want := range map[core.Platform]bool{core.PlatformTaegis: c.taegis, core.PlatformFusion: c.fusion} {
			live, known := sdl(c.live), sdl(c.known)
			comparing := comparison{live: &gateway{platform: platform, types: live}, own: &Schema{types: known}}
			comparing.compareResult("Query", "a", live.Query.Fields.ForName("a").Type, known.Query.Fields.ForName("a").Type)
			if got := len(comparing.facts.Results) == 1; got != want {
				t.Errorf("%s: %s in place of %s: differs %t, want %t", platform, c.live, c.known, got, want)
			}
		}
	}
}
