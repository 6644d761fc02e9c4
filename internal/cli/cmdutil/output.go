package cmdutil

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

// IsTerminal reports whether a stream of the command line is a terminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}

// encodeJSON returns a value as indented JSON.
func encodeJSON(value any) ([]byte, error) {
	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return document.Bytes(), err
}

// AccountName returns the account that the claims of a token name, escaped for display.
func AccountName(token core.Token) string {
	claims, _ := token.Claims() // an opaque token has none
	switch {
	case claims.Username != "":
		return shown(claims.Username)
	case claims.ClientID != "":
		return "client " + shown(claims.ClientID)
	case claims.Subject != "":
		return shown(claims.Subject)
	case token.Account != "":
		return shown(string(token.Account))
	}
	return "an unnamed account"
}

// longestName is how many characters of a name are shown.
const longestName = 200

// shown returns a name escaped for display.
func shown(name string) string { return text.Short(name, longestName) }

// FormatExpiry returns the time of expiry with the time that is left. It returns "unknown" for a zero
// expiry.
func FormatExpiry(expiry, now time.Time) string {
	if expiry.IsZero() {
		return "unknown"
	}
	return fmt.Sprintf("%s (%s left)", FormatTime(expiry), expiry.Sub(now).Round(time.Second))
}

// FormatTime returns a time in UTC in the format of RFC 3339.
func FormatTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// JoinNames returns "a, b and c".
func JoinNames(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// IsOrAre returns "CLIENT_ID is" or "CLIENT_ID and CLIENT_SECRET are".
func IsOrAre(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return JoinNames(names) + " are"
}

// Plural returns one if n is 1, and many otherwise.
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
