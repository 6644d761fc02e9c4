package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/text"
)

// isTerminal reports whether a stream of the command line is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}

// encodeJSON encodes a value as people read it.
func encodeJSON(value any) ([]byte, error) {
	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return document.Bytes(), err
}

// holder says whose token it is, by what the token says itself.
func holder(token core.Token) string {
	claims, _ := token.Claims() // an opaque token has none
	switch {
	case claims.Username != "":
		return shown(claims.Username)
	case claims.ClientID != "":
		return "client " + shown(claims.ClientID)
	case claims.Subject != "":
		return shown(claims.Subject)
	case token.Credential != "":
		return shown(string(token.Credential))
	}
	return "somebody whom it does not name"
}

// longestName is how much of a name in a token is shown, in characters.
const longestName = 200

// shown is a name in a token as it is shown.
func shown(name string) string { return text.Short(name, longestName) }

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
