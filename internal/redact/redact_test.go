package redact_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/redact"
)

func TestNamesOfSecrets(t *testing.T) {
	for _, name := range []string{
		"secret", "clientSecret", "client_secret", "clientsecret", "CLIENT_SECRET", "password", "newPassword", "passwd", "passphrase",
		"passcode", "PassCode", "token", "accessToken", "access_tokens", "otp", "OTP", "userotp", "mfaCode", "pin", "supportPin", "key",
		"apiKey", "api_key", "api-key", "apikey", "X-Api-Key", "registrationKey", "sessionKey", "credentials", "auth_credentials",
		"cert", "privatekey", "jwt", "cookie", "Set-Cookie", "cookies", "signature", "X-Amz-Signature", "sig", "hmac", "assertion",
		"Authorization", "Proxy-Authorization", "AccountKey", "AWS_ACCESS_KEY_ID", "connectionString", "SAMLResponse",
	} {
		if !redact.Name(name) {
			t.Errorf("%s would be shown", name)
		}
	}
	for _, name := range []string{
		"id", "ids", "clientIDs", "name", "email", "tenantID", "page", "perPage", "in", "shippingAddress", "pinned", "keyboard",
		"monkey", "author", "encoding", "decode", "limit", "certainty", "hostname", "max_tries", "footprint", "hotplug", "spinner",
	} {
		if redact.Name(name) {
			t.Errorf("%s is taken for a secret", name)
		}
	}
}

func TestNamesThatAreSure(t *testing.T) {
	for name, want := range map[string]bool{
		"passcode": true, "Cookie": true, "signature": true, "TAEGIS_ACCESS_TOKEN": true, "CLIENT_SECRET": true,
		"pin": true, "otpCode": true, "sessionCookies": true,
		"key": false, "some key": false, "countryCode": false, "SSH_AUTH_SOCK": false, "pinned": false, "PINENTRY_USER_DATA": false,
	} {
		if redact.Sure(name) != want {
			t.Errorf("%s: want %v", name, want)
		}
	}
}

func TestFieldsThatHoldASecret(t *testing.T) {
	for name, want := range map[string]bool{
		"clientSecret": true, "client_secret": true, "registrationKey": true, "newPassword": true, "otp": true, "accessToken": true,
		"signature": false, "codeViewSignature": false, "cookie": false, "authorization": false,
		"tokenRequestCount": false, "secretName": false, "key": false, "statusCode": false,
	} {
		if redact.Holds(name) != want {
			t.Errorf("%s: want %v", name, want)
		}
	}
}

func TestDocumentsWithSecrets(t *testing.T) {
	for document, want := range map[string]bool{
		`{"clientSecret":"x"}`: true, `{ login(password: "x") }`: true, `{"pass_code": "x"}`: true, `{"api-key":"x"}`: true,
		`{"clientSecret":""}`: false, `{ greet(name: "x") { token } }`: false, `{"clientSecret":null}`: false,
	} {
		if redact.InDocument(document) != want {
			t.Errorf("%s: want %v", document, want)
		}
	}
}

// word is long enough for every form with a prefix.
var word = strings.Repeat("a1B2", 12)

