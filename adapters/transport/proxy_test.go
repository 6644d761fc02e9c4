package transport_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// proxySecret is a password that no error may show.
const proxySecret = "Sesame-2026"

// throughProxy returns a transport that repeats requests, in an environment with one variable.
func throughProxy(t *testing.T, variable, value string) ports.Transport {
	t.Helper()
	c, err := transport.NewClient(transport.ClientConfig{LookupEnv: func(name string) (string, bool) {
		return map[string]string{variable: value}[name], name == variable
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return transport.Retry(core.RetryLimits{MaxTries: 2})(&transport.HTTP{Client: c})
}

// each calls f with the error of a query and of a subscription.
func each(t *testing.T, wire ports.Transport, url string, f func(t *testing.T, err error)) {
	t.Run("query", func(t *testing.T) {
		f(t, wire.Execute(t.Context(), greet(environment(t, url), core.KindQuery), nil))
	})
	t.Run("subscription", func(t *testing.T) {
		for _, err := range wire.Subscribe(t.Context(), greet(environment(t, url), core.KindSubscription)) {
			f(t, err)
		}
	})
}

func TestAProxyThatRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		user   string
		want   []string
		tries  int32
	}{
		"no password":    {407, "", []string{"HTTPS_PROXY", "wants a user name and password of the proxy", "not those of Taegis"}, 1},
		"wrong password": {407, "ann:" + proxySecret + "@", []string{"does not accept", "HTTPS_PROXY", "not those of Taegis"}, 1},
		"forbidden":      {403, "ann:" + proxySecret + "@", []string{"answered 403", "administrator"}, 1},
		"bad gateway":    {502, "", []string{"answered 502"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1); r.Method != http.MethodConnect || r.Host != "api.taegis.example:443" {
					t.Errorf("%s %s", r.Method, r.Host)
				}
				w.WriteHeader(test.status)
			}))
			t.Cleanup(proxy.Close)
			wire := throughProxy(t, "HTTPS_PROXY", "http://"+test.user+strings.TrimPrefix(proxy.URL, "http://"))
			each(t, wire, "https://api.taegis.example", func(t *testing.T, err error) {
				refused, ok := errors.AsType[*core.ProxyError](err)
				if !ok || refused.Status != test.status || refused.Address != proxy.URL || refused.Variable != "HTTPS_PROXY" {
					t.Fatalf("%v", err)
				}
				if gone, ok := errors.AsType[*core.ConnectionError](err); !ok || gone.Sent || core.Hint(err) == "" {
					t.Errorf("%#v", err)
				}
				for _, word := range test.want {
					if !strings.Contains(err.Error(), word) {
						t.Errorf("%q is missing in %q", word, err)
					}
				}
				if strings.Contains(err.Error(), proxySecret) {
					t.Errorf("the password is shown: %v", err)
				}
				if n := asked.Swap(0); n != test.tries {
					t.Errorf("the proxy was asked %d times, want %d", n, test.tries)
				}
			})
		})
	}
}

// If the value of a proxy's variable is not a URL, every request fails instead of connecting
// directly.
func TestAVariableThatHoldsNoProxy(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); _, _ = w.Write([]byte(hello)) })
	for _, variable := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"} {
		for _, value := range []string{"http://[::1", "ann:" + proxySecret + "#1@proxy:3128", "htp://proxy", "none"} {
			each(t, throughProxy(t, variable, value), server.APIURL, func(t *testing.T, err error) {
				wrong, ok := errors.AsType[*core.ProxyError](err)
				if !ok || wrong.Variable != variable || strings.Contains(err.Error(), proxySecret) || core.Hint(err) == "" {
					t.Errorf("%s=%s: %v", variable, value, err)
				}
			})
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	for _, value := range []string{"", " \n", `""`} {
		if err := throughProxy(t, "HTTPS_PROXY", value).Execute(t.Context(), greet(server, core.KindQuery), nil); err != nil {
			t.Errorf("HTTPS_PROXY=%q: %v", value, err)
		}
	}
}

// TestASocksProxyThatRefusesThePassword speaks as much of RFC 1928 and RFC 1929 as a refusal takes.
func TestASocksProxyThatRefusesThePassword(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var asked atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			head := make([]byte, 2)
			_, _ = io.ReadFull(conn, head)
			_, _ = io.CopyN(io.Discard, conn, int64(head[1]))
			_, _ = conn.Write([]byte{5, 2}) // user name and password, please
			_, _ = io.ReadFull(conn, head)
			_, _ = io.CopyN(io.Discard, conn, int64(head[1]))
			_, _ = io.ReadFull(conn, head[:1])
			_, _ = io.CopyN(io.Discard, conn, int64(head[0]))
			_, _ = conn.Write([]byte{1, 1}) // no
			_ = conn.Close()
		}
	}()
	for _, variable := range []string{"HTTPS_PROXY", "ALL_PROXY"} {
		wire := throughProxy(t, variable, "socks5://ann:"+proxySecret+"@"+listener.Addr().String())
		each(t, wire, "https://api.taegis.example", func(t *testing.T, err error) {
			if n := asked.Swap(0); err == nil || n != 1 || strings.Contains(err.Error(), proxySecret) {
				t.Errorf("%d connections, %v", n, err)
			}
		})
	}
}

func TestAnAnswer407IsNotRepeated(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); w.WriteHeader(407) })
	each(t, throughProxy(t, "", ""), server.APIURL, func(t *testing.T, err error) {
		refused, ok := errors.AsType[*core.ProxyError](err)
		if n := asked.Swap(0); n != 1 || !ok || refused.Status != 407 || !strings.Contains(err.Error(), "not those of Taegis") {
			t.Errorf("%d requests, %v", n, err)
		}
	})
}

// A tenant that no header can carry is found before anything is sent.
func TestTenantsThatNoHeaderCanCarry(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); _, _ = w.Write([]byte(hello)) })
	wire := throughProxy(t, "", "")
	for _, tenant := range []string{"1\r\nX-Evil: 1", "1\n", "a,b", "é", "\x00", "\x7f"} {
		req := greet(server, core.KindQuery)
		req.Tenant = tenant
		errs := []error{wire.Execute(t.Context(), req, nil)}
		for _, err := range wire.Subscribe(t.Context(), req) {
			errs = append(errs, err)
		}
		for _, err := range errs {
			if wrong, ok := errors.AsType[*core.ArgumentError](err); !ok || wrong.Argument != "tenant" || wrong.Operation != "greet" {
				t.Errorf("%q: %v", tenant, err)
			}
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
