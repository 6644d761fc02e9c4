package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cabundle"
	"github.com/taegis-go/taegis/internal/httpcopy"
	"github.com/taegis-go/taegis/internal/proxy"
)

// ClientConfig configures [NewClient]. The zero value is ready to use.
type ClientConfig struct {
	// CABundle is the path of a PEM file with certificate authorities to trust in addition to the
	// system's. Empty adds none.
	CABundle string
	// Redirects is the maximum number of redirects that one request follows; see [core.Limits].
	Redirects int
	// LookupEnv looks up the environment variables of proxies. Nil selects [os.LookupEnv].
	LookupEnv func(name string) (string, bool)
}

// The limits of a client's connections.
const (
	// idleConnections lets 256 concurrent callers of one host reuse their HTTP/1.1 connections.
	idleConnections   = 256
	idleTimeout       = 90 * time.Second
	dialTimeout       = 10 * time.Second
	handshakeTimeout  = 10 * time.Second
	pingAfterSilence  = 30 * time.Second
	pingAnswerTimeout = 15 * time.Second
)

// NewClient returns the SDK's HTTP client, for calls and for logins. It uses the proxies of the
// environment (HTTPS_PROXY, HTTP_PROXY, otherwise ALL_PROXY, and NO_PROXY), but none for loopback.
// It uses HTTP/2, TLS 1.2 or newer and compressed responses, and keeps connections for 256
// concurrent callers.
//
// It returns a [*core.FileError] if it cannot use the CA bundle. The client's requests return a
// [*RedirectError] for a redirect that changes the host or the method, gives up encryption, or
// exceeds the limit. They return a [*core.ProxyError] if a variable is not the URL of a proxy or
// the proxy rejects the connection. In both cases nothing was sent to the server.
func NewClient(config ClientConfig) (*http.Client, error) {
	roots, err := cabundle.Load(config.CABundle, nil)
	if err != nil {
		return nil, err
	}
	lookup := config.LookupEnv
	if lookup == nil {
		lookup = os.LookupEnv
	}
	proxies := proxy.Read(lookup)
	return &http.Client{
		CheckRedirect: atMost(core.Limits{Redirects: config.Redirects}.OrDefault().Redirects),
		Transport: &http.Transport{
			Proxy:                  func(r *http.Request) (*url.URL, error) { return proxies.For(r.URL) },
			OnProxyConnectResponse: proxies.OnConnect,
			DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			TLSHandshakeTimeout:    handshakeTimeout,
			ForceAttemptHTTP2:      true, // otherwise a custom dialer and TLS configuration disable it
			HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfterSilence, PingTimeout: pingAnswerTimeout},
			MaxIdleConns:           2 * idleConnections,
			MaxIdleConnsPerHost:    idleConnections,
			IdleConnTimeout:        idleTimeout,
			ExpectContinueTimeout:  time.Second,
		},
	}, nil
}

var sharedClient = sync.OnceValue(func() *http.Client {
	client, err := NewClient(ClientConfig{})
	if err != nil {
		panic(err) // only a CA bundle can cause an error, and there is none
	}
	return client
})

// ErrNotTrusted is wrapped by the errors of [TrustAlso] for a client to which it cannot add
// certificates.
var ErrNotTrusted = errors.New("cannot add certificates to the HTTP client")

// TrustAlso returns a copy of client with its own connections, which trusts the certificate
// authorities of a PEM file in addition to those that client trusts. If the client's transport is
// not an [*http.Transport], or has its own function for TLS connections, the error wraps
// [ErrNotTrusted]. If the file cannot be used, the error is a [*core.FileError].
func TrustAlso(client *http.Client, caBundle string) (*http.Client, error) {
	own, err := httpcopy.Of(client)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNotTrusted, err)
	case own.DialTLSContext != nil || own.DialTLS != nil: //nolint:staticcheck // the deprecated field works too
		return nil, fmt.Errorf("%w: its DialTLSContext makes the TLS connections", ErrNotTrusted)
	}
	if own.TLSClientConfig == nil {
		own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	roots, err := cabundle.Load(caBundle, own.TLSClientConfig.RootCAs)
	if err != nil {
		return nil, err
	}
	own.TLSClientConfig.RootCAs = roots
	trusting := *client
	trusting.Transport = own
	return &trusting, nil
}
