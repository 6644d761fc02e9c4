package plugins

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"os"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/proxy"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// settingCABundle names the file of certificate authorities if Config has none.
const settingCABundle = "TAEGIS_CA_BUNDLE"

// network reads what the plugin's HTTP client needs: a plugin sees neither the host's client nor
// its variables.
func network(caBundle string, req core.LoginRequest) (*contract.Network, error) {
	n := new(contract.Network)
	n.HttpsProxy, n.HttpProxy, n.NoProxy = proxiesOf(req).Values()
	if caBundle == "" {
		var err error
		if caBundle, err = (envvar.Variables{Lookup: lookupIn(req)}).Path(settingCABundle); err != nil {
			return nil, err
		}
	}
	if caBundle == "" {
		return n, nil
	}
	pem, err := os.ReadFile(caBundle)
	if err != nil {
		return nil, &core.FileError{Path: caBundle, Reason: "the CA bundle cannot be read", HintText: "correct its path", Err: err}
	}
	n.CaPem = pem
	return n, nil
}

// proxiesOf returns the proxies that the variables of the host name.
func proxiesOf(req core.LoginRequest) *proxy.Rules { return proxy.Read(lookupIn(req)) }

func lookupIn(req core.LoginRequest) func(string) (string, bool) {
	return func(name string) (string, bool) {
		s, ok := req.Setting(name)
		return s.Value.Reveal(), ok
	}
}

// web keeps the HTTP client from one login to the next, for as long as the network is the same.
// To make one takes half as long as the rest of a login that needs none.
type web struct {
	mu   sync.Mutex
	made *http.Client
	of   *contract.Network
}

func (w *web) client(n *contract.Network) (*http.Client, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.made != nil && proto.Equal(w.of, n) {
		return w.made, nil
	}
	client, err := httpClient(n)
	if err == nil {
		w.made, w.of = client, n
	}
	return client, err
}

// httpClient is the client that an authenticator in a plugin is given: the host's proxies, never
// for loopback, the host's certificate authorities in addition to the system's, TLS 1.2 or newer,
// and no redirect that leaves the host or the encryption.
func httpClient(n *contract.Network) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if pem := n.GetCaPem(); len(pem) > 0 {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(pem) {
			return nil, errors.New("the CA bundle holds no certificate in PEM form")
		}
		transport.TLSClientConfig.RootCAs = roots
	}
	rules := proxy.New(n.GetHttpsProxy(), n.GetHttpProxy(), n.GetNoProxy())
	transport.Proxy = func(r *http.Request) (*url.URL, error) { return rules.For(r.URL) }
	transport.OnProxyConnectResponse = rules.OnConnect
	return &http.Client{Transport: transport, CheckRedirect: stay}, nil
}

// stay refuses a redirect to another host, or away from TLS.
func stay(to *http.Request, via []*http.Request) error {
	from := via[0].URL
	if to.URL.Host != from.Host || to.URL.Scheme != from.Scheme || len(via) >= 10 {
		return errors.New("a redirect from " + from.Host + " to " + to.URL.Host + " is not followed")
	}
	return nil
}
