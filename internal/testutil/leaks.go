package testutil

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Output is a text that is searched for secrets.
type Output struct {
	Run, Text string // the source and the content
	Asked     bool   // the secret was asked for, and is to be there
}

// Leaks describes the secrets in outputs that must not contain them.
func Leaks(secrets map[string]string, outputs []Output) []string {
	var found []string
	for name, secret := range secrets {
		forms := SecretForms(secret)
		for _, o := range outputs {
			for form, text := range forms {
				if !o.Asked && strings.Contains(o.Text, text) {
					found = append(found, fmt.Sprintf("%s: %s, %s", o.Run, name, form))
					break
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// SecretForms returns the encodings of a secret, by name.
func SecretForms(secret string) map[string]string {
	forms := map[string]string{
		"as it is":             secret,
		"escaped for a query":  url.QueryEscape(secret),
		"escaped for a path":   url.PathEscape(secret),
		"in JSON":              inJSON(secret, false),
		"in JSON for HTML":     inJSON(secret, true),
		"quoted":               strings.Trim(fmt.Sprintf("%q", secret), `"`),
		"quoted twice":         strings.Trim(fmt.Sprintf("%q", inJSON(secret, false)), `"`),
		"in hexadecimal":       hex.EncodeToString([]byte(secret)),
		"in HEXADECIMAL":       strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"as bytes in brackets": strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]"),
		"as spaced bytes":      fmt.Sprintf("% x", secret),
		"as bytes in Go":       strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(secret)), "[]byte{"), "}"),
	}
	for before := range 3 { // what stands before a secret shifts its base64
		forms[fmt.Sprintf("in base64 after %d", before)] = inBase64(base64.StdEncoding, before, secret)
		forms[fmt.Sprintf("in base64 for URLs after %d", before)] = inBase64(base64.URLEncoding, before, secret)
	}
	return forms
}

func inJSON(text string, forHTML bool) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(forHTML)
	_ = encoder.Encode(text) // strings always can be
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), `"`), "\"\n")
}

// inBase64 returns the part of the encoding that depends on the secret alone, with that many bytes
// before it.
func inBase64(encoding *base64.Encoding, before int, secret string) string {
	text := encoding.WithPadding(base64.NoPadding).EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
	if (before+len(secret))%3 != 0 {
		text = text[:len(text)-1]
	}
	return text[(before*8+5)/6:]
}
