package emulator

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// names is the set of names that a list has or had.
type names map[string]bool

func namesIn[T any](items []T, name func(T) string) names {
	n := names{}
	for _, item := range items {
		n[name(item)] = true
	}
	return n
}

// another adds a new name for name: its other spelling, or the name of a second version.
func (n names) another(name string, rng *rand.Rand) string {
	if other := respelled(name); rng.IntN(2) == 0 && !n[other] {
		n[other] = true
		return other
	}
	return n.suffixed(name)
}

// suffixed adds the name of the next version.
func (n names) suffixed(name string) string {
	suffix := "V2"
	switch {
	case strings.ToUpper(name) == name:
		suffix = "_V2"
	case strings.Contains(name, "_"):
		suffix = "_v2"
	}
	for name += suffix; n[name]; name += suffix {
	}
	n[name] = true
	return name
}

// respelled converts tenantId to tenant_id, and the reverse.
func respelled(name string) string {
	var b strings.Builder
	snake, up := strings.Contains(name, "_"), false
	for i, r := range name {
		switch {
		case r == '_' && i > 0:
			up = true
			continue
		case snake && up:
			r, up = unicode.ToUpper(r), false
		case !snake && i > 0 && unicode.IsUpper(r) && unicode.IsLower(rune(name[i-1])):
			b.WriteByte('_')
		}
		if !snake {
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
