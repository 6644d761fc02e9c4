package transport

import (
	"maps"
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

// literal is a string literal of a GraphQL document with the name before it.
var literal = regexp.MustCompile(`([_A-Za-z][_0-9A-Za-z]*)([\s,]*:[\s,]*)("""(?s:.*?)"""|"(?:[^"\\\n]|\\.)*")`)

// redactLiterals redacts the strings in a document whose name is that of a secret.
func redactLiterals(document string) string {
	return literal.ReplaceAllStringFunc(document, func(text string) string {
		parts := literal.FindStringSubmatch(text)
		if !isSecret(parts[1]) {
			return text
		}
		return parts[1] + parts[2] + `"` + redacted + `"`
	})
}
