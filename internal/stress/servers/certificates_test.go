package servers_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
)

// holder has a certificate and its key; chain leads to the root, without it.
type holder struct {
	*x509.Certificate
	key   *ecdsa.PrivateKey
	chain [][]byte
}

var serial atomic.Int64

// sign makes a certificate for the server of the cases, signed by issuer, or by itself without one.
// What is wrong with it, change says.
func sign(t *testing.T, issuer *holder, change func(*x509.Certificate)) *holder {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: "server"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(template)
	by := issuer
	if by == nil {
		by = &holder{Certificate: template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.Certificate, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &holder{made, key, append([][]byte{der}, by.chain...)}
}

// authority makes a certificate one of an authority.
func authority(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.IPAddresses, c.ExtKeyUsage = name, true, nil, nil
		c.KeyUsage = x509.KeyUsageCertSign
	}
}

func asItIs(*x509.Certificate) {}

// guarded starts a server with a configuration of TLS, none for plain HTTP. It counts connections
// and requests.
func guarded(t *testing.T, config *tls.Config) (url string, connections, requests *atomic.Int64) {
	t.Helper()
	connections, requests = new(atomic.Int64), new(atomic.Int64)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		_, _ = io.WriteString(w, `{"access_token":"e30.e30.x","expires_in":3600,"data":{"records":[]}}`)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	if server.TLS = config; config == nil {
		server.Start()
	} else {
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	return "https://" + server.Listener.Addr().String(), connections, requests
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	root := sign(t, nil, authority("root"))
	root.chain = nil
	stranger := sign(t, nil, authority("stranger"))
	bundle := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	good := sign(t, root, asItIs)
	past := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	}
	between := func(change func(*x509.Certificate)) *holder {
		return sign(t, root, func(c *x509.Certificate) { authority("between")(c); change(c) })
	}
	shows := func(h *holder) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{{Certificate: h.chain, PrivateKey: h.key}}}
	}
	old := shows(good)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11

	all := sessions{bundle: bundle}
	all.session(t, "right", shows(good), nil, "")
	all.session(t, "right, with one between", shows(sign(t, between(asItIs), asItIs)), nil, "")
	all.session(t, "expired", shows(sign(t, root, past)), is[x509.CertificateInvalidError], "check the clock")
	all.session(t, "not yet valid", shows(sign(t, root, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })), is[x509.CertificateInvalidError], "check the clock")
	all.session(t, "another host's", shows(sign(t, root, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"evil.example"} })), is[x509.HostnameError], "for evil.example")
	all.session(t, "no host's", shows(sign(t, root, func(c *x509.Certificate) { c.IPAddresses = nil })), is[x509.HostnameError], "no name at all")
	all.session(t, "of an unknown authority", shows(sign(t, stranger, asItIs)), is[x509.UnknownAuthorityError], "TAEGIS_CA_BUNDLE")
	all.session(t, "signed by itself", shows(sign(t, nil, asItIs)), is[x509.UnknownAuthorityError], "TAEGIS_CA_BUNDLE")
	all.session(t, "a client's", shows(sign(t, root, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })), is[x509.CertificateInvalidError], "has to replace")
	all.session(t, "signed by one that is no authority", shows(sign(t, good, asItIs)), is[x509.UnknownAuthorityError], "TAEGIS_CA_BUNDLE")
	all.session(t, "signed by one that has expired", shows(sign(t, between(past), asItIs)), is[x509.CertificateInvalidError], "check the clock")
	all.session(t, "signed by one for other hosts", shows(sign(t, between(func(c *x509.Certificate) {
		c.ExcludedIPRanges = []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0), Mask: net.CIDRMask(8, 32)}}
	}), asItIs)), is[x509.CertificateInvalidError], "has to replace")
	all.session(t, "TLS 1.1", old, is[*net.OpError], "TLS 1.2 or later is required")
	all.session(t, "no TLS", nil, func(err error) bool { return errors.Is(err, http.ErrSchemeMismatch) }, "does not speak TLS")
	all.Wait()
	stress.Report(t, stress.Servers, "certificates and TLS that are wrong: expired, too early, another host's, untrusted, a client's, badly signed, TLS 1.1, no TLS; for calls, subscriptions and logging in",
		"0 requests, a core.TLSError that says what is wrong and what to do, 1 attempt for a certificate",
		"%d visits to %d servers: %d requests, %d attempts of %d for certificates; at most %d for other failures", all.rejections, all.servers, all.requests, all.attempts, all.distrusted, all.most)
}

// is reports whether an error is one of a type.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// sessions run concurrently.
type sessions struct {
	sync.WaitGroup
	bundle string

	mu                                                        sync.Mutex
	servers, rejections, requests, distrusted, attempts, most int64
}

// session calls, subscribes and logs in at a server with a configuration of TLS. The error is to be
// one that refuses has, and say what; without refuses all is to go well.
func (v *sessions) session(t *testing.T, name string, config *tls.Config, refuses func(error) bool, says string) {
	v.servers++
	for ask := range asks {
		url, connections, requests := guarded(t, config)
		v.Go(func() {
			client, err := newClient(url, taegis.WithCABundle(v.bundle), taegis.WithRetry(core.RetryLimits{MaxTries: 2}), taegis.WithAuthenticators(authenticators["client-credentials"]))
			if err != nil {
				t.Error(err)
				return
			}
			defer client.Close()
			_, err = asks[ask](t.Context(), client)
			v.mu.Lock()
			defer v.mu.Unlock()
			if refuses == nil {
				if requests.Load() == 0 || ask != "subscription" && err != nil {
					t.Errorf("%s, %s: %d requests and %v", name, ask, requests.Load(), err)
				}
				return
			}
			v.rejections++
			v.requests += requests.Load()
			if is[*tls.CertificateVerificationError](err) {
				v.distrusted++
				v.attempts += connections.Load()
			} else {
				v.most = max(v.most, connections.Load())
			}
			if !is[*core.TLSError](err) || !is[*core.ConnectionError](err) || !refuses(err) || core.Hint(err) == "" ||
				!strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), core.Hint(err)) || strings.Contains(err.Error(), canary) {
				t.Errorf("%s, %s: %v", name, ask, err)
			}
			if requests.Load() > 0 || v.attempts != v.distrusted || v.most > 2 {
				t.Errorf("%s, %s: %d requests on %d connections", name, ask, requests.Load(), connections.Load())
			}
		})
	}
}
