package plugins_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

// desktop is a machine with a badge reader, a plugin for it and one token store.
type desktop struct {
	*fixture

	store           ports.TokenStore
	reader, revoked string
	log             bytes.Buffer
}

func newDesktop(t *testing.T) *desktop {
	dir := t.TempDir()
	d := &desktop{fixture: play(t, "reader"), store: &tokenstore.Memory{}, reader: filepath.Join(dir, "reader"), revoked: filepath.Join(dir, "revoked")}
	d.Settings = map[string]string{"reader": d.reader, "revoked": d.revoked}
	return d
}

// insert puts a badge into the reader.
func (d *desktop) insert(t *testing.T, badge string) {
	t.Helper()
	if err := os.WriteFile(d.reader, []byte(badge), 0o600); err != nil {
		t.Fatal(err)
	}
}

// client is a program of its own, in that nothing but the store outlives it.
func (d *desktop) client(t *testing.T) *taegis.Client {
	t.Helper()
	for name, value := range d.variables {
		t.Setenv(name, value)
	}
	t.Setenv(actVariable, d.variables[actVariable])
	client, err := taegis.New(taegis.WithAuthenticators(d.open(t)), taegis.WithTokenStore(d.store), taegis.WithEnvironment("charlie"),
		taegis.WithLogger(slog.New(slog.NewTextHandler(&d.log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func (d *desktop) wantToken(t *testing.T, client *taegis.Client, want string) {
	t.Helper()
	token, err := client.Token(t.Context())
	if err != nil || token.AccessToken.Reveal() != want {
		t.Errorf("the token is %q, %v; want %s", token.AccessToken.Reveal(), err, want)
	}
}

// TestBadgesDoNotMix checks that the token of one badge is never that of another, whatever programs
// ran before, and that each is used again for its own.
func TestBadgesDoNotMix(t *testing.T) {
	d := newDesktop(t)
	for _, step := range []struct{ badge, want string }{
		{"4711", "4711//I/false"}, {"4712", "4712//I/false"}, {"4711", "4711//I/false"}, {"4712", "4712//I/false"},
	} {
		d.insert(t, step.badge)
		d.wantToken(t, d.client(t), step.want)
	}
	if err := os.Remove(d.reader); err != nil {
		t.Fatal(err)
	}
	if token, err := d.client(t).Token(t.Context()); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("without a badge there is %+v, %v", token, err)
	}
	d.insert(t, "4711")
	d.Settings["swapped"] = "4712"
	token, err := d.client(t).Login(t.Context())
	if err == nil || !strings.Contains(err.Error(), "another account") {
		t.Errorf("a badge that is swapped during the login gives %+v, %v", token, err)
	}
}

// TestUserNamesDoNotMix checks that the user name reaches the plugin and is a part of the account,
// whether or not the plugin names accounts itself.
func TestUserNamesDoNotMix(t *testing.T) {
	for name, badge := range map[string]string{"without a reader": "", "with one badge": "4711"} {
		t.Run(name, func(t *testing.T) {
			d := newDesktop(t)
			d.insert(t, badge)
			if badge == "" {
				delete(d.Settings, "reader")
			}
			seen := map[core.Account]string{}
			for _, user := range []string{"ann", "bob", "", "ann"} {
				d.Username = user
				client := d.client(t)
				d.wantToken(t, client, badge+"/"+user+"/I/false")
				token, err := client.Token(t.Context())
				if other, ok := seen[token.Account]; ok && other != user || err != nil {
					t.Errorf("%q and %q have the account %s, %v", user, other, token.Account, err)
				}
				seen[token.Account] = user
				if user != "" && strings.Contains(string(token.Account), user) {
					t.Errorf("the account %s shows the user", token.Account)
				}
			}
		})
	}
}

// TestState checks that a plugin gets back what it has kept for an account, also after a login that
// failed, until the user logs out.
func TestState(t *testing.T) {
	d := newDesktop(t)
	d.insert(t, "4711")
	client := d.client(t)
	d.wantToken(t, client, "4711//I/false")
	token, err := client.Login(t.Context())
	if err != nil || token.AccessToken.Reveal() != "4711//II/false" {
		t.Errorf("%s, %v", token.AccessToken.Reveal(), err)
	}
	if err := os.WriteFile(d.reader+".fails", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Login(t.Context()); !errors.Is(err, core.ErrDenied) {
		t.Errorf("the login ends with %v", err)
	}
	if err := os.Remove(d.reader + ".fails"); err != nil {
		t.Fatal(err)
	}
	if token, err := d.client(t).Login(t.Context()); err != nil || token.AccessToken.Reveal() != "4711//IIII/false" {
		t.Errorf("%s, %v", token.AccessToken.Reveal(), err)
	}
	d.insert(t, "4712")
	d.wantToken(t, d.client(t), "4712//I/false")
	d.insert(t, "4711")
	last := d.client(t)
	d.wantToken(t, last, "4711//IIII/false")
	if err := last.ClearTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.wantToken(t, last, "4711//I/false")
}

// TestNoState checks that a plugin is told if the store can keep nothing: the file that is shared with
// the Python SDK holds plain text.
func TestNoState(t *testing.T) {
	d := newDesktop(t)
	d.insert(t, "4711")
	d.store = &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	d.wantToken(t, d.client(t), "4711//unkept/false")
}

// TestRevoke checks that a logout reaches the plugin with the token and the state that are dropped,
// and that it starts one only if that is known to want it.
func TestRevoke(t *testing.T) {
	for name, test := range map[string]struct {
		running, revokes bool
		want             string
	}{
		"running":              {running: true, want: "4711//I/false I"},
		"not running":          {},
		"started for a logout": {revokes: true, want: "4711//I/false I"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesktop(t)
			d.insert(t, "4711")
			d.Revokes = test.revokes
			client := d.client(t)
			d.wantToken(t, client, "4711//I/false")
			if !test.running {
				client.Close()
				client = d.client(t)
			}
			if err := client.ClearTokens(t.Context()); err != nil {
				t.Fatal(err)
			}
			said, _ := os.ReadFile(d.revoked) // it is absent if the plugin was not told
			if string(said) != test.want {
				t.Errorf("the plugin was told %q, want %q", said, test.want)
			}
			if strings.Contains(d.log.String(), "level=WARN") {
				t.Errorf("a logout that works is a warning:\n%s", &d.log)
			}
		})
	}
	t.Run("failing", func(t *testing.T) {
		d := newDesktop(t)
		d.insert(t, "4711")
		delete(d.Settings, "revoked")
		client := d.client(t)
		d.wantToken(t, client, "4711//I/false")
		if err := client.ClearTokens(t.Context()); err != nil {
			t.Errorf("the logout failed with the plugin: %v", err)
		}
		if !strings.Contains(d.log.String(), "level=WARN") || !strings.Contains(d.log.String(), "the broker does not know the token") {
			t.Errorf("the failure is no warning:\n%s", &d.log)
		}
		for key := range d.store.(ports.TokenLister).List(t.Context()) {
			t.Errorf("after the logout there is a token of %v", key)
		}
	})
}

// TestPromptsAreStated checks that a plugin that prompts is not started if no prompt is possible, as
// soon as that is known.
func TestPromptsAreStated(t *testing.T) {
	for name, configured := range map[string]bool{"by the profile": true, "by its description": false} {
		t.Run(name, func(t *testing.T) {
			s := play(t, "asker-of-text")
			s.Prompts = configured
			if configured {
				s.Path = "/nonexistent"
			}
			p := s.open(t)
			if !configured {
				if d, err := p.Describe(t.Context(), s.request()); err != nil || !d.Prompts || d.Version != "1.4.0" || d.Vendor != "ACME" || !d.Revokes {
					t.Errorf("%+v, %v", d, err)
				}
			}
			req := s.request()
			req.NonInteractive = "--no-input was given"
			account, err := p.Account(t.Context(), req)
			if account == "" || !errors.Is(err, core.ErrUnavailable) || !strings.Contains(err.Error(), "--no-input was given") {
				t.Errorf("the account is %q, %v", account, err)
			}
			if _, err := p.Authenticate(t.Context(), req); !errors.Is(err, core.ErrUnavailable) {
				t.Errorf("the login ends with %v", err)
			}
		})
	}
}

// TestCauses checks that the host's error says why the plugin got no answer, as in process.
func TestCauses(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	untrusted := httptest.NewTLSServer(nil)
	defer untrusted.Close()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Proxy-Authenticate", "Basic")
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	for name, test := range map[string]struct {
		address, proxy string
		words          string
		is             func(error) bool
	}{
		"refused":     {address: closed.URL, words: "refused", is: func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		"certificate": {address: untrusted.URL, words: "certificate", is: is[*core.TLSError]},
		"DNS":         {address: "https://broker.invalid/", words: "lookup broker.invalid", is: is[*net.DNSError]},
		"proxy":       {address: "https://broker.invalid/", proxy: proxy.URL, words: "407", is: is[*core.ProxyError]},
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t, "unreachable")
			s.Settings = map[string]string{"address": test.address}
			s.variables["HTTPS_PROXY"] = test.proxy
			_, err := s.open(t).Authenticate(t.Context(), s.request())
			connection, ok := errors.AsType[*core.ConnectionError](err)
			if !ok || connection.Host != "broker.example" || connection.Sent || !test.is(err) {
				t.Errorf("the error is %v: %#v", err, connection)
			}
			if !strings.Contains(err.Error(), "the broker does not answer") || !strings.Contains(err.Error(), test.words) || core.Hint(err) == "" {
				t.Errorf("the error does not say why: %v", err)
			}
			t.Log(err)
		})
	}
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

var _ plugins.Releaser = chatty{}
