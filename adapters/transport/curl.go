package transport

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/internal/text"
)

// curl returns a command for a POSIX shell that sends req, with redacted secrets and without
// control characters. For a subscription, which curl cannot run, it returns the payload. It returns
// "" for a request that cannot be sent.
func curl(req *core.Request) string {
	if req.Operation.Kind.REST() {
		return curlREST(req)
	}
	address, err := addressOf(req)
	if err != nil {
		return "" // nothing was sent, and the URL may contain a password
	}
	args, err := parseArguments(req.Args)
	if err != nil {
		return ""
	}
	shown := *req
	shown.Document = redact.Text(redactLiterals(req.Document))
	shown.Selection = redact.Text(redactLiterals(req.Selection))
	ask, err := compose(&shown, args.redact())
	if err != nil {
		return ""
	}
	body, err := encode(ask)
	if err != nil {
		return ""
	}
	words := []string{
		"curl", "-sS", shellquote.Word(redact.Text(address.String())),
		"-H", bearerOfCurl, "-H", shellquote.Word("Content-Type: application/json"),
	}
	if req.Tenant != "" {
		words = append(words, "-H", shellquote.Word(req.Environment.Platform.TenantHeader()+": "+req.Tenant))
	}
	words = append(words, headersOfCurl(req)...)
	return strings.Join(append(words, "--data-raw", shellquote.Word(string(text.JSON(body)))), " ")
}

// bearerOfCurl is the argument with the token, which a variable holds.
const bearerOfCurl = `"Authorization: Bearer $TAEGIS_ACCESS_TOKEN"`

// headersOfCurl returns the arguments with the request's own headers.
func headersOfCurl(req *core.Request) (words []string) {
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		if isReserved(http.CanonicalHeaderKey(name)) {
			continue
		}
		value := redact.Text(strings.Join(req.Header[name], ", "))
		if redact.Name(name) {
			value = redact.Mark
		}
		words = append(words, "-H", shellquote.Word(name+": "+value))
	}
	return words
}

// lexeme is a name, a literal, a comment or a colon of a GraphQL document.
var lexeme = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[_A-Za-z][_0-9A-Za-z]*|"""(?s:\\"""|.)*?"""|"(?:[^"\\\n]|\\.)*"|-?[0-9][0-9.eE+-]*|#[^\n]*|:`)
})

// redactLiterals redacts all strings and numbers of a document in which a value has the name of a
// secret, and removes its comments. Only a parser could find the literals of that value.
func redactLiterals(document string) string {
	if !namesSecret(document) {
		return document
	}
	return lexeme().ReplaceAllStringFunc(document, func(word string) string {
		switch {
		case isNameStart(word[0]) || word == ":":
			return word
		case word[0] == '#':
			return ""
		}
		return `"` + redact.Mark + `"`
	})
}

// secretLiterals returns the values that redactLiterals would redact.
func secretLiterals(document string) (values []string) {
	if !namesSecret(document) {
		return nil
	}
	for _, word := range lexeme().FindAllString(document, -1) {
		switch {
		case isNameStart(word[0]) || word[0] == '#' || word == ":":
		case strings.HasPrefix(word, `"""`):
			values = append(values, strings.TrimSpace(strings.ReplaceAll(word[3:len(word)-3], `\"""`, `"""`)))
		case word[0] == '"':
			var literal string
			if json.Unmarshal([]byte(word), &literal) != nil {
				literal = strings.Trim(word, `"`)
			}
			values = append(values, literal)
		default:
			values = append(values, word)
		}
	}
	return values
}

// namesSecret reports whether an argument, an input field or a variable of the document has the
// name of a secret. Selected fields do not count, because they have no values.
func namesSecret(document string) bool {
	secret := false
	for _, word := range lexeme().FindAllString(document, -1) {
		switch {
		case word[0] == '#':
			continue
		case secret && word == ":":
			return true
		}
		secret = isNameStart(word[0]) && redact.Name(word)
	}
	return false
}
