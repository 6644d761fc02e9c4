package taegis_test

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

// Every option that has no value is an error of New, with the option's name.
func TestNewRefusesOptionsWithoutAValue(t *testing.T) {
	type none struct{ ports.Authenticator }
	lab, err := core.NewEnvironment("lab", "https://lab.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		option taegis.Option
		want   string
	}{
		"option":            {nil, "option 3: it is nil"},
		"environment":       {taegis.WithEnvironment(""), "WithEnvironment: it is empty"},
		"blank environment": {taegis.WithEnvironment(" \t"), "WithEnvironment: it is empty"},
		"no environments":   {taegis.WithEnvironments(), "WithEnvironments: at least one"},
		"no name":           {taegis.WithEnvironments(lab, core.Environment{}), "WithEnvironments: number 2 of 2 has no name"},
		"no base URL":       {taegis.WithEnvironments(core.Environment{Name: "lab"}), `environment "lab"`},
		"no authenticators": {taegis.WithAuthenticators(), "WithAuthenticators: at least one"},
		"nil list":          {taegis.WithAuthenticators([]ports.Authenticator(nil)...), "WithAuthenticators: at least one"},
		"nil authenticator": {taegis.WithAuthenticators(nil), "WithAuthenticators: number 1 of 1 is nil"},
		"nil plugin":        {taegis.WithAuthenticators(&authn.StaticToken{}, (*plugins.Plugin)(nil)), "number 2 of 2 is nil"},
		"nil pointer":       {taegis.WithAuthenticators((*none)(nil)), "number 1 of 1 is nil"},
		"store":             {taegis.WithTokenStore(nil), "WithTokenStore: it is nil"},
		"nil file":          {taegis.WithTokenStore((*tokenstore.File)(nil)), "WithTokenStore: it is nil"},
		"nil memory":        {taegis.WithTokenStore((*tokenstore.Memory)(nil)), "WithTokenStore: it is nil"},
		"nil keyring":       {taegis.WithTokenStore((*keyring.Store)(nil)), "WithTokenStore: it is nil"},
		"transport":         {taegis.WithTransport(nil), "WithTransport: it is nil"},
		"nil transport":     {taegis.WithTransport((*transport.HTTP)(nil)), "WithTransport: it is nil"},
		"no middleware":     {taegis.WithMiddleware(), "WithMiddleware: at least one"},
		"middleware":        {taegis.WithMiddleware(nil), "WithMiddleware: number 1 of 1 is nil"},
		"middleware of nothing": {taegis.WithMiddleware(func(t ports.Transport) ports.Transport { return t },
			func(ports.Transport) ports.Transport { return nil }), "WithMiddleware: number 2 of 2 returns no transport"},
		"middleware of nil":         {taegis.WithMiddleware(func(ports.Transport) ports.Transport { return (*transport.HTTP)(nil) }), "number 1 of 1 returns no transport"},
		"no middleware of tries":    {taegis.WithTryMiddleware(), "WithTryMiddleware: at least one"},
		"nil middleware of tries":   {taegis.WithTryMiddleware(nil), "WithTryMiddleware: number 1 of 1 is nil"},
		"tries without a transport": {taegis.WithTryMiddleware(func(ports.Transport) ports.Transport { return nil }), "WithTryMiddleware: number 1 of 1 returns no transport"},
		"configuration":             {taegis.WithConfigFile(""), "WithConfigFile: it is empty"},
		"HTTP client":               {taegis.WithHTTPClient(nil), "WithHTTPClient: it is nil"},
		"logger":                    {taegis.WithLogger(nil), "WithLogger: it is nil"},
		"clock":                     {taegis.WithClock(nil), "WithClock: it is nil"},
		"lookup":                    {taegis.WithLookupEnv(nil), "WithLookupEnv: it is nil"},
		"keep-alive":                {taegis.WithKeepAlive(0), "WithKeepAlive: the time is not positive"},
		"timeout":                   {taegis.WithTimeout(-time.Second), "WithTimeout: the timeout is negative"},
		"tries":                     {taegis.WithRetry(core.RetryLimits{MaxTries: -1}), "WithRetry: a limit is negative"},
		"time of tries":             {taegis.WithRetry(core.RetryLimits{MaxTime: -1}), "WithRetry: a limit is negative"},
		"limits":                    {taegis.WithLimits(core.Limits{Depth: -1}), "WithLimits"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := taegis.New(append(in(t, nil), c.option)...)
			if err == nil {
				client.Close()
				t.Fatal("it was accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

// An option that says nothing explicitly comes before its variable.
func TestAnEmptyOptionOverridesItsVariable(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	d.env["TAEGIS_TENANT_ID"] = "of-the-variable"
	call(t, d.client(t))
	call(t, d.client(t, taegis.WithTenant("")))
	call(t, d.client(t, taegis.WithTenant("of-an-option"), taegis.WithTenant("")))
	var tenants []string
	for _, r := range d.Requests() {
		if len(r.Operations) > 0 {
			tenants = append(tenants, r.Tenant)
		}
	}
	if strings.Join(tenants, ",") != "of-the-variable,," {
		t.Errorf("tenants %q", tenants)
	}

	c, err := taegis.New(append(in(t, map[string]string{"TAEGIS_API_URL": "https://proxy.example"}), taegis.WithBaseURL(""))...)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if e := c.Environment(); e.APIURL != "https://api.ctpx.secureworks.com" {
		t.Errorf("the base URL is %s", e.APIURL)
	}

	none := filepath.Join(t.TempDir(), "none.pem")
	variables := map[string]string{"TAEGIS_CA_BUNDLE": none}
	if _, err := taegis.New(in(t, variables)...); err == nil || !strings.Contains(err.Error(), none) {
		t.Errorf("the variable's bundle: %v", err)
	}
	if c, err := taegis.New(append(in(t, variables), taegis.WithCABundle(""))...); err != nil {
		t.Error(err)
	} else {
		c.Close()
	}
}

// secureServer is a server with a certificate that is valid only with a bundle. It counts its
// connections.
func secureServer(t *testing.T) (url, bundle string) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Proto", r.Proto)
		_, _ = w.Write([]byte(`{"data":{"any":{"proto":"` + r.Proto + `"}}}`))
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	bundle = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return server.URL, bundle
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestACABundleIsAddedToTheCallersHTTPClient(t *testing.T) {
	url, bundle := secureServer(t)
	_, other := secureServer(t)
	used := http.Transport{}
	if resp, err := (&http.Client{Transport: &used}).Get(url); err == nil {
		resp.Body.Close()
		t.Fatal("the certificate is trusted without the bundle")
	}
	for name, own := range map[string]*http.Transport{
		"zero": {}, "used": &used, "default": nil,
		"own TLS": {TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13}}, "HTTP/2": {ForceAttemptHTTP2: true},
	} {
		for _, by := range []string{"option", "variable"} {
			t.Run(name+" by "+by, func(t *testing.T) {
				client := &http.Client{}
				if own != nil {
					client.Transport = own
				}
				before := *client
				options := append(in(t, map[string]string{}), taegis.WithBaseURL(url), taegis.WithHTTPClient(client),
					taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("x")}))
				if by == "option" {
					options = append(options, taegis.WithCABundle(bundle))
				} else {
					options = append(options, taegis.WithLookupEnv(func(name string) (string, bool) {
						return bundle, name == "TAEGIS_CA_BUNDLE"
					}))
				}
				c, err := taegis.New(options...)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				var answer struct {
					Proto string `json:"proto"`
				}
				if err := c.Execute(t.Context(), &core.Request{Operation: &core.Operation{Name: "any", Selection: "{ proto }"}}, &answer); err != nil {
					t.Fatal(err)
				}
				if answer.Proto != "HTTP/2.0" && name != "own TLS" {
					t.Errorf("it speaks %s", answer.Proto)
				}
				if client.Transport != before.Transport || own != nil && own.TLSClientConfig != nil && own.TLSClientConfig.RootCAs != nil {
					t.Error("the caller's client was changed")
				}
			})
		}
	}
	t.Run("in addition to its own", func(t *testing.T) {
		client, err := transport.NewClient(transport.ClientConfig{CABundle: bundle})
		if err != nil {
			t.Fatal(err)
		}
		c, err := taegis.New(append(in(t, nil), taegis.WithBaseURL(url), taegis.WithHTTPClient(client), taegis.WithCABundle(other),
			taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("x")}))...)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Execute(t.Context(), &core.Request{Operation: &core.Operation{Name: "any"}}, nil); err != nil {
			t.Error(err)
		}
	})
}

