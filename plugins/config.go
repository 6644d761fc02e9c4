package plugins

import (
	"errors"
	"slices"
	"strings"

	"aead.dev/minisign"
)

// lowered returns the checksums in lower case, without empty ones.
func lowered(sums []string) []string {
	var list []string
	for _, sum := range sums {
		if sum != "" {
			list = append(list, strings.ToLower(sum))
		}
	}
	return list
}

// areHashes reports whether all are SHA-256 in hex.
func areHashes(sums []string) bool {
	return !slices.ContainsFunc(sums, func(sum string) bool { return !validHash().MatchString(sum) })
}

// parseKeys reads public keys.
func parseKeys(texts []string) ([]minisign.PublicKey, error) {
	var keys []minisign.PublicKey
	for _, text := range texts {
		var key minisign.PublicKey
		if err := key.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
			return nil, errors.New("must be public keys of minisign, which begin with RW")
		}
		keys = append(keys, key)
	}
	return keys, nil
}
