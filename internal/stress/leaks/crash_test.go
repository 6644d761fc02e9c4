//go:build unix

package leaks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

// actAsPlugin is a plugin that does what the variable ACT says.
func actAsPlugin() {
	plugins.Serve(act(os.Getenv("ACT")))
	os.Exit(0)
}

type act string

func (act) Account(context.Context, core.LoginRequest) (core.Account, error) { return "", nil }

// Authenticate writes its secrets in every form, and then crashes, fails or waits.
func (a act) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	var said strings.Builder
	for _, name := range []string{"ACME_TOKEN", "VAULT_TOKEN"} {
		setting, _ := req.Setting(name)
		for form, text := range testutil.SecretForms(setting.Value.Reveal()) {
			fmt.Fprintf(&said, "the secret %s is %s.\n", form, text)
		}
	}
	switch a {
	case "panic":
		panic("a secret: " + said.String())
	case "fail":
		return core.Token{}, errors.New(said.String())
	case "exit":
		os.Stderr.WriteString(said.String())
		os.Exit(3)
	case "pieces":
		for _, b := range []byte(said.String()) {
			os.Stderr.Write([]byte{b})
		}
	case "hold":
		<-ctx.Done()
	}
	fmt.Println(said.String())
	return (&authn.ClientCredentials{ID: clientID, Secret: core.NewSecret(clientSecret)}).Authenticate(ctx, req)
}

// acme writes a file of profiles with this test binary as its plugin.
func (s *fixture) acme(more string) {
	s.Helper()
	self, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	sum, err := plugins.Checksum(self)
	if err != nil {
		s.Fatal(err)
	}
	s.profiles(fmt.Sprintf("%s\n[plugins.acme]\npath = %q\nsha256 = %q\nenv = [\"ACT\", \"ACME_TOKEN\", \"VAULT_TOKEN\", \"GORACE\"]\n", more, self, sum))
}

// A plugin writes what it was told into every place that the host reads.
func TestPluginsThatRevealTheirSecrets(t *testing.T) {
	s := newFixture(t)
	s.acme("")
	s = s.with("ACME_TOKEN="+sideSecret, "VAULT_TOKEN="+vaultToken)
	acts := []string{"panic", "fail", "exit", "pieces", "print"}
	for _, act := range acts {
		told := s.with("ACT=" + act)
		told.run("plugin", "run", "acme")
		s.outputs = told.outputs
	}
	found := s.mustBeClean(s.outputs)
	stress.Report(t, stress.Leaks, "plugin that panics, fails, exits, prints with its secrets", "0 secrets in the host's errors and debug log",
		"%d ways x %d secrets x %d forms, %d outputs: %d", len(acts), len(s.secrets), forms, len(s.outputs), found)
	all := ""
	for _, o := range s.outputs {
		all += o.Text
	}
	for _, trace := range []string{"the plugin wrote", "the secret as it is is [redacted]", "it ended while it was needed"} {
		if !strings.Contains(all, trace) {
			t.Errorf("%q is nowhere: the plugin was not heard\n%s", trace, all)
		}
	}
	// What the host was not told it cannot know: a short secret of the plugin's own is found.
	mustFind(t, "the secret", testutil.Output{Text: all})
}

// panicker is another program that panics while it holds values of the SDK.
func panicker() {
	var store ports.TokenStore = &tokenstore.Memory{}
	if os.Getenv("ACT") == "store" {
		store = &keyring.Store{Dir: filepath.Join(os.TempDir(), "tokens"), KeyStore: folder(os.Getenv("XDG_RUNTIME_DIR"))}
	}
	client, err := taegis.New(taegis.WithTokenStore(store), taegis.WithEnvironment("charlie"))
	if err != nil {
		panic(err)
	}
	token, err := client.Token(context.Background())
	switch os.Getenv("ACT") {
	case "token":
		panic(token)
	case "text":
		panic(fmt.Sprintf("%v %+v %#v %s %q", token, token, token, token, token.AccessToken))
	case "client":
		panic(fmt.Sprintf("%+v %#v", client, client))
	case "store":
		panic(fmt.Sprintf("%+v %#v %v %+v %#v", client, client, store, store, store))
	case "error":
		panic(err)
	case "map":
		held := map[core.Token]core.Secret{token: token.AccessToken}
		panic(fmt.Sprint(held, &held))
	case "leak":
		panic(token.AccessToken.Reveal())
	}
}