func TestACABundleThatCannotBeAddedIsRefused(t *testing.T) {
	_, bundle := secureServer(t)
	for name, c := range map[string]struct {
		client *http.Client
		want   string
	}{
		"another transport": {&http.Client{Transport: roundTripper(nil)}, "its transport is taegis_test.roundTripper"},
		"nil transport":     {&http.Client{Transport: (*http.Transport)(nil)}, "not an *http.Transport"},
		"own TLS dialer": {&http.Client{Transport: &http.Transport{
			DialTLSContext: (&tls.Dialer{}).DialContext,
		}}, "DialTLSContext"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := taegis.New(append(in(t, nil), taegis.WithHTTPClient(c.client), taegis.WithCABundle(bundle))...)
			if _, ok := errors.AsType[*core.ArgumentError](err); !ok || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
			// The variable is not the program's: a warning.
			var log strings.Builder
			client, err := taegis.New(append(in(t, map[string]string{"TAEGIS_CA_BUNDLE": bundle}), taegis.WithHTTPClient(c.client),
				taegis.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))...)
			if err != nil || !strings.Contains(log.String(), "TAEGIS_CA_BUNDLE is not used") || !strings.Contains(log.String(), c.want) {
				t.Fatalf("%v, logged %q", err, log.String())
			}
			client.Close()
		})
	}
	missing := filepath.Join(t.TempDir(), "none.pem")
	_, err := taegis.New(append(in(t, nil), taegis.WithHTTPClient(&http.Client{}), taegis.WithCABundle(missing))...)
	if _, ok := errors.AsType[*core.FileError](err); !ok {
		t.Errorf("a bundle that does not exist: %v", err)
	}
}

// No option means that the default applies, also for the store.
func TestANilStoreIsNotThePlainFile(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config")
	var store *tokenstore.Memory
	client, err := taegis.New(taegis.WithConfigFile(config), taegis.WithTokenStore(store),
		taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("x")}))
	if err == nil {
		_, _ = client.Login(context.Background())
		client.Close()
		t.Error("it was accepted")
	}
	if _, err := os.Stat(config); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
}
