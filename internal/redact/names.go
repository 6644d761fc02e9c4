// Package redact keeps secrets out of what is shown or logged: by the names of their values, and by
// the forms that tokens have.
package redact

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Mark stands in place of a secret.
const Mark = "[redacted]"

//go:embed names.txt
var list string

// names are those of the list.
type names struct{ parts, proofs, endings, words, maybe []string }

// known is read when the first name is looked at, as all of this package, to keep the start of a
// program short.
var known = sync.OnceValue(func() names {
	return names{listed("part"), listed("proof"), listed("ending"), listed("word"), listed("maybe")}
})

func listed(kind string) (names []string) {
	for line := range strings.Lines(list) {
		if name, ok := strings.CutPrefix(line, kind+" "); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

// nameWord is a word of a name: tenant_IDs has two, apiKey has two.
var nameWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Z]+[a-z]*|[a-z]+`) })

// Name reports whether name is, or may be, that of a secret value. In doubt it returns true: a
// false alarm only hides a value.
func Name(name string) bool { return Sure(name) || hasWord(name, known().maybe) }

// Sure reports whether name is certainly that of a secret, for uses in which a false alarm is worse
// than a miss, for example a warning.
func Sure(name string) bool {
	plain := strings.TrimSuffix(folded(name), "s")
	contains := func(part string) bool { return strings.Contains(plain, part) }
	return slices.ContainsFunc(known().parts, contains) || slices.ContainsFunc(known().proofs, contains) ||
		slices.ContainsFunc(known().endings, func(end string) bool { return strings.HasSuffix(plain, end) }) ||
		hasWord(name, known().endings) || hasWord(name, known().words)
}

// hasWord reports whether one of the words stands in name.
func hasWord(name string, words []string) bool {
	return slices.ContainsFunc(nameWord().FindAllString(name, -1), func(word string) bool {
		return slices.Contains(words, strings.TrimSuffix(strings.ToLower(word), "s"))
	})
}

// Holds reports whether a field of that name holds a secret that a service makes, for example a
// client's, and is not only about one, like tokenRequestCount.
func Holds(name string) bool {
	plain := folded(name)
	holds := func(end string) bool { return strings.HasSuffix(plain, end) }
	return slices.ContainsFunc(known().parts, holds) || slices.ContainsFunc(known().endings, holds)
}

// joints part the words of names.
var joints = strings.NewReplacer("_", "", "-", "", ".", "")

func folded(name string) string { return strings.ToLower(joints.Replace(name)) }

// pair is, in JSON and in GraphQL, a text under a name.
var pair = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`([_A-Za-z][_0-9A-Za-z-]*)"?\s*:\s*"[^"]`)
})

// InDocument reports whether a JSON or GraphQL document has a text under the name of a secret.
func InDocument(document string) bool {
	for _, match := range pair().FindAllStringSubmatch(document, -1) {
		if Sure(match[1]) {
			return true
		}
	}
	return false
}
