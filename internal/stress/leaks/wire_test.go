//go:build unix

package leaks

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
)

// calls are commands that send secrets.
var calls = [][]string{
	{"auth", "login"},
	{"auth", "status", "--verify"},
	{"doctor"},
	{"api", "{ currentSubject { id } }"},
	{"clients", "create", "x"},
	{"call", "clients", "client", "--arg", "id=1"},
	{"api", "subscription { x }"},
	{"schema", "operations", "clients", "--live"},
	{"--environment", "delta", "auth", "login"},
	{"--universal-auth", "auth", "login"},
	{"--profile", "p", "auth", "login"},
}

var allRedirects = []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}

// listener is a server that keeps what is sent to it.
type listener struct {
	*httptest.Server
	mu   sync.Mutex
	sent []testutil.Output
}

// listen starts a server that answers everything with status, to another address where one is
// given.
func listen(t testing.TB, status int, location string) *listener {
	l := new(listener)
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var text bytes.Buffer
		text.WriteString(r.RequestURI + "\n")
		_ = r.Header.Write(&text)
		_, _ = io.Copy(&text, r.Body)
		l.mu.Lock()
		l.sent = append(l.sent, testutil.Output{Run: "request " + r.Method, Text: text.String()})
		l.mu.Unlock()
		if location != "" {
			w.Header().Set("Location", location+r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) requests() []testutil.Output {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent
}

// The built program, with its plugin, before a server that sends it elsewhere, and behind a proxy.
func TestRedirectsAndProxiesOfTheProgram(t *testing.T) {
	s := newFixture(t).asClient()
	s.acme("[profiles.p]\nchain = [\"plugin:acme\"]\n")
	s.must("auth", "login") // there is a token, too
	s.env["ACME_TOKEN"], s.env["VAULT_TOKEN"], s.env["ACT"] = sideSecret, vaultToken, "exchange"
	elsewhere, followed := listen(t, http.StatusOK, ""), 0
	redirects := stress.Scale([]int{http.StatusTemporaryRedirect}, allRedirects, allRedirects)
	for _, status := range redirects {
		from := listen(t, status, elsewhere.URL)
		for _, call := range calls {
			s.with("TAEGIS_API_URL=" + from.URL).run(call...)
		}
		if len(from.requests()) < len(calls)/2 {
			t.Errorf("%d requests were redirected", len(from.requests()))
		}
	}
	followed = len(elsewhere.requests())
	if followed > 0 {
		t.Errorf("%d redirects were followed to another host", followed)
	}

	proxy, tunnels := newProxy(t)
	direct := s.with("HTTPS_PROXY="+proxy, "TAEGIS_API_URL=")
	for _, call := range calls {
		direct.run(call...)
	}
	s.harvest()
	seen := tunnels()
	found := s.mustBeClean(elsewhere.requests()) + s.mustBeClean(seen)
	stress.Report(t, stress.Leaks, "redirects of the program and its plugin to another host; a proxy", "0 redirects followed, 0 secrets before a tunnel",
		"%d commands x %d redirects: %d followed; %d tunnels asked for: %d", len(calls), len(redirects), followed, len(seen), found)
	if len(seen) < len(calls)/2 {
		t.Errorf("the proxy has seen %d tunnels", len(seen))
	}
	for _, o := range seen {
		if !strings.HasPrefix(o.Text, "CONNECT ") || !strings.Contains(o.Text, ".secureworks.com:443 ") {
			t.Errorf("the proxy has seen %q", o.Text)
		}
	}
	res, err := http.Post(elsewhere.URL, "text/plain", strings.NewReader(sideSecret))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	mustFind(t, sideSecret, elsewhere.requests()...)
}

// newProxy starts a proxy that refuses every tunnel. asked returns what was sent to it.
func newProxy(t testing.TB) (address string, asked func() []testutil.Output) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var mu sync.Mutex
	var all []testutil.Output
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				var head strings.Builder
				for r := bufio.NewReader(conn); ; {
					line, err := r.ReadString('\n')
					head.WriteString(line)
					if err != nil || strings.TrimSpace(line) == "" {
						break
					}
				}
				mu.Lock()
				all = append(all, testutil.Output{Run: "proxy", Text: head.String()})
				mu.Unlock()
				_, _ = io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			}()
		}
	}()
	return "http://" + l.Addr().String(), func() []testutil.Output {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}
