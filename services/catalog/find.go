package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/internal/text"
)

// Match is a service, an operation or a type that [Find] found.
type Match struct {
	Service string `json:"service"`
	// Name is the name of the operation or the type. Empty for a service.
	Name string `json:"name,omitempty"`
	// Kind is "service", a kind of operation, for example "mutation", or a kind of type, for
	// example "input".
	Kind string `json:"kind"`
	// MatchedIn names the parts that contain a word, for example "argument filters" or "value
	// OPEN". Empty if the names of the service and of the match contain all words.
	MatchedIn []string `json:"matchedIn,omitempty"`
	// Deprecated names the replacement of a deprecated operation. Empty for all others.
	Deprecated string `json:"deprecated,omitempty"`

	rank        int
	alternative string // folded
}

// Find returns the services, operations and types that contain all of the words. It searches the
// names of services; the names of operations, their arguments, and the types of arguments and
// results; and the names of types, their fields, values and members. Case and underscores do not
// matter. Matches by name come first, exact matches before others. Then come names with the other
// word for the same thing: "detection" finds alerts, "case" investigations, and the reverse.
// Without words Find returns nil.
func Find(words ...string) []Match {
	f := finder{synonyms: map[string][]string{}}
	for _, word := range words {
		if word = text.Fold(word); word != "" {
			f.words = append(f.words, word)
			f.synonyms[word] = synonyms(word)
		}
	}
	if len(f.words) == 0 {
		return nil
	}
	for _, s := range everySchema() {
		f.service(s)
	}
	slices.SortStableFunc(f.found, func(a, b Match) int { return cmp.Compare(a.rank, b.rank) })
	return f.found
}

type finder struct {
	words    []string
	synonyms map[string][]string // by word
	found    []Match
}

// part is a text that is searched.
type part struct{ what, name string }

func (f *finder) service(s *Schema) {
	f.look(Match{Service: s.service, Kind: "service"}, nil)
	for _, op := range s.operations {
		var parts []part
		root := s.root(op.Kind, op.Name)
		for _, a := range root.Arguments {
			parts = append(parts, part{"argument", a.Name}, part{"type", a.Type.Name()})
		}
		parts = append(parts, part{"result", root.Type.Name()})
		m := Match{Service: s.service, Name: op.Name, Kind: string(op.Kind), Deprecated: op.Deprecated}
		m.alternative = text.Fold(op.Alternative)
		f.look(m, parts)
	}
	for _, name := range s.Types() {
		var parts []part
		def := s.types.Types[name]
		for _, field := range def.Fields {
			parts = append(parts, part{"field", field.Name})
		}
		for _, value := range def.EnumValues {
			parts = append(parts, part{"value", value.Name})
		}
		for _, member := range def.Types {
			parts = append(parts, part{"member", member})
		}
		f.look(Match{Service: s.service, Name: name, Kind: keywords[def.Kind]}, parts)
	}
}

// The ranks of matches, the best first.
const (
	rankExact = iota
	rankName
	rankSynonym
	rankPart
	rankDeprecated
)

// look records a match that contains all words. The service's name alone does not suffice:
// otherwise it would match everything in the service.
func (f *finder) look(m Match, parts []part) {
	own, service := text.Fold(cmp.Or(m.Name, m.Service)), text.Fold(m.Service)
	byName, bySynonym := false, false
	for _, word := range f.words {
		within := func(name string) bool {
			return slices.ContainsFunc(f.synonyms[word], func(s string) bool { return strings.Contains(name, s) })
		}
		where := holding(parts, word)
		switch {
		case strings.Contains(own, word):
			byName = true
		case within(own), strings.Contains(m.alternative, word):
			byName, bySynonym = true, true
		case strings.Contains(service, word):
		case len(where) > 0:
			m.MatchedIn = append(m.MatchedIn, where...)
		case within(service):
			bySynonym = true
		default:
			return
		}
	}
	switch {
	case !byName && len(m.MatchedIn) == 0:
		return
	case m.Deprecated != "":
		m.rank = rankDeprecated
	case len(m.MatchedIn) > 0:
		m.rank = rankPart
	case own == strings.Join(f.words, ""):
		m.rank = rankExact
	case bySynonym:
		m.rank = rankSynonym
	default:
		m.rank = rankName
	}
	f.found = append(f.found, m)
}

func holding(parts []part, word string) []string {
	var where []string
	for _, p := range parts {
		if named := p.what + " " + p.name; strings.Contains(text.Fold(p.name), word) && !slices.Contains(where, named) {
			where = append(where, named)
		}
	}
	return where
}