func TestFormsOfSecrets(t *testing.T) {
	hex := strings.Repeat("0a1b2c3d", 8)
	for _, secret := range []string{
		"ghp_" + word, "gho_" + word, "ghu_" + word, "ghs_" + word, "ghr_" + word, "github_pat_11AA_" + word,
		"glpat-" + word, "gldt-" + word, "xoxb-123456789012-" + word, "xoxp-12345678-" + word, "xoxe.xoxp-1-" + word, "xapp-1-A012-" + word,
		"sk-" + word, "sk-proj-" + word, "sk-ant-api03-" + word, "sk_live_" + word, "rk_test_" + word, "whsec_" + word,
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ." + word, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.", "eyJhbGciOiJSU0EifQ.a.b.c.d",
		"AKIAABCDEFGHIJKLMNOP", "ASIAABCDEFGHIJKLMNOP", "AIza" + word, "ya29." + word, "GOCSPX-" + word, "npm_" + word, "pypi-" + word,
		"dckr_pat_" + word, "hf_" + word, "hvs." + word, "dop_v1_" + hex, "dapi" + hex[:32], "SG." + word + "." + word, "ATATT3x" + word,
		"shpat_" + hex[:32], "glsa_" + word, "lin_api_" + word,
		"-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nMIIE cut off",
	} {
		for _, around := range [][2]string{{"", ""}, {"the value ", " is wrong"}, {`{"x":"`, `"}`}, {"(", ")"}} {
			got := redact.Text(around[0] + secret + around[1])
			if want := around[0] + redact.Mark + around[1]; got != want && !strings.Contains(secret, "cut off") {
				t.Errorf("got %q, want %q", got, want)
			}
			if strings.Contains(got, "MIIE") {
				t.Errorf("a key shows in %q", got)
			}
		}
	}
}

func TestSecretsInAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"https://ann:pw@host/x":                       "https://[redacted]@host/x",
		"https://ann@host/x":                          "https://[redacted]@host/x",
		"postgres://ann:p%40w@db:5432/x?sslmode=on":   "postgres://[redacted]@db:5432/x?sslmode=on",
		"https://ann:p/w%ord@x/y":                     "https://[redacted]@x/y",
		"https://ann:p@w@x/y":                         "https://[redacted]@x/y",
		"see https://h/p?token=abc&page=2, then":      "see https://h/p?token=[redacted]&page=2, then",
		"https://h/p?page=2&X-Amz-Signature=ab#x":     "https://h/p?page=2&X-Amz-Signature=[redacted]#x",
		"https://h/p?sv=1&sig=ab%3D":                  "https://h/p?sv=1&sig=[redacted]",
		"https://h/cb#access_token=abc&state=1":       "https://h/cb#access_token=[redacted]&state=1",
		"https://h/p?client%5Fsecret=abc":             "https://h/p?client%5Fsecret=[redacted]",
		"https://hooks.slack.com/services/T0/B0/abcd": "https://hooks.slack.com/services/[redacted]",
		"https://api.telegram.org/bot12:ab-c/send":    "https://api.telegram.org/bot[redacted]/send",
		`{"a":"https://u:p@h"}`:                       `{"a":"https://[redacted]@h"}`,
		"Authorization: Bearer " + word:               "Authorization: Bearer [redacted]",
		"authorization: basic " + word + "==":         "authorization: basic [redacted]",
	} {
		if got := redact.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// What only looks like a secret stays.
func TestTextWithoutSecretsStays(t *testing.T) {
	for _, text := range []string{
		"", "unknown environment \"x\"", "https://medium.com/@ann", "https://h:8080/@ann/x?page=2&per_page=5", "ann@example.com", "sk-2", "task-force",
		"desk-abcdefghijklmnopqrst", "Basic authentication is required", "Bearer $TAEGIS_ACCESS_TOKEN", "https://h/graphql?x#y", "eyJ", "a ghp_ prefix",
		"http://127.0.0.1:8080/graphql", "request 0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f", "sha256:" + strings.Repeat("0a", 32), "[::1]:80", "https://[::1]:80/a@b",
	} {
		if got := redact.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestAddressesOfServers(t *testing.T) {
	for text, want := range map[string]string{
		"https://ann:p/w%ord@x/y?key=k": "https://[redacted]@x/y?[redacted]", "ann:pw@x": "[redacted]@x", "https://x/y": "https://x/y",
	} {
		if got := redact.Address(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestSprintfKeepsArgumentsOnTheLine(t *testing.T) {
	got := redact.Sprintf("%-5s|%s|%v|%d|%q", "a\x07", errors.New("b\nhttps://u:p@c"), []byte("d\x1b"), 3, "e\nf")
	if want := `a\x07|b https://[redacted]@c|d\x1b|3|"e f"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := redact.Sprintf("%-4s|", "ä\n"); got != "ä   |" {
		t.Errorf("got %q", got)
	}
}
