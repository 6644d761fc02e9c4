package plugins_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports/portstest"
)

// buildPython builds the sample in Python as its README says: one file of the script and of what
// protoc makes of the contract. Texts of the script are replaced in pairs.
func buildPython(t *testing.T, replaced ...string) string {
	t.Helper()
	python, protoc := pythonWith(t, "grpc", "google.protobuf", "cryptography"), testutil.Program(t, "protoc")
	dir := t.TempDir()
	build, program := filepath.Join(dir, "build"), filepath.Join(dir, "taegis-plugin-badge")
	script, err := os.ReadFile("../examples/pythonplugin/badge.py")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(replaced); i += 2 {
		if !strings.Contains(string(script), replaced[i]) {
			t.Fatalf("the sample does not have %q", replaced[i])
		}
		script = []byte(strings.ReplaceAll(string(script), replaced[i], replaced[i+1]))
	}
	if err := errors.Join(os.Mkdir(build, 0o700), os.WriteFile(filepath.Join(build, "__main__.py"), script, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{protoc, "-I", "contract/v2", "-I", "contract", "--python_out=" + build, "authenticator.proto", "goplugin.proto"},
		{python, "-m", "zipapp", build, "-p", python, "-o", program},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", command, err, out)
		}
	}
	return program
}

// pythonWith returns the first Python that has these modules: the one of the system may not be the
// first of PATH.
func pythonWith(t *testing.T, modules ...string) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		path, err := exec.LookPath(python)
		if err == nil && exec.Command(path, "-c", "import "+strings.Join(modules, ", ")).Run() == nil {
			return path
		}
	}
	testutil.Missing(t, "Python with the modules "+strings.Join(modules, ", "))
	return ""
}

// badgeBroker gives tokens for the badges 4711 and 4712 and their code.
func badgeBroker(t *testing.T) *httptest.Server {
	broker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Badge, Code, Environment string }
		if json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Environment != "charlie" || asked.Code != "correct horse" || !strings.HasPrefix(asked.Badge, "471") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, `{"access_token": "token-of-%s", "expires_in": 3600}`, asked.Badge)
	}))
	t.Cleanup(broker.Close)
	return broker
}

