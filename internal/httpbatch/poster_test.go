package httpbatch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/httpbatch"
)

const token = "s3cr3t-t0ken-0123456789"

// once allows one attempt.
var once = core.RetryLimits{MaxTries: 1}

func newPoster(t *testing.T, c httpbatch.Config) *httpbatch.Poster {
	t.Helper()
	c.Kind = "http"
	p, err := httpbatch.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// serve starts a server that answers as told, and posts to it once.
func serve(t *testing.T, answer http.HandlerFunc) (server string, got *httpbatch.Answer, err error) {
	s := httptest.NewServer(answer)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // a handler that panics closes the connection
	t.Cleanup(s.Close)
	p := newPoster(t, httpbatch.Config{
		URL: s.URL, Retry: once, Headers: map[string]core.Secret{"Authorization": core.NewSecret("Bearer " + token)},
	})
	got, err = p.Post(t.Context(), s.URL, []byte("body"), nil)
	return s.URL, got, err
}

func status(code int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func TestAnswers(t *testing.T) {
	const load = ": check the load and the log of the collector if this goes on"
	for name, test := range map[string]struct {
		answer    http.HandlerFunc
		permanent bool
		after     time.Duration
		want      string // URL is that of the server
	}{
		"busy": {
			status(429, `{"message":"slow down"}`, "Retry-After", "7"), false, 7 * time.Second,
			"http URL: it answered with status 429 Too Many Requests: slow down" + load,
		},
		"busy for centuries": {
			status(503, "", "Retry-After", "99999999999999"), false, time.Hour,
			"http URL: it answered with status 503 Service Unavailable" + load,
		},
		"busy until a date": {
			status(503, "", "Date", "Sun, 01 Mar 2026 12:00:00 GMT", "Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT"), false, 30 * time.Second,
			"http URL: it answered with status 503 Service Unavailable" + load,
		},
		"an error with HTML": {
			status(500, "<html><body>"+strings.Repeat("x", 1<<20)), false, 0, "http URL: it answered with status 500 Internal Server Error" + load,
		},
		"a huge error": {
			status(502, strings.Repeat("y", 1<<21)), false, 0,
			"http URL: it answered with status 502 Bad Gateway: " + strings.Repeat("y", 200) + "…" + load,
		},
		"an error with control characters": {
			status(500, "a\x1b[31m\nb"), false, 0, `http URL: it answered with status 500 Internal Server Error: a\x1b[31m b` + load,
		},
		"an error that repeats the token": {
			status(500, "bad header Bearer "+token), false, 0,
			"http URL: it answered with status 500 Internal Server Error: bad header Bearer [redacted]" + load,
		},
		"a rejected token": {
			status(401, `{"text":"Invalid token","code":4}`), true, 0,
			"http URL: it rejected the credentials with status 401 Unauthorized: Invalid token: check the token or password, and what it may do",
		},
		"forbidden": {
			status(403, ""), true, 0,
			"http URL: it rejected the credentials with status 403 Forbidden: check the token or password, and what it may do",
		},
		"not found": {
			status(404, "404 page not found\n"), true, 0,
			"http URL: it answered with status 404 Not Found: 404 page not found: check URL: it must accept records",
		},
		"a redirect": {
			status(307, "", "Location", "https://elsewhere.example/x?y=z"), true, 0,
			"http URL: it redirects to https://elsewhere.example, which is not followed because it could lead the credentials elsewhere: " +
				"set URL to the address to which it redirects, if it is right",
		},
		"a connection that is closed": {
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false, 0,
			"http URL: the connection was closed before the end of the answer: check the collector and its log",
		},
		"a success that ends early": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				_, _ = io.WriteString(w, "{")
			}, false, 0,
			"http URL: the connection was closed before the end of the answer: check the collector and its log",
		},
	} {
		t.Run(name, func(t *testing.T) {
			url, _, err := serve(t, test.answer)
			fault, ok := errors.AsType[*core.SinkError](err)
			if !ok {
				t.Fatalf("%#v", err)
			}
			if want := strings.ReplaceAll(test.want, "URL", url); !strings.HasPrefix(test.want, "http URL") ||
				fault.Error() != strings.Replace(test.want, "URL", url, 1) {
				t.Errorf("got  %v\nwant %v", fault, want)
			}
			if fault.Permanent != test.permanent || fault.RetryAfter != test.after {
				t.Errorf("permanent %v, after %v", fault.Permanent, fault.RetryAfter)
			}
		})
	}
}

