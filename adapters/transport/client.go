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
)

// ClientConfig is what can be set about connections. The zero value is a good default.
type ClientConfig struct {
	// CABundle is the path of a PEM file with certificate authorities to trust beside those
	// of the system; empty means none.
	CABundle string
	// Redirects is how many in a row are followed, see [core.Limits].
	Redirects int
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

// NewClient returns the SDK's HTTP client, for calls and for signing in. It takes proxies from
// the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY; never for loopback), speaks HTTP/2 and
// TLS 1.2 or newer, reads compressed answers, keeps connections for 256 concurrent callers, and
// refuses redirects with a [*RedirectError] where they leave the host, the encryption or the
// method, or are too many. A CA bundle that cannot be used gives a [*core.FileError].
func NewClient(config ClientConfig) (*http.Client, error) {
	roots, err := loadRoots(config.CABundle)
	if err != nil {
		return nil, err
	}
	return &http.Client{
		CheckRedirect: atMost(core.Limits{Redirects: config.Redirects}.OrDefault().Redirects),
		Transport: &http.Transport{
			Proxy:                 proxy,
			DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			TLSHandshakeTimeout:   handshakeTimeout,
			ForceAttemptHTTP2:     true, // else a dialer and a TLS configuration of one's own switch it off
			HTTP2:                 &http.HTTP2Config{SendPingTimeout: pingAfterSilence, PingTimeout: pingAnswerTimeout},
			MaxIdleConns:          2 * idleConnections,
			MaxIdleConnsPerHost:   idleConnections,
			IdleConnTimeout:       idleTimeout,
			ExpectContinueTimeout: time.Second,
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

// proxy is [http.ProxyFromEnvironment] but for its error, which holds the proxy's address with
// the password in it.
func proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errors.New("the proxy is not a URL: correct HTTPS_PROXY or HTTP_PROXY")
	}
	return u, nil
}

// loadRoots returns the system's certificate authorities with those of the bundle, or nil,
// which means the system's, where path is empty.
func loadRoots(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	fault := &core.FileError{Path: path, Remedy: "give a PEM file with the certificates of the authorities to trust, or unset it"}
	text, err := os.ReadFile(path)
	if err != nil {
		fault.Reason, fault.Err = fmt.Sprintf("the CA bundle cannot be read: %v", cause(err)), err
		return nil, fault
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
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
