package plugins

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/internal/redact"
)

// shortestSecret is how long a secret has to be to be told from words that occur elsewhere.
const shortestSecret = 6

// withheld are secrets, in all forms in which programs write text, the longest first: one may hold
// another. Each of its lines counts, too.
type withheld []string

func (w *withheld) add(secret string) {
	known := len(*w)
	for line := range strings.Lines(secret) {
		line = strings.TrimSpace(line)
		if len(line) < shortestSecret || slices.Contains(*w, line) {
			continue
		}
		*w = append(*w, line)
		for _, form := range formsOf(line) {
			if form != line {
				*w = append(*w, form)
			}
		}
	}
	if len(*w) == known {
		return // as with every answer that brings the same token again
	}
	slices.SortStableFunc(*w, func(a, b string) int { return len(b) - len(a) })
}

func (w withheld) removeFrom(text string) string {
	for _, secret := range w {
		text = strings.ReplaceAll(text, secret, redact.Mark)
	}
	return text
}

// formsOf are the ways in which Go and the web write a text. What stands before it in Base64 shifts
// it, and what of it then depends on neighbours is left out.
func formsOf(text string) []string {
	inJSON, _ := json.Marshal(text) // a string can be encoded
	asHex := hex.EncodeToString([]byte(text))
	forms := []string{
		spaced(text, len(text)), strings.Trim(strconv.Quote(text), `"`), strings.Trim(string(inJSON), `"`),
		url.QueryEscape(text), url.PathEscape(text), asHex, strings.ToUpper(asHex),
		strings.Trim(fmt.Sprintf("%d", []byte(text)), "[]"),
		fmt.Sprintf("% x", text), strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(text)), "[]byte{"), "}"),
	}
	for before := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			shifted := encoding.EncodeToString([]byte("\x00\x00"[:before] + text))
			if (before+len(text))%3 != 0 {
				shifted = shifted[:len(shifted)-1]
			}
			forms = append(forms, shifted[(before*8+5)/6:])
		}
	}
	return forms
}