// These answers are for the sinks to judge.
func TestAnswersAboutTheBody(t *testing.T) {
	for _, code := range []int{200, 202, 204, 400, 413, 422} {
		_, answer, err := serve(t, status(code, ""))
		if err != nil || answer.Status != code || answer.OK() != (code < 300) {
			t.Errorf("status %d: %+v, %v", code, answer, err)
		}
	}
}

func TestNoServer(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	p := newPoster(t, httpbatch.Config{URL: s.URL + "/?token=" + token, Retry: once})
	_, err := p.Post(t.Context(), s.URL+"/?token="+token, nil, nil)
	fault, ok := errors.AsType[*core.SinkError](err)
	if !ok || fault.Permanent || strings.Contains(err.Error(), token) || fault.Hint() != "check that the collector runs and can be reached" {
		t.Errorf("%v", err)
	}
}

func TestACertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(status(200, ""))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	_, err := newPoster(t, httpbatch.Config{URL: s.URL, Retry: once}).Post(t.Context(), s.URL, nil, nil)
	fault, ok := errors.AsType[*core.SinkError](err)
	if !ok || !fault.Permanent || !strings.Contains(fault.Hint(), "set CABundle") {
		t.Errorf("%v", err)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	p := newPoster(t, httpbatch.Config{URL: s.URL, Retry: once, CABundle: bundle})
	if _, err := p.Post(t.Context(), s.URL, nil, nil); err != nil {
		t.Error(err)
	}
}

// A redirect is not followed, so that its target gets nothing.
func TestRedirectsCarryNothingAway(t *testing.T) {
	called := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	t.Cleanup(elsewhere.Close)
	for _, code := range []int{301, 302, 303, 307, 308} {
		if _, _, err := serve(t, status(code, "", "Location", elsewhere.URL)); err == nil {
			t.Errorf("status %d is a success", code)
		}
	}
	if called {
		t.Error("a redirect was followed")
	}
}

func TestTheRequest(t *testing.T) {
	var got *http.Request
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		reader, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		body, _ = io.ReadAll(reader)
	}))
	t.Cleanup(s.Close)
	p := newPoster(t, httpbatch.Config{
		URL: s.URL, Gzip: true, ContentType: "application/x-ndjson",
		Headers: map[string]core.Secret{"authorization": core.NewSecret("Bearer " + token)},
		HeaderFunc: func(context.Context) (map[string]core.Secret, error) {
			return map[string]core.Secret{"X-More": core.NewSecret("more")}, nil
		},
	})
	sent := bytes.Repeat([]byte("line\n"), 10_000)
	if _, err := p.Post(t.Context(), s.URL, sent, http.Header{"X-Channel": {"c"}}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body, sent) {
		t.Errorf("%d bytes arrived", len(body))
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer " + token, "X-More": "more", "X-Channel": "c", "Content-Encoding": "gzip",
		"Content-Type": "application/x-ndjson",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
		}
	}
}

func TestHeadersThatCannotBeObtained(t *testing.T) {
	cause := errors.New("no\ntoken")
	for name, test := range map[string]struct {
		header map[string]core.Secret
		err    error
		want   string
	}{
		"an error":    {nil, cause, "http https://127.0.0.1:1: its headers cannot be obtained: no token"},
		"a bad value": {map[string]core.Secret{"X": core.NewSecret("a\r\nb")}, nil, "http https://127.0.0.1:1: the header X cannot be sent: remove line breaks and other control characters from its value"},
	} {
		p := newPoster(t, httpbatch.Config{
			URL: "https://127.0.0.1:1", Retry: once,
			HeaderFunc: func(context.Context) (map[string]core.Secret, error) { return test.header, test.err },
		})
		_, err := p.Post(t.Context(), "https://127.0.0.1:1", nil, nil)
		if fault, ok := errors.AsType[*core.SinkError](err); !ok || !fault.Permanent || err.Error() != test.want || !errors.Is(fault.Err, test.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// tripper answers requests of a bubble.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answered(code int, header http.Header) (*http.Response, error) {
	return &http.Response{StatusCode: code, Header: header, Body: http.NoBody}, nil
}

func TestAServerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		hang := tripper(func(r *http.Request) (*http.Response, error) {
			tries++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		p := newPoster(t, httpbatch.Config{
			URL: "https://c.example", Client: &http.Client{Transport: hang}, Timeout: time.Minute,
			Retry: core.RetryLimits{MaxTries: 3, MaxTime: time.Hour},
		})
		_, err := p.Post(t.Context(), "https://c.example", nil, nil)
		const want = "http https://c.example: there was no answer within 1m0s: check the collector, or raise Timeout"
		if fault, ok := errors.AsType[*core.SinkError](err); !ok || fault.Permanent || err.Error() != want || tries != 3 {
			t.Errorf("%d tries: %v", tries, err)
		}
		gaveUp := errors.New("gave up")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(gaveUp) })
		if _, err = p.Post(ctx, "https://c.example", nil, nil); !errors.Is(err, gaveUp) {
			t.Errorf("%v", err)
		}
	})
}

