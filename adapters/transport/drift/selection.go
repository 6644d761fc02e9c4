package drift

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/core"
)

// selectionLine is the line of an operation's selection in a document; see [core.Operation].
const selectionLine = 2

// selection is an operation's selection as a tree, with the nodes to remove.
type selection struct {
	text string
	set  ast.SelectionSet
	cut  map[ast.Selection]bool
}

// parseSelection parses a selection, for example "{ id name }". An empty text is the selection of a
// scalar.
func parseSelection(text string) (*selection, error) {
	s := &selection{text: text, cut: map[ast.Selection]bool{}}
	if text == "" {
		return s, nil
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil, err
	}
	s.set = doc.Operations[0].SelectionSet
	return s, nil
}

// String writes the selection on one line.
func (s *selection) String() string { return textOf(s.set) }

func textOf(set ast.SelectionSet) string {
	if len(set) == 0 {
		return ""
	}
	words := []string{"{"}
	for _, node := range set {
		switch node := node.(type) {
		case *ast.Field:
			if node.Alias != node.Name {
				words = append(words, node.Alias+":")
			}
			words = append(words, node.Name)
		case *ast.InlineFragment:
			words = append(words, "... on "+node.TypeCondition)
		}
		if inner := *setOf(node); len(inner) > 0 {
			words = append(words, textOf(inner))
		}
	}
	return strings.Join(append(words, "}"), " ")
}

// setOf returns the selection of a node.
func setOf(node ast.Selection) *ast.SelectionSet {
	switch node := node.(type) {
	case *ast.Field:
		return &node.SelectionSet
	case *ast.InlineFragment:
		return &node.SelectionSet
	}
	return new(ast.SelectionSet)
}

// nameOf returns the response key of a field, or the type of a fragment.
func nameOf(node ast.Selection) string {
	switch node := node.(type) {
	case *ast.Field:
		return node.Alias
	case *ast.InlineFragment:
		return node.TypeCondition
	}
	return ""
}

func isFragment(node ast.Selection) bool {
	_, ok := node.(*ast.InlineFragment)
	return ok
}

// stepOf returns the node's step in a path of the result, below the node around it: the name that
// it has in Go, in the schema's spelling. A union's member has the name of its type, and a prefix
// of an alias that repeats this name is removed.
func stepOf(around, node ast.Selection) string {
	name := nameOf(node)
	if around != nil && isFragment(around) {
		name = strings.TrimPrefix(name, nameOf(around)+"_")
	}
	return name
}

// startOf returns the offset in the text at which a node begins.
func (s *selection) startOf(node ast.Selection) int {
	start := node.GetPosition().Start
	if _, ok := node.(*ast.InlineFragment); ok { // its position is that of "on"
		return strings.LastIndex(s.text[:start], "...")
	}
	return start
}

// find returns the innermost node at a location that matches, with the nodes around it, outermost
// first. It returns nil if there is none.
func (s *selection) find(at core.Location, is func(ast.Selection) bool) []ast.Selection {
	if at.Line != selectionLine {
		return nil
	}
	var way []ast.Selection
	set := s.set
	for offset := at.Column - 1; len(set) > 0; {
		var inside ast.Selection
		for _, node := range set {
			if s.startOf(node) <= offset {
				inside = node
			}
		}
		if inside == nil {
			break
		}
		way, set = append(way, inside), *setOf(inside)
	}
	for ; len(way) > 0; way = way[:len(way)-1] {
		if is(way[len(way)-1]) {
			return way
		}
	}
	return nil
}

// each calls f with the way to every node, outermost first. The slice is valid until f returns.
func (s *selection) each(f func(way []ast.Selection)) {
	var walk func(way []ast.Selection, set ast.SelectionSet)
	walk = func(way []ast.Selection, set ast.SelectionSet) {
		for _, node := range set {
			here := append(way, node)
			f(here)
			walk(here, *setOf(node))
		}
	}
	walk(nil, s.set)
}

// prune removes the marked nodes and the nodes that become empty, and returns the paths of both.
func (s *selection) prune(root string) (paths []string) {
	s.set = s.pruned(nil, s.set, root, &paths)
	return paths
}

func (s *selection) pruned(around ast.Selection, set ast.SelectionSet, path string, paths *[]string) ast.SelectionSet {
	var kept ast.SelectionSet
	for _, node := range set {
		inner, at := setOf(node), path+"."+stepOf(around, node)
		if s.cut[node] {
			*paths = append(*paths, at)
			continue
		}
		if len(*inner) > 0 {
			var below []string
			if *inner = s.pruned(node, *inner, at, &below); len(*inner) == 0 {
				below = []string{at}
			}
			*paths = append(*paths, below...)
			if len(*inner) == 0 {
				continue
			}
		}
		kept = append(kept, node)
	}
	return kept
}

// empty reports whether the selection has no field but __typename.
func (s *selection) empty() bool {
	for _, node := range s.set {
		if nameOf(node) != "__typename" {
			return false
		}
	}
	return true
}