// folder is a keyring that the test can look into.
type folder string

func (f folder) Get(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(f), name))
}

func (f folder) Set(_ context.Context, name string, key []byte) error {
	return os.WriteFile(filepath.Join(string(f), name), key, 0o600)
}

// keptKey is the key that a panicker has given to its folder.
func (s *fixture) keptKey() string {
	s.Helper()
	paths, _ := filepath.Glob(filepath.Join(s.env["XDG_RUNTIME_DIR"], "*")) // the pattern is a good one
	if len(paths) != 1 {
		s.Fatalf("keys were kept at %v", paths)
	}
	key, err := os.ReadFile(paths[0])
	if err != nil {
		s.Fatal(err)
	}
	return string(key)
}

func TestPanicsAndDumps(t *testing.T) {
	s := newFixture(t).asClient()
	path := program(t, "panicker")
	acts := []string{"token", "text", "client", "store", "error", "map"}
	crash := func(s *fixture, act string) {
		cmd := s.with("ACT="+act, "GOTRACEBACK=all").command(path)
		out, err := cmd.CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("goroutine ")) {
			t.Errorf("%s: %v: %s", act, err, out)
		}
		s.keep("panic "+act, "", string(out))
	}
	for _, act := range acts {
		if act == "error" {
			wrong := s.with("CLIENT_SECRET=" + sideSecret)
			crash(wrong, act)
			s.outputs = wrong.outputs
			continue
		}
		crash(s, act)
	}
	signals := []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT}
	for _, signal := range signals {
		s.dump(signal)
	}
	s.harvest()
	s.secrets["the key"] = s.keptKey()
	found := s.mustBeClean(s.outputs)
	stress.Report(t, stress.Leaks, "panics with tokens, clients, stores and errors; SIGQUIT and SIGABRT in a login", "0 secrets in traces of goroutines",
		"%d panics, %d signals, %d secrets x %d forms: %d", len(acts), len(signals), len(s.secrets), forms, found)
	leak := s.with()
	leak.outputs = nil
	crash(leak, "leak")
	leak.harvest()
	if len(testutil.Leaks(map[string]string{"": tokenOf(leak.outputs[1].Text)}, leak.outputs)) == 0 {
		t.Error("a token that was panicked with was not found")
	}
}

// tokenOf finds a JWT in a text.
func tokenOf(text string) string {
	for word := range strings.FieldsSeq(text) {
		if word = strings.Trim(word, `"`); strings.Count(word, ".") == 2 && strings.HasPrefix(word, "eyJ") {
			return word
		}
	}
	return "no token"
}

// dump sends a signal to a command that is logging in, and keeps what the Go run time says.
func (s *fixture) dump(signal syscall.Signal) {
	s.Helper()
	server := newHolder(s)
	cmd := s.with("GOTRACEBACK=system", "TAEGIS_API_URL="+server.URL).command(s.taegis, "--verbose", "auth", "login")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	<-server.reached
	if err := cmd.Process.Signal(signal); err != nil {
		s.Error(err)
	}
	_ = cmd.Wait() // it has crashed
	if !strings.Contains(out.String(), "goroutine ") {
		s.Errorf("no trace: %s", out.String())
	}
	s.keep("signal "+signal.String(), "", out.String())
}

// holder is a server that says when a request has reached it, and never answers.
type holder struct {
	*httptest.Server
	reached chan struct{}
}

func newHolder(t testing.TB) *holder {
	h := &holder{reached: make(chan struct{}, 16)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		h.reached <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
	})
	return h
}
