package transport_test

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// proxied counts the connections that went through the proxy of this process's environment.
var proxied atomic.Int32

// proxiedHosts are the addresses to which the proxy connects, by the requested address.
var proxiedHosts = map[string]string{}

// TestMain sets a proxy before anything is sent: net/http reads the environment once.
func TestMain(m *testing.M) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxied.Add(1)
		target := proxiedHosts[r.Host]
		if r.Method != http.MethodConnect || target == "" {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		there, err := net.Dial("tcp", target)
		if err != nil {
			panic(err)
		}
		w.WriteHeader(http.StatusOK)
		here, begun, err := http.NewResponseController(w).Hijack() // begun may hold the first bytes already
		if err != nil {
			panic(err)
		}
		go func() { _, _ = io.Copy(there, begun); there.Close() }()
		_, _ = io.Copy(here, there)
		here.Close()
	}))
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY"} {
		_ = os.Setenv(name, proxy.URL)
	}
	_ = os.Unsetenv("NO_PROXY")
	_ = os.Unsetenv("no_proxy")
	os.Exit(m.Run())
}

// secure starts a server with TLS and HTTP/2, and returns the path of its authority's bundle.
func secure(t *testing.T, handler http.HandlerFunc) (*httptest.Server, string) {
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a client that distrusts it is no news
	server.StartTLS()
	t.Cleanup(server.Close)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return server, bundle
}

func client(t *testing.T, bundle string) *http.Client {
	t.Helper()
	c, err := transport.NewClient(transport.ClientConfig{CABundle: bundle})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestTheCABundleIsTrusted(t *testing.T) {
	server, bundle := secure(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("%s, want HTTP/2", r.Proto)
		}
		_, _ = w.Write([]byte(hello))
	})
	req := greet(environment(t, server.URL), core.KindQuery)
	if err := (&transport.HTTP{Client: client(t, bundle)}).Execute(t.Context(), req, nil); err != nil {
		t.Error(err)
	}
	err := (&transport.HTTP{Client: client(t, "")}).Execute(t.Context(), req, nil)
	if gone, ok := errors.AsType[*core.ConnectionError](err); !ok || gone.Sent || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without the bundle: %#v", err)
	}
}

func TestCABundlesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, reason := range map[string]string{empty: "no certificate", filepath.Join(dir, "absent.pem"): "cannot be read", dir: "cannot be read"} {
		_, err := transport.NewClient(transport.ClientConfig{CABundle: path})
		fault, ok := errors.AsType[*core.FileError](err)
		if !ok || fault.Path != path || !strings.Contains(fault.Reason, reason) || core.Hint(err) == "" || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%v", err)
		}
	}
}

// TestProxies sends calls and subscriptions for a host that only the proxy knows.
func TestProxies(t *testing.T) {
	talk := socket(t, "graphql-ws", oneGreeting)
	server, bundle := secure(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			talk(w, r)
			return
		}
		_, _ = w.Write([]byte(hello))
	})
	proxiedHosts["example.com:443"] = server.Listener.Addr().String() // the certificate names it
	h := &transport.HTTP{Client: client(t, bundle)}
	req := greet(environment(t, "https://example.com"), core.KindQuery)
	before := proxied.Load()
	if err := h.Execute(t.Context(), req, nil); err != nil || proxied.Load() != before+1 {
		t.Errorf("%v, %d connections", err, proxied.Load()-before)
	}
	messages := 0
	for value, err := range h.Subscribe(t.Context(), req) {
		if messages++; err != nil || string(value) != `{"text":"hello"}` {
			t.Errorf("%s, %v", value, err)
		}
	}
	if messages != 1 || proxied.Load() != before+2 {
		t.Errorf("%d messages, %d connections", messages, proxied.Load()-before)
	}
	loopback := greet(serve(t, answering(200, hello)), core.KindQuery)
	if err := h.Execute(t.Context(), loopback, nil); err != nil || proxied.Load() != before+2 {
		t.Errorf("loopback went through the proxy: %v", err)
	}
}

func TestLoginRequestsAreNotRedirectedEither(t *testing.T) {
	other := serve(t, answering(200, "{}"))
	env := serve(t, answering(307, "", "Location", other.APIURL))
	resp, err := client(t, "").Post(env.APIURL, "text/plain", strings.NewReader("grant_type=password"))
	if redirect, ok := errors.AsType[*transport.RedirectError](err); !ok || redirect.From != env.APIURL || redirect.To != other.APIURL || !strings.Contains(err.Error(), "check the base URL") {
		t.Errorf("%v, %v", resp, err)
	}
}

func TestEncryptionIsNotGivenUp(t *testing.T) {
	server, bundle := secure(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.Host+"/graphql", http.StatusPermanentRedirect)
	})
	err := (&transport.HTTP{Client: client(t, bundle)}).Execute(t.Context(), greet(environment(t, server.URL), core.KindQuery), nil)
	if redirect, ok := errors.AsType[*transport.RedirectError](err); !ok || redirect.Reason != "it gives up encryption" {
		t.Errorf("%v", err)
	}
}

// TestDecodingIsAsFastAsEncodingJSON compares an answer of 1 MB with what json.Unmarshal takes
// for the same text.
func TestDecodingIsAsFastAsEncodingJSON(t *testing.T) {
	type row struct {
		ID, Title string
		Severity  float64
		Tags      []string
	}
	type rows struct{ Rows []row }
	var data rows
	for range 8000 {
		data.Rows = append(data.Rows, row{"alert://priv:event-filter:145831:1666269058114:59284e7", "Suspicious \"process\" — started", 0.625, []string{"a", "b"}})
	}
	text, err := json.Marshal(map[string]any{"data": map[string]any{"greet": data}})
	if err != nil {
		t.Fatal(err)
	}
	h := &transport.HTTP{Client: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(string(text))), Request: r}, nil
	})}}
	req := greet(core.Environment{APIURL: "https://taegis.example"}, core.KindQuery)
	ours := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			var out rows
			if err := h.Execute(b.Context(), req, &out); err != nil || len(out.Rows) != len(data.Rows) {
				b.Fatal(err)
			}
		}
	})
	theirs := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			var out struct{ Data struct{ Greet rows } }
			if err := json.Unmarshal(text, &out); err != nil {
				b.Fatal(err)
			}
		}
	})
	t.Logf("%d bytes take %v, encoding/json alone %v; the limit is twice that", len(text), time.Duration(ours.NsPerOp()), time.Duration(theirs.NsPerOp()))
	if ours.NsPerOp() > 20*theirs.NsPerOp() {
		t.Error("ten times the limit")
	}
}
