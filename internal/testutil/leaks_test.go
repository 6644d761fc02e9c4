package testutil_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
)

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
		"JSON":       fmt.Sprintf(`{"a":"%s"}`, asJSON(t, secret, false)),
		"HTML":       fmt.Sprintf(`{"a":"%s"}`, asJSON(t, secret, true)),
		"Go":         fmt.Sprintf("%q", secret),
		"a log line": fmt.Sprintf("body=%q", `{"a":"`+asJSON(t, secret, false)+`"}`),
		"hex":        fmt.Sprintf("%x", secret),
		"HEX":        fmt.Sprintf("%X", secret),
		"bytes":      fmt.Sprintf("%d", []byte("a"+secret+"b")),
	} {
		if len(testutil.Leaks(secrets, []testutil.Output{{Run: name, Text: text}})) == 0 {
			t.Errorf("%s: not found in %s", name, text)
		}
		if found := testutil.Leaks(secrets, []testutil.Output{{Run: name, Text: text, Asked: true}}); len(found) > 0 {
			t.Errorf("%s: reported an expected secret: %v", name, found)
		}
	}
	if found := testutil.Leaks(secrets, []testutil.Output{{Text: "ca na ry, nothing secret, AAAA, aGVsbG8="}}); len(found) > 0 {
		t.Errorf("reported without a secret: %v", found)
	}
}

func asJSON(t *testing.T, text string, forHTML bool) string {
	t.Helper()
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(forHTML)
	if err := encoder.Encode(text); err != nil {
		t.Fatal(err)
	}
	return strings.Trim(strings.TrimSpace(b.String()), `"`)
}
