package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/internal/text"
)

// Match is a service, an operation or a type in which words were found.
type Match struct {
	Service string `json:"service"`
	// Name is the operation's or the type's; empty for a service.
	Name string `json:"name,omitempty"`
	// Kind is "service", a kind of operation such as "mutation", or one of types such as "input".
	Kind string `json:"kind"`
	// MatchedIn names the parts that hold a word, such as "argument filters" or "value OPEN"; empty
	// where all words are in the names of the service and of the match.
	MatchedIn []string `json:"where,omitempty"`
	// Deprecated says what replaces a deprecated operation; empty for all others.
	Deprecated string `json:"deprecated,omitempty"`

	rank int
}

// Find returns what holds all of the words: services by their names; operations by theirs, their
// arguments and the types of these and of the result; types by their names, fields, values and
// members. Case and underscores do not matter, so both spellings of a service find it. Matches by
// name come first, and of them those that are spelled as the words. No words find nothing.
func Find(words ...string) []Match {
	var f finder
	for _, word := range words {
		if word = text.Fold(word); word != "" {
			f.words = append(f.words, word)
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
	words []string
	found []Match
}

// part is a text in which words are looked for.
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
		f.look(Match{Service: s.service, Name: op.Name, Kind: string(op.Kind), Deprecated: op.Deprecated}, parts)
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

// The ranks of matches.
const (
	rankExact = iota
	rankName
	rankPart
	rankDeprecated
)

// look notes a match that holds all words. The service's name counts beside another, but not alone:
// else a service's name would find all that it has.
func (f *finder) look(m Match, parts []part) {
	own := text.Fold(cmp.Or(m.Name, m.Service))
	byName := false
	for _, word := range f.words {
		switch {
		case strings.Contains(own, word):
			byName = true
		case strings.Contains(text.Fold(m.Service), word):
		default:
			where := holding(parts, word)
			if len(where) == 0 {
				return
			}
			m.MatchedIn = append(m.MatchedIn, where...)
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
