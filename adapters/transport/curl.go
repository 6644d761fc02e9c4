package transport

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// curl returns a shell command that sends what req asks, with its secrets redacted. A
// subscription needs a WebSocket, which curl does not speak: there it shows the payload.
func curl(req *core.Request) string {
	args, err := parseArguments(req.Args)
	if err != nil {
		return "" // nothing was sent either
	}
	shown := *req
	shown.Document = redactLiterals(req.Document)
	shown.Selection = redactLiterals(req.Selection)
	ask, err := compose(&shown, args.redact())
	if err != nil {
		return ""
	}
	body, err := encode(ask)
	if err != nil {
		return ""
	}
	words := []string{
		"curl", "-sS", quote(req.URL()),
		"-H", `"Authorization: Bearer $TAEGIS_ACCESS_TOKEN"`,
		"-H", quote("Content-Type: application/json"),
	}
	if req.Tenant != "" {
		words = append(words, "-H", quote("X-Tenant-Context: "+req.Tenant))
	}
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		if reserved[http.CanonicalHeaderKey(name)] {
			continue
		}
		value := strings.Join(req.Header[name], ", ")
		if isSecret(name) {
			value = redacted
		}
		words = append(words, "-H", quote(name+": "+value))
	}
	return strings.Join(append(words, "--data-raw", quote(string(body))), " ")
}

// quote writes text as one word of a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// lexeme is a name, a literal or a comment of a GraphQL document.
var lexeme = regexp.MustCompile(`[_A-Za-z][_0-9A-Za-z]*|"""(?s:\\.|.)*?"""|"(?:[^"\\\n]|\\.)*"|-?[0-9][0-9.eE+-]*|#[^\n]*`)

// redactLiterals redacts every text and number, and leaves out the comments, of a document in
// which some name is that of a secret: which of them belong to it only a parser could tell.
func redactLiterals(document string) string {
	words := lexeme.FindAllString(document, -1)
	if !slices.ContainsFunc(words, func(word string) bool { return isNameStart(word[0]) && isSecret(word) }) {
		return document
	}
	return lexeme.ReplaceAllStringFunc(document, func(word string) string {
		switch {
		case isNameStart(word[0]):
			return word
		case word[0] == '#':
			return ""
		}
		return `"` + redacted + `"`
	})
}
