package main

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// node is one entry of a selection: a field, or the inline fragment of a union's member.
type node struct {
	field *ast.FieldDefinition // nil for an inline fragment
	alias string               // the response key if it is not the field's name
	on    string               // the type of an inline fragment
	sub   []*node
	union bool // sub belongs to a union; its __typename is selected too
}

func (n *node) key() string {
	if n.alias != "" {
		return n.alias
	}
	return n.field.Name
}

// selector chooses default selections: every field that is not deprecated, except those that
// omitted.json lists and those with a required argument. A type that contains itself is not entered
// a second time.
type selector struct {
	schema  *ast.Schema
	omitted []omittedRow
	aliases map[string]map[string]map[string]string // union, member, field: its alias
}

func newSelector(schema *ast.Schema, omitted []omittedRow) *selector {
	return &selector{schema: schema, omitted: omitted, aliases: map[string]map[string]map[string]string{}}
}

// selection returns the default selection of a type with its braces; "" for a scalar.
func (s *selector) selection(typeName string) string {
	def := s.schema.Types[typeName]
	if !def.IsCompositeType() {
		return ""
	}
	var b strings.Builder
	writeNodes(&b, s.tree(typeName), def.Kind == ast.Union)
	return b.String()
}

// tree returns the default selection of a type; none for a scalar or an enum.
func (s *selector) tree(typeName string) []*node {
	if def := s.schema.Types[typeName]; def.IsCompositeType() {
		return s.nodes(def, nil)
	}
	return nil
}

func writeNodes(b *strings.Builder, nodes []*node, union bool) {
	b.WriteString("{ ")
	if union {
		b.WriteString("__typename ")
	}
	for _, n := range nodes {
		switch {
		case n.on != "":
			b.WriteString("... on " + n.on + " ")
		case n.alias != "":
			b.WriteString(n.alias + ": " + n.field.Name + " ")
		default:
			b.WriteString(n.field.Name + " ")
		}
		if len(n.sub) > 0 || n.union {
			writeNodes(b, n.sub, n.union)
			b.WriteByte(' ')
		}
	}
	b.WriteByte('}')
}

// nodes returns the selection of def below the types of path, nothing if def is one of them.
func (s *selector) nodes(def *ast.Definition, path []string) []*node {
	if slices.Contains(path, def.Name) {
		return nil
	}
	path = append(slices.Clip(path), def.Name)
	var list []*node
	if def.Kind == ast.Union {
		aliases := s.unionAliases(def)
		for _, member := range def.Types {
			sub := s.nodes(s.schema.Types[member], path)
			for _, n := range sub {
				n.alias = aliases[member][n.field.Name]
			}
			if len(sub) > 0 {
				list = append(list, &node{on: member, sub: sub})
			}
		}
		return list
	}
	for _, field := range selectable(def) {
		if s.leavesOut(field) != "" {
			continue
		}
		target := s.schema.Types[field.Type.Name()]
		n := &node{field: field, union: target.Kind == ast.Union && !slices.Contains(path, target.Name)}
		if target.IsCompositeType() {
			if n.sub = s.nodes(target, path); len(n.sub) == 0 && !n.union {
				continue
			}
		}
		list = append(list, n)
	}
	return list
}

// selectable returns the fields of a type that are not deprecated, or all if none is left.
func selectable(def *ast.Definition) []*ast.FieldDefinition {
	current := slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool {
		return isDeprecated(f.Directives) || strings.HasPrefix(f.Name, "__")
	})
	if len(current) == 0 {
		return def.Fields
	}
	return current
}

func isDeprecated(d ast.DirectiveList) bool { return d.ForName("deprecated") != nil }

// unionAliases finds, for each member of a union, the fields that need another name because an
// earlier member has a field of that name and of another shape: GraphQL lets one response key
// have one shape only.
func (s *selector) unionAliases(union *ast.Definition) map[string]map[string]string {
	if known, ok := s.aliases[union.Name]; ok {
		return known
	}
	aliases := map[string]map[string]string{}
	s.aliases[union.Name] = aliases
	taken := map[string][]*node{}
	for _, member := range union.Types {
		aliases[member] = map[string]string{}
		for _, n := range s.nodes(s.schema.Types[member], []string{union.Name}) {
			clashes := func(other *node) bool { return !sameShape(n, other) }
			if slices.ContainsFunc(taken[n.field.Name], clashes) {
				aliases[member][n.field.Name] = member + "_" + n.field.Name
				continue
			}
			taken[n.field.Name] = append(taken[n.field.Name], n)
		}
	}
	return aliases
}

// sameShape is GraphQL's SameResponseShape (specification, 5.3.2).
func sameShape(a, b *node) bool {
	if len(a.sub) == 0 && len(b.sub) == 0 {
		return a.field.Type.String() == b.field.Type.String()
	}
	if len(a.sub) == 0 || len(b.sub) == 0 || wrappers(a.field.Type) != wrappers(b.field.Type) {
		return false
	}
	for _, x := range fieldsOf(a.sub) {
		for _, y := range fieldsOf(b.sub) {
			if x.key() == y.key() && !sameShape(x, y) {
				return false
			}
		}
	}
	return true
}

// wrappers returns a type without its name: its list and non-null marks.
func wrappers(t *ast.Type) string { return strings.Replace(t.String(), t.Name(), "", 1) }

func fieldsOf(nodes []*node) []*node {
	var list []*node
	for _, n := range nodes {
		if n.on != "" {
			list = append(list, fieldsOf(n.sub)...)
		} else {
			list = append(list, n)
		}
	}
	return list
}
