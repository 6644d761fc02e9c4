package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/httpcopy"
	"github.com/taegis-go/taegis/internal/proxy"
)

// ClientConfig is what can be set about connections. The zero value is a good default.
type ClientConfig struct {
	// CABundle is the path of a PEM file with certificate authorities to trust beside those
	// of the system; empty means none.
	CABundle string
	// Redirects is how many in a row are followed, see [core.Limits].
	Redirects int
	// LookupEnv looks up the variables that name proxies; nil means [os.LookupEnv].
	LookupEnv func(name string) (string, bool)
}

// The connections of one client.
const (
	// idleConnections suffices for 256 callers of one host over HTTP/1.1 to keep theirs.
	idleConnections   = 256
	idleTimeout       = 90 * time.Second
	dialTimeout       = 10 * time.Second
	handshakeTimeout  = 10 * time.Second
	pingAfterSilence  = 30 * time.Second
	pingAnswerTimeout = 15 * time.Second
)

// NewClient returns the SDK's HTTP client, for calls and for logging in. It takes proxies from
// the environment (HTTPS_PROXY, HTTP_PROXY, else ALL_PROXY, and NO_PROXY; never for loopback), speaks
// HTTP/2 and
// TLS 1.2 or newer, reads compressed answers, keeps connections for 256 concurrent callers, and
// refuses redirects with a [*RedirectError] where they leave the host, the encryption or the
// method, or are too many. A CA bundle that cannot be used gives a [*core.FileError]. If a variable
// holds no URL of a proxy, or a proxy refuses, requests return a [*core.ProxyError], and nothing is
// sent to the server.
func NewClient(config ClientConfig) (*http.Client, error) {
	roots, err := loadRoots(config.CABundle, nil)
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
			ForceAttemptHTTP2:      true, // else a dialer and a TLS configuration of one's own switch it off
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
		panic(err) // only a CA bundle can be wrong, and there is none
	}
	return client
})

// ErrNotTrusted is wrapped by the errors of [TrustAlso] for a client that no certificates can be
// added to.
var ErrNotTrusted = errors.New("no certificates can be added")

// TrustAlso returns a copy of client, with connections of its own, that trusts the certificate
// authorities of a PEM file in addition to those that client trusts. Its transport has to be an
// [*http.Transport] that makes its TLS connections itself; for any other the error wraps
// [ErrNotTrusted]. A file that cannot be used gives a [*core.FileError].
func TrustAlso(client *http.Client, caBundle string) (*http.Client, error) {
	own, err := httpcopy.Of(client)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNotTrusted, err)
	case own.DialTLSContext != nil || own.DialTLS != nil: //nolint:staticcheck // the older one counts too
		return nil, fmt.Errorf("%w: its DialTLSContext makes the TLS connections", ErrNotTrusted)
	}
	if own.TLSClientConfig == nil {
		own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	roots, err := loadRoots(caBundle, own.TLSClientConfig.RootCAs)
	if err != nil {
		return nil, err
	}
	own.TLSClientConfig.RootCAs = roots
	trusting := *client
	trusting.Transport = own
	return &trusting, nil
}

// loadRoots returns known certificate authorities, nil for the system's, with those of the bundle; or
// nil, which means the system's, if path is empty.
func loadRoots(path string, known *x509.CertPool) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	fault := &core.FileError{Path: path, HintText: "give a PEM file with the certificates of the authorities to trust, or unset it"}
	text, err := os.ReadFile(path)
	if err != nil {
		fault.Reason, fault.Err = fmt.Sprintf("the CA bundle cannot be read: %v", cause(err)), err
		return nil, fault
	}
	var roots *x509.CertPool
	if known != nil {
		roots = known.Clone()
	} else if roots, err = x509.SystemCertPool(); err != nil {
		roots = x509.NewCertPool() // a system without a list of its own: the bundle is all there is
	}
	if !roots.AppendCertsFromPEM(text) {
		fault.Reason = "the CA bundle holds no certificate"
		return nil, fault
	}
	return roots, nil
}

// cause takes the path off err, which says it again.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
