package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// isSecret tells from an argument's name whether its value must stay out of the document, which
// servers and proxies log. In doubt it says yes: a variable costs at most one healed call, a
// secret in a log cannot be called back.
func isSecret(argument string) bool {
	var lower []string
	for _, word := range words(argument) {
		lower = append(lower, strings.TrimSuffix(strings.ToLower(word), "s"))
	}
	joined, known := strings.Join(lower, ""), secretNames()
	return slices.ContainsFunc(lower, func(word string) bool { return slices.Contains(known.words, word) }) ||
		slices.ContainsFunc(known.endings, func(end string) bool { return strings.HasSuffix(joined, end) })
}

// secrets are names of secrets: words mean something as words of their own, endings also where the
// words of a name are run together (clientsecret).
type secrets struct{ words, endings []string }

// secretNames reads the list that the whole project has. Its parts are endings here, since the
// argument of a mutation is the secret and does not tell about one.
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