// Errors that pass are repeated after the pause that the server asks for, others are not.
func TestRetries(t *testing.T) {
	for name, test := range map[string]struct {
		codes []int
		tries int
		took  time.Duration
		ok    bool
	}{
		"busy twice":      {[]int{503, 429, 200}, 3, 10 * time.Second, true},
		"busy for longer": {[]int{503, 503, 503, 503, 200}, 4, 15 * time.Second, false},
		"rejected":        {[]int{401, 200}, 1, 0, false},
		"refused":         {[]int{400, 200}, 1, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				p := newPoster(t, httpbatch.Config{
					URL: "https://c.example",
					Client: &http.Client{Transport: tripper(func(*http.Request) (*http.Response, error) {
						tries++
						return answered(test.codes[tries-1], http.Header{"Retry-After": {"5"}})
					})},
				})
				began := time.Now()
				_, err := p.Post(t.Context(), "https://c.example", nil, nil)
				if took := time.Since(began); (err == nil) != test.ok || tries != test.tries || took != test.took {
					t.Errorf("%d tries in %v, %v", tries, took, err)
				}
			})
		})
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	for name, test := range map[string]struct {
		config httpbatch.Config
		want   string
	}{
		"no URL":         {httpbatch.Config{}, "http: there is no URL: set URL to the address of the collector"},
		"no URL at all":  {httpbatch.Config{URL: "https://a b/\x00"}, "http: URL is no URL: set it to the address of the collector, for example https://collector.example/path"},
		"no scheme":      {httpbatch.Config{URL: "collector.example/x"}, "http collector.example/x: URL is not an address of HTTP: begin it with https://"},
		"another scheme": {httpbatch.Config{URL: "ftp://collector.example"}, "http ftp://collector.example: URL is not an address of HTTP: begin it with https://"},
		"credentials": {
			httpbatch.Config{URL: "https://user:" + token + "@c.example"},
			"http https://[redacted]@c.example: URL has a user name or password: set the header Authorization instead",
		},
		"a fragment":    {httpbatch.Config{URL: "https://c.example/#x"}, "http https://c.example/#x: URL has a fragment: remove # and what follows"},
		"not encrypted": {httpbatch.Config{URL: "http://c.example"}, "http http://c.example: URL is not encrypted: use https, or set PlainHTTP if everything on the way is trusted"},
		"negative time": {httpbatch.Config{URL: "https://c.example", Timeout: -1}, "http https://c.example: Timeout is negative: use 0 for the default"},
		"two clients":   {httpbatch.Config{URL: "https://c.example", Client: &http.Client{}, CABundle: "x"}, "http https://c.example: Client and CABundle are both set: let the client trust the authorities, or leave out Client"},
		"a header":      {httpbatch.Config{URL: "https://c.example", Headers: map[string]core.Secret{"A b": {}}}, "http https://c.example: the header A b cannot be sent: use letters, digits and hyphens in its name"},
		"a header of ours": {
			httpbatch.Config{URL: "https://c.example", Headers: map[string]core.Secret{"content-length": core.NewSecret("1")}},
			"http https://c.example: the header content-length cannot be sent: remove it, because it follows from the request",
		},
		"a header of two lines": {
			httpbatch.Config{URL: "https://c.example", Headers: map[string]core.Secret{"X": core.NewSecret("a\nb")}},
			"http https://c.example: the header X cannot be sent: remove line breaks and other control characters from its value",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.Kind = "http"
			_, err := httpbatch.New(test.config)
			fault, ok := errors.AsType[*core.SinkError](err)
			if !ok || !fault.Permanent || fault.Error() != test.want {
				t.Errorf("got  %v\nwant %v", err, test.want)
			}
		})
	}
	_, err := httpbatch.New(httpbatch.Config{Kind: "http", URL: "https://c.example", CABundle: filepath.Join(t.TempDir(), "none")})
	if _, ok := errors.AsType[*core.FileError](err); !ok {
		t.Errorf("a missing CA bundle: %v", err)
	}
	for _, url := range []string{"http://127.0.0.1:1", "http://localhost:8088", "http://[::1]"} {
		if _, err := httpbatch.New(httpbatch.Config{Kind: "http", URL: url}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
