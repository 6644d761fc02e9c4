package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// isSecret reports whether an argument is a secret, by its name. Servers and proxies log documents,
// so the value of a secret is never a part of one. In doubt it returns true: a variable may need
// an adapted call, but a secret cannot be removed from a log.
func isSecret(argument string) bool {
	var lower []string
	for _, word := range splitWords(argument) {
		lower = append(lower, strings.TrimSuffix(strings.ToLower(word), "s"))
	}
	joined, known := strings.Join(lower, ""), secretNames()
	return slices.ContainsFunc(lower, func(word string) bool { return slices.Contains(known.words, word) }) ||
		slices.ContainsFunc(known.endings, func(end string) bool { return strings.HasSuffix(joined, end) })
}

// secrets holds names of secrets: words match whole words of a name, endings also match a name without
// word boundaries (clientsecret).
type secrets struct{ words, endings []string }

// secretNames reads the project's list. Its parts are endings here, because the argument of a
// mutation is the secret itself.
var secretNames = sync.OnceValue(func() (names secrets) {
	text, err := os.ReadFile(upwards("internal/redact/names.txt"))
	if err != nil {
		panic(err) // without the list nothing may be generated
	}
	for line := range strings.Lines(string(text)) {
		kind, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "part":
			names.endings = append(names.endings, name)
		case "ending":
			names.endings, names.words = append(names.endings, name), append(names.words, name)
		case "word", "maybe":
			names.words = append(names.words, name)
		}
	}
	return names
})

// upwards returns the path of a file of the repository, from the working folder or one above it.
func upwards(path string) string {
	found := filepath.FromSlash(path)
	for range 4 {
		if _, err := os.Stat(found); err == nil {
			break
		}
		found = filepath.Join("..", found)
	}
	return found
}
