package transport

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// curl returns a shell command that sends what req asks, with its secrets redacted. A
// subscription needs a WebSocket, which curl does not speak: there it shows the payload. It is empty for
// what cannot be sent.
func curl(req *core.Request) string {
	address, err := addressOf(req)
	if err != nil {
		return "" // nothing was sent either, and it may hold a password
	}
	args, err := parseArguments(req.Args)
	if err != nil {
		return ""
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
		"curl", "-sS", quote(address.String()),
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

// lexeme is a name, a literal, a comment or a colon of a GraphQL document.
var lexeme = regexp.MustCompile(`[_A-Za-z][_0-9A-Za-z]*|"""(?s:\\"""|.)*?"""|"(?:[^"\\\n]|\\.)*"|-?[0-9][0-9.eE+-]*|#[^\n]*|:`)

// redactLiterals redacts every text and number, and leaves out the comments, of a document in
// which a value has the name of a secret: which of them belong to it only a parser could tell.
func redactLiterals(document string) string {
	if !namesSecret(document) {
		return document
	}
	return lexeme.ReplaceAllStringFunc(document, func(word string) string {
		switch {
		case isNameStart(word[0]) || word == ":":
			return word
		case word[0] == '#':
			return ""
		}
		return `"` + redacted + `"`
	})
}

// secretLiterals returns the values that redactLiterals redacts.
func secretLiterals(document string) (values []string) {
	if !namesSecret(document) {
		return nil
	}
	for _, word := range lexeme.FindAllString(document, -1) {
		switch {
		case isNameStart(word[0]) || word[0] == '#' || word == ":":
		case strings.HasPrefix(word, `"""`):
			values = append(values, strings.TrimSpace(strings.ReplaceAll(word[3:len(word)-3], `\"""`, `"""`)))
		case word[0] == '"':
			var text string
			if json.Unmarshal([]byte(word), &text) != nil {
				text = strings.Trim(word, `"`)
			}
			values = append(values, text)
		default:
			values = append(values, word)
		}
	}
	return values
}

// namesSecret reports whether an argument, a field of an input or a variable of the document has
// the name of a secret. The fields that it selects hold no values.
func namesSecret(document string) bool {
	secret := false
	for _, word := range lexeme.FindAllString(document, -1) {
		switch {
		case word[0] == '#':
			continue
		case secret && word == ":":
			return true
		}
		secret = isNameStart(word[0]) && isSecret(word)
	}
	return false
}
