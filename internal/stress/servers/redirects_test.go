package servers_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
)

// otherHost are servers that nothing is for. They count what they are sent, and what of it holds a
// secret.
type otherHost struct {
	plain, secure     *httptest.Server
	requests, secrets atomic.Int64
}

func newOtherHost(t *testing.T) *otherHost {
	t.Helper()
	e := new(otherHost)
	secrets := map[string]string{"token": canary, "basic": base64.StdEncoding.EncodeToString([]byte("client:" + canary))}
	note := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var text bytes.Buffer
		_ = r.Write(&text) // a buffer takes everything
		e.requests.Add(1)
		e.secrets.Add(int64(len(testutil.Leaks(secrets, []testutil.Output{{Text: text.String()}}))))
		_, _ = io.WriteString(w, `{"access_token":"e30.e30.x","data":{"records":[]}}`)
	})
	e.plain, e.secure = httptest.NewServer(note), httptest.NewTLSServer(note)
	t.Cleanup(e.plain.Close)
	t.Cleanup(e.secure.Close)
	return e
}

// addresses lead elsewhere, from a server at an address.
func (e *otherHost) addresses(from string) []string {
	here, there := strings.TrimPrefix(from, "http://"), e.plain.Listener.Addr().String()
	_, port, _ := strings.Cut(here, ":")
	return []string{
		e.plain.URL + "/graphql", e.secure.URL + "/graphql", "//" + there + "/graphql", "http://" + here + "@" + there + "/graphql",
		"http://localhost:" + port + "/graphql", "ws://" + there + "/graphql", "file:///etc/passwd",
	}
}

var redirects = []int{
	http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
}

// Redirects to hosts of the real world, of calls and of client credentials, are in package leaks.
func TestRedirectsToElsewhere(t *testing.T) {
	t.Parallel()
	e := newOtherHost(t)
	tried, sent, calls := 0, int64(0), []struct{ name, path, holds, way string }{
		{"query", "/graphql", "", "query"}, {"subscription", "/graphql", "", "subscription"},
	}
	for _, phase := range append(calls, phases...) {
		for _, status := range redirects {
			var to atomic.Pointer[string]
			from, reached := serverWith(t, phase.path, phase.holds, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", *to.Load())
				w.WriteHeader(status)
			})
			for _, address := range e.addresses(from) {
				to.Store(&address)
				err := attempt(t, from, phase.way)
				tried++
				if !strings.Contains(err.Error(), "check the base URL") || !is[*transport.RedirectError](err) && !is[*core.LoginError](err) || strings.Contains(err.Error(), canary) {
					t.Errorf("%s, %d to %s: %v", phase.name, status, address, err)
				}
			}
			sent += reached.Load()
		}
	}
	if e.requests.Load() > 0 || e.secrets.Load() > 0 || sent != int64(tried) {
		t.Errorf("%d requests elsewhere, %d with a secret; %d of %d redirects", e.requests.Load(), e.secrets.Load(), sent, tried)
	}
	stress.Report(t, stress.Servers, "redirects to another host, port, name, or scheme, of calls, handshakes and every request of a login",
		"0 requests elsewhere, 1 where it was meant for, a typed error with a hint",
		"%d redirects: %d requests elsewhere, %d with a secret; %d requests", tried, e.requests.Load(), e.secrets.Load(), sent)

	// What goes elsewhere is counted.
	res, err := http.Post(e.plain.URL, "text/plain", strings.NewReader("x="+canary))
	if err != nil {
		t.Fatal(err)
	}
	if res.Body.Close(); e.requests.Load() != 1 || e.secrets.Load() != 1 {
		t.Error("a planted leak was not found")
	}
}

// attempt asks a server for something once, and returns the error that there has to be.
func attempt(t *testing.T, url, way string, options ...taegis.Option) error {
	t.Helper()
	ask, link := asks[way], authenticators["client-credentials"]
	if ask == nil {
		ask, link = asks["login"], authenticators[way]
	}
	client, err := newClient(url, append(options, taegis.WithAuthenticators(link))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err = ask(t.Context(), client); err == nil {
		t.Fatal("there was no error")
	}
	return err
}

func TestRedirectsWithoutEnd(t *testing.T) {
	t.Parallel()
	rings, followed := 0, int64(0)
	for _, way := range []string{"query", "subscription", "client-credentials", "sso"} {
		for _, status := range redirects {
			for limit, most := range map[int]int64{0: 11, 3: 4, -1: 1} {
				var requests atomic.Int64
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					n := requests.Add(1)
					next := url.URL{Path: r.URL.Path, RawQuery: "n=" + strings.Repeat("x", int(n%7))}
					w.Header().Set("Location", next.String())
					w.WriteHeader(status)
				}))
				err := attempt(t, server.URL, way, taegis.WithLimits(core.Limits{Redirects: limit}))
				server.Close()
				rings++
				followed += requests.Load() - 1
				// A POST that would become a GET is not repeated as one, and a login is never sent on.
				stays := way == "subscription" || way == "query" && status >= http.StatusTemporaryRedirect
				if !stays {
					most = 1
				}
				exceeded := is[*core.LimitError](err)
				if requests.Load() != most || exceeded != stays || exceeded && !strings.Contains(err.Error(), "raise Limits.Redirects") {
					t.Errorf("%s, %d, at most %d: %d requests, %v", way, status, limit, requests.Load(), err)
				}
			}
		}
	}
	stress.Report(t, stress.Servers, "rings of redirects, of calls, handshakes and logins", "as many as Limits.Redirects, none for a login or a changed method, an error that names the limit",
		"%d rings: %d followed", rings, followed)
}
