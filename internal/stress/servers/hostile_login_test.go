package servers_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// phases are the requests of all ways to log in: the one that is answered with hostility, by its
// path and by what its body holds, and the way that gets there.
var phases = []struct{ name, path, holds, way string }{
	{"client credentials", "/auth/api/v2/auth/token", "client_credentials", "client-credentials"},
	{"which way", "/auth/userLogin", "", "password"},
	{"password", "/universal-auth/token", canary, "password"},
	{"second factor", "/universal-auth/token", "otp", "password"},
	{"link", "/universal-auth/device/code/auth", "", "sso"},
	{"waiting for a user", "/universal-auth/device/code/token", "", "sso"},
}

// honest are the answers of the stages before.
var honest = map[string]string{
	"/auth/userLogin":                  `{"login_type":"username-password"}`,
	"/universal-auth/token":            `{"mfa_token":"m"}`,
	"/universal-auth/device/code/auth": `{"device_code":"d","user_code":"U","verification_uri":"https://taegis.test/","interval":1}`,
}

// serverWith starts a server that is honest but for the request to path whose body holds a text,
// which hostile answers. It counts those.
func serverWith(t *testing.T, path, holds string, hostile http.HandlerFunc) (url string, reached *atomic.Int64) {
	t.Helper()
	reached = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == path && strings.Contains(string(body), holds) {
			reached.Add(1)
			hostile(w, r)
			return
		}
		if honest[r.URL.Path] == "" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, honest[r.URL.Path])
	}))
	t.Cleanup(server.Close)
	return server.URL, reached
}

func TestLoginAnswersWithoutEnd(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 100_000) + "0" + strings.Repeat("}", 100_000)
	all := tally{most: 16 << 20}
	for _, phase := range phases {
		for name, way := range map[string]struct {
			status int
			header http.Header
			write  func(io.Writer) error
		}{
			"token":           {200, nil, endless(`{"access_token":"`, "x")},
			"white space":     {200, nil, endless("", " ")},
			"members":         {401, nil, endless(`{"error":"x"`, `,"a":[]`)},
			"error":           {400, nil, endless(`{"error":"`, "x")},
			"page":            {403, nil, endless("<html>", "<p>")},
			"bomb":            {200, gzipped, zipped(ended(`{"access_token":"`, "x", `"}`, 64<<20))},
			"levels":          {200, nil, once(`{"access_token":` + deep + `}`)},
			"ignored levels":  {200, nil, once(`{"access_token":"e30.e30.x","x":` + deep + `}`)},
			"challenge":       {403, nil, endless(`{"mfa_token":"`, "x")},
			"unknown failure": {418, nil, endless("", "\x00")},
		} {
			t.Run(phase.name+" "+name, func(t *testing.T) {
				url, reached := serverWith(t, phase.path, phase.holds, func(w http.ResponseWriter, _ *http.Request) {
					maps.Copy(w.Header(), way.header)
					w.WriteHeader(way.status)
					_ = way.write(w)
				})
				result := all.expose(t, order{URL: url, Ask: phase.way, Tries: 3, Deadline: time.Minute})
				all.requests += reached.Load()
				if !result.Login || result.HintText == "" || result.TimedOut || reached.Load() == 0 {
					t.Errorf("%+v after %d requests", result, reached.Load())
				}
			})
		}
	}
	stress.Report(t, stress.Servers, "login answers without end, bombs and 100,000 levels, at every request of every way to log in",
		"a core.LoginError with a hint, memory of at most 16 MiB",
		"%d answers, %d requests: %s, the slowest %v", all.n, all.requests, mebibytes(all.peak), all.slowest)
}
