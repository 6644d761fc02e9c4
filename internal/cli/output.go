package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"

	"github.com/taegis-go/taegis/core"
)

// printf writes data.
func (a *app) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(a.out, format, args...)
	return err
}

// isTerminal reports whether a stream of the command line is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}

// say writes a line for people.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.err, format+"\n", args...) }

// warn writes a line for people about what they may not expect.
func (a *app) warn(format string, args ...any) { a.say("taegis: warning: "+format, args...) }

// printJSON writes a value as one JSON document.
func (a *app) printJSON(value any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// holder says whose token it is, by what the token says itself.
func holder(token core.Token) string {
	claims, _ := token.Claims() // an opaque token has none
	switch {
	case claims.Username != "":
		return printable(claims.Username)
	case claims.ClientID != "":
		return "client " + printable(claims.ClientID)
	case claims.Subject != "":
		return printable(claims.Subject)
	case token.Credential != "":
		return string(token.Credential)
	}
	return "somebody whom it does not name"
}

// printable drops what could move the cursor: claims come from elsewhere.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}

// wordsOf is an error as a terminal is given it: some of its words come from servers.
func wordsOf(err error) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return -1
	}, err.Error())
}

// until says when a token expires.
func until(expiry, now time.Time) string {
	if expiry.IsZero() {
		return "unknown"
	}
	return fmt.Sprintf("%s (%s left)", stamp(expiry), expiry.Sub(now).Round(time.Second))
}

// stamp is a time as the commands print it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// list joins names as a sentence does.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
