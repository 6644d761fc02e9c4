package cli_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// output is what a run of the command line has written to one of its streams.
type output struct {
	run, text string
	asked     bool // the secret was asked for, and is to be there
}

// leaks describes the secrets that stand in outputs where nobody has asked for them.
func leaks(secrets map[string]string, outputs []output) []string {
	var found []string
	for name, secret := range secrets {
		forms := formsOf(secret)
		for _, o := range outputs {
			for form, text := range forms {
				if !o.asked && strings.Contains(o.text, text) {
					found = append(found, fmt.Sprintf("%s: %s, %s", o.run, name, form))
					break
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// formsOf are the ways in which a secret may be written.
func formsOf(secret string) map[string]string {
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

// inBase64 is the part of the encoding that depends on the secret alone, with so many bytes
// before it.
func inBase64(encoding *base64.Encoding, before int, secret string) string {
	text := encoding.WithPadding(base64.NoPadding).EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
	if (before+len(secret))%3 != 0 {
		text = text[:len(text)-1]
	}
	return text[(before*8+5)/6:]
}

// A search that cannot find is no test.
func TestEveryFormOfALeakIsFound(t *testing.T) {
	secret := `ca"na<ry>/+=&\ secret`
	secrets := map[string]string{"secret": secret}
	for name, text := range map[string]string{
		"raw":        "before" + secret + "after",
		"query":      "https://x/?a=" + url.Values{"a": {secret}}.Encode(),
		"path":       (&url.URL{Path: "/" + url.PathEscape(secret)}).Path,
		"basic":      base64.StdEncoding.EncodeToString([]byte("id:" + secret)),
		"basic 1":    base64.StdEncoding.EncodeToString([]byte("one:" + secret + "more")),
		"basic 2":    base64.RawURLEncoding.EncodeToString([]byte("clien:" + secret + "mor")),
		"JSON":       fmt.Sprintf(`{"a":"%s"}`, inJSON(secret, false)),
		"HTML":       fmt.Sprintf(`{"a":"%s"}`, inJSON(secret, true)),
		"Go":         fmt.Sprintf("%q", secret),
		"a log line": fmt.Sprintf("body=%q", `{"a":"`+inJSON(secret, false)+`"}`),
		"hex":        fmt.Sprintf("%x", secret),
		"HEX":        fmt.Sprintf("%X", secret),
		"bytes":      fmt.Sprintf("%d", []byte("a"+secret+"b")),
	} {
		if len(leaks(secrets, []output{{run: name, text: text}})) == 0 {
			t.Errorf("%s: not found in %s", name, text)
		}
		if found := leaks(secrets, []output{{run: name, text: text, asked: true}}); len(found) > 0 {
			t.Errorf("%s: found where it was asked for: %v", name, found)
		}
	}
	if found := leaks(secrets, []output{{text: "ca na ry, nothing secret, AAAA, aGVsbG8="}}); len(found) > 0 {
		t.Errorf("found where there is none: %v", found)
	}
}
