package plugins_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
)

// TestHostilePlugin lets a plugin look for what it was not given.
func TestHostilePlugin(t *testing.T) {
	const canary = "canary-of-the-host"
	t.Setenv("TAEGIS_TEST_CANARY", canary)
	stdin, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func(old *os.File) { os.Stdin = old; stdin.Close() }(os.Stdin)
	os.Stdin = stdin
	io.WriteString(in, canary)
	in.Close()

	s := play(t, "snoop")
	s.Settings = map[string]string{"broker_url": "https://broker.example"}
	s.Env = append(s.Env, "ACME_BADGE")
	maps.Copy(s.variables, map[string]string{
		"ACME_BADGE": "4711", "CLIENT_ID": canary, "CLIENT_SECRET": canary, "TAEGIS_ACCESS_TOKEN": canary, "HOME": canary,
	})
	token, err := s.open(t).Authenticate(t.Context(), s.request())
	if err != nil {
		t.Fatal(err)
	}
	text, err := hex.DecodeString(token.AccessToken.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(canary)) {
		t.Errorf("the plugin has found something: %s", text)
	}
	var l loot
	if err := json.Unmarshal(text, &l); err != nil {
		t.Fatal(err)
	}
	for _, v := range l.Variables {
		name, _, _ := strings.Cut(v, "=")
		if !slices.Contains(s.Env, name) && !strings.HasPrefix(name, "PLUGIN_") && name != "TAEGIS_PLUGIN" && name != "SYSTEMROOT" {
			t.Errorf("the plugin sees the variable %s", name)
		}
	}
	if l.Stdin != "" || l.Terminal {
		t.Errorf("the plugin has read %q from stdin, and opened the terminal: %v", l.Stdin, l.Terminal)
	}
	if want := []string{"ACME_BADGE", "broker_url"}; !slices.Equal(l.Found, want) {
		t.Errorf("the plugin found the settings %q, want %q", l.Found, want)
	}
}

// TestNetwork checks that a plugin trusts the certificates and uses the proxies of its host.
func TestNetwork(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "over-tls") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // those who do not trust it are part of the test
	server.StartTLS()
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "proxied-to-"+r.URL.Host)
	}))
	defer proxy.Close()
	away := httptest.NewServer(http.RedirectHandler(proxy.URL, http.StatusFound))
	defer away.Close()

	for name, test := range map[string]struct {
		address, bundle string
		variables       map[string]string
		want            string // empty means a failure
	}{
		"no bundle":                    {address: server.URL},
		"a bundle in the Config":       {address: server.URL, bundle: bundle, want: "over-tls"},
		"a bundle in the setting":      {address: server.URL, variables: map[string]string{"TAEGIS_CA_BUNDLE": bundle}, want: "over-tls"},
		"a proxy":                      {address: "http://broker.example/", variables: map[string]string{"HTTP_PROXY": proxy.URL}, want: "proxied-to-broker.example"},
		"a proxy in small letters":     {address: "http://broker.example/", variables: map[string]string{"http_proxy": proxy.URL}, want: "proxied-to-broker.example"},
		"a redirect to another host":   {address: away.URL},
		"a bundle without certificate": {address: server.URL, bundle: os.Args[0]},
		"a bundle that is not there":   {address: server.URL, bundle: "/nonexistent"},
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t, "fetcher")
			s.Settings = map[string]string{"address": test.address}
			s.CABundle = test.bundle
			maps.Copy(s.variables, test.variables)
			token, err := s.open(t).Authenticate(t.Context(), s.request())
			if got := token.AccessToken.Reveal(); got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("the plugin got %q, %v; want %q", got, err, test.want)
			}
			if err != nil && core.Hint(err) == "" {
				t.Errorf("the error has no hint: %v", err)
			}
		})
	}
}

// TestNoSecretShows lets a plugin say and print what it was told in confidence.
func TestNoSecretShows(t *testing.T) {
	var logged bytes.Buffer
	s := play(t, "asker")
	s.Settings = map[string]string{"leak": "1"}
	s.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	req := s.request()
	var a audience
	req.Prompt = a.prompt()
	_, err := s.open(t).Authenticate(t.Context(), req)
	if err == nil || strings.Contains(err.Error(), "swordfish") || !strings.Contains(err.Error(), "the code [redacted] of badge is wrong") {
		t.Errorf("the error is %v", err)
	}
	if strings.Contains(logged.String(), "swordfish") {
		t.Errorf("the log says %s", logged.String())
	}
}
