package callers_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/taegis-go/taegis/internal/testutil"
)

// network is TCP in memory, which a bubble can hold.
type network struct {
	mu    sync.Mutex
	hosts map[string]*host
}

// host is a listener of the network.
type host struct {
	*testutil.Pipes
	name string

	mu        sync.Mutex
	rejection error // what who connects gets, nil for a connection
	open      []net.Conn
}

func (n *network) listen(name string) *host {
	h := &host{Pipes: testutil.NewPipes(), name: name}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts == nil {
		n.hosts = map[string]*host{}
	}
	n.hosts[name+":443"] = h
	return h
}

func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	h := n.hosts[address]
	n.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rejection != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: h.rejection}
	}
	c, err := h.DialContext(ctx)
	if err == nil {
		h.open = append(h.open, c)
	}
	return c, err
}

// reject makes who connects get err, nil for a connection again, and cuts all connections.
func (h *host) reject(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rejection = err
	for _, c := range h.open {
		_ = c.Close()
	}
	h.open = nil
}

// attempts is an HTTP client's transport that notes when each request was made, whatever became of
// it.
type attempts struct {
	*http.Transport
	mu   sync.Mutex
	made []time.Time
}

func (a *attempts) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.made = append(a.made, time.Now())
	a.mu.Unlock()
	return a.Transport.RoundTrip(r)
}

// between counts the requests from one time until before another.
func (a *attempts) between(from, until time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, at := range a.made {
		if !at.Before(from) && at.Before(until) {
			n++
		}
	}
	return n
}

// since counts the requests from a time on.
func (a *attempts) since(from time.Time) int { return a.between(from, time.Now().Add(time.Nanosecond)) }

// pair is a certificate that clients trust, and one that they do not.
type pair struct{ trusted, foreign tls.Certificate }

var certificates = sync.OnceValue(func() pair { return pair{selfSigned(), selfSigned()} })

func (p pair) roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(p.trusted.Leaf)
	return roots
}

// selfSigned makes a certificate that is valid for the year 2000 of bubbles, too.
func selfSigned() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "callers"}, DNSNames: []string{"*.test"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