// TestPython holds the sample in Python to what a plugin in Go is held to.
func TestPython(t *testing.T) {
	program, broker := buildPython(t), badgeBroker(t)
	sum, err := plugins.Checksum(program)
	if err != nil {
		t.Fatal(err)
	}
	reader := filepath.Join(t.TempDir(), "reader")
	prepare := func(t *testing.T, code string) (*fixture, core.LoginRequest) {
		s := play(t, "opaque")
		s.Config = plugins.Config{
			Name: "badge", Path: program, SHA256: []string{sum}, Env: []string{"ACME_BADGE"},
			Settings: map[string]string{"broker_url": broker.URL},
		}
		s.variables = map[string]string{"ACME_BADGE": "4711"}
		req := s.request()
		req.Prompt.AskSecret = func(context.Context, string) (core.Secret, error) {
			if code == "" {
				return core.Secret{}, core.ErrCancelled
			}
			return core.NewSecret(code), nil
		}
		return s, req
	}
	t.Run("conformance", func(t *testing.T) {
		portstest.Authenticator(t, func(t *testing.T) portstest.Login {
			s, req := prepare(t, "correct horse")
			return portstest.Login{Authenticator: s.open(t), Request: req, Secrets: []string{"correct horse"}}
		})
	})
	t.Run("the badge in the reader decides", func(t *testing.T) {
		s, req := prepare(t, "correct horse")
		s.Settings["reader"] = reader
		p := s.open(t)
		seen := map[core.Account]bool{}
		for _, badge := range []string{"4711", "4712"} {
			if err := os.WriteFile(reader, []byte(badge+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			account, err := p.ResolveAccount(t.Context(), req)
			if err != nil || seen[account] {
				t.Errorf("the badge %s has the account %s, %v", badge, account, err)
			}
			seen[account] = true
			token, err := p.Authenticate(t.Context(), req)
			if err != nil || token.AccessToken.Reveal() != "token-of-"+badge || token.Account != account {
				t.Errorf("%+v %s, %v", token, token.AccessToken.Reveal(), err)
			}
		}
	})
	t.Run("outcomes", func(t *testing.T) {
		s, req := prepare(t, "wrong")
		p := s.open(t)
		if _, err := p.Authenticate(t.Context(), req); !errors.Is(err, core.ErrDenied) {
			t.Errorf("a wrong code gives %v", err)
		}
		_, giveUp := prepare(t, "")
		if _, err := p.Authenticate(t.Context(), giveUp); !errors.Is(err, core.ErrCancelled) {
			t.Errorf("a user who gives up gives %v", err)
		}
		silent := req
		silent.Prompt = core.Prompt{}
		if _, err := p.Account(t.Context(), silent); !errors.Is(err, core.ErrUnavailable) {
			t.Errorf("a plugin that prompts is available without prompts: %v", err)
		}
		if d, known := p.Known(); !known || d.Version != "1.0.0" || d.Vendor != "ACME" || d.Contract != 2 || !d.Prompts {
			t.Errorf("%+v", d)
		}
		proxied, throughProxy := prepare(t, "correct horse")
		proxied.Settings["broker_url"] = "http://broker.invalid/token"
		proxied.variables["HTTP_PROXY"], proxied.variables["NO_PROXY"] = broker.URL, "other.invalid"
		if token, err := proxied.open(t).Authenticate(t.Context(), throughProxy); err != nil || token.AccessToken.Reveal() != "token-of-4711" {
			t.Errorf("through the host's proxy: %+v, %v", token, err)
		}
		broker.Close()
		_, err := p.Authenticate(t.Context(), req)
		if connection, ok := errors.AsType[*core.ConnectionError](err); !ok || connection.Host != strings.TrimPrefix(broker.URL, "http://") {
			t.Errorf("a broker that is gone gives %v", err)
		}
		if !strings.Contains(fmt.Sprint(err), "refused") {
			t.Errorf("the error does not say why: %v", err)
		}
	})
}

// TestContractPage tries what docs/plugin-contract.md says of the handshake, TLS and the end, with
// variants of the sample.
func TestContractPage(t *testing.T) {
	broker := badgeBroker(t)
	start := func(t *testing.T, replaced ...string) (*plugins.Plugin, error) {
		t.Helper()
		program := buildPython(t, replaced...)
		sum, err := plugins.Checksum(program)
		if err != nil {
			t.Fatal(err)
		}
		s := play(t, "opaque")
		s.Config = plugins.Config{
			Name: "badge", Path: program, SHA256: []string{sum}, Env: []string{"ACME_BADGE"},
			Settings: map[string]string{"broker_url": broker.URL},
		}
		s.variables = map[string]string{"ACME_BADGE": "4711"}
		req := s.request()
		req.Prompt.AskSecret = func(context.Context, string) (core.Secret, error) { return core.NewSecret("correct horse"), nil }
		p := s.open(t)
		_, err = p.Authenticate(t.Context(), req)
		return p, err
	}
	t.Run("environment", func(t *testing.T) {
		seen := filepath.Join(t.TempDir(), "seen")
		_, err := start(t, "def main():\n", "def main():\n    open("+strconv.Quote(seen)+", 'w').write('\\n'.join(sorted(set(os.environ) - {'LC_CTYPE'})))\n")
		names, _ := os.ReadFile(seen)
		page, errPage := os.ReadFile("../docs/plugin-contract.md")
		if err != nil || errPage != nil || len(names) == 0 {
			t.Fatalf("%v, %v: %s", err, errPage, names)
		}
		for name := range strings.SplitSeq(string(names), "\n") {
			if name != "ACME_BADGE" && !strings.Contains(string(page), "`"+name+"`") {
				t.Errorf("the page does not name the variable %s", name)
			}
		}
	})
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().String()
	free.Close()
	for name, replaced := range map[string][]string{
		"TCP":   {`"unix:" + address, grpc.ssl_server`, `"` + port + `", grpc.ssl_server`, "|unix|{address}|", "|tcp|" + port + "|"},
		"P-384": {"SECP256R1", "SECP384R1"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := start(t, replaced...); err != nil {
				t.Error(err)
			}
		})
	}
	for name, test := range map[string]struct {
		replaced []string
		kind     error
	}{
		"Base64 with padding": {[]string{".rstrip('=')", " + '='"}, plugins.ErrStart},
		"no certificate":      {[]string{"{base64.b64encode(DER).decode().rstrip('=')}", ""}, plugins.ErrCrashed},
		"a host name":         {[]string{"|unix|{address}|", "|tcp|localhost:10072|"}, plugins.ErrStart},
		"a newer version":     {[]string{`f"1|2|`, `f"1|9|`}, plugins.ErrVersion},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := start(t, test.replaced...); !errors.Is(err, test.kind) {
				t.Errorf("the error is %v, want %v", err, test.kind)
			}
		})
	}
	t.Run("a plugin that does not end", func(t *testing.T) {
		p, err := start(t, "ended.wait()", "time.sleep(600)")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		p.Close()
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %v to end", took)
		} else {
			t.Logf("it was killed after %v", took)
		}
	})
	t.Run("one that does", func(t *testing.T) {
		p, err := start(t)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		p.Close()
		t.Logf("it ended after %v", time.Since(began))
	})
}
