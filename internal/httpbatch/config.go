package httpbatch

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cabundle"
	"github.com/taegis-go/taegis/internal/headers"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/internal/proxy"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Config configures a [Poster]. The fields are those of the sinks.
type Config struct {
	Kind      string // of the sink, for its name in errors
	URL       string
	PlainHTTP bool
	CABundle  string
	Client    *http.Client
	Timeout   time.Duration
	Retry     core.RetryLimits
	Gzip      bool
	// MaxRecords and MaxBytes limit a batch; 0 means the default.
	MaxRecords, MaxBytes int
	// ContentType is that of the bodies.
	ContentType string
	// Headers are sent with each request, and HeaderFunc returns more of them.
	Headers    map[string]core.Secret
	HeaderFunc func(ctx context.Context) (map[string]core.Secret, error)
}

// DefaultTimeout is the time limit of a request if none is set.
const DefaultTimeout = 30 * time.Second

// New checks a configuration. Its error is a [*core.SinkError].
func New(c Config) (*Poster, error) {
	p := &Poster{config: c, Sink: strings.TrimSpace(c.Kind + " " + redact.Address(c.URL))}
	address, err := url.Parse(c.URL)
	if err != nil {
		return nil, sinkfault.Setting(c.Kind, "URL is no URL", "set it to the address of the collector, for example https://collector.example/path")
	}
	p.address = address
	if err := p.check(); err != nil {
		return nil, err
	}
	p.config.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	if p.client, err = p.newClient(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Poster) check() error {
	c := p.config
	fault := func(reason, hint string) error { return sinkfault.Setting(p.Sink, reason, hint) }
	switch {
	case c.URL == "":
		return fault("there is no URL", "set URL to the address of the collector")
	case p.address.Host == "" || p.address.Scheme != "https" && p.address.Scheme != "http":
		return fault("URL is not an address of HTTP", "begin it with https://")
	case p.address.User != nil:
		return fault("URL has a user name or password", "set the header Authorization instead")
	case p.address.Fragment != "":
		return fault("URL has a fragment", "remove # and what follows")
	case p.address.Scheme == "http" && !c.PlainHTTP && !netaddr.IsLoopback(p.address.Hostname()):
		return fault("URL is not encrypted", "use https, or set PlainHTTP if everything on the way is trusted")
	case c.Timeout < 0:
		return fault("Timeout is negative", "use 0 for the default")
	case c.MaxRecords < 0 || c.MaxBytes < 0:
		return fault("MaxRecords or MaxBytes is negative", "use 0 for the default")
	case c.Client != nil && c.CABundle != "":
		return fault("Client and CABundle are both set", "let the client trust the authorities, or leave out Client")
	}
	for name, value := range c.Headers {
		if hint := headerFault(name, value); hint != "" {
			return fault("the header "+name+" cannot be sent", hint)
		}
	}
	return nil
}

// headerFault returns what to do about a header that cannot be sent, "" if it can.
func headerFault(name string, value core.Secret) string {
	isToken := name != "" && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_.!#$%&'*+^`|~") == ""
	isText := !strings.ContainsFunc(value.Reveal(), func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
	switch {
	case !isToken:
		return "use letters, digits and hyphens in its name"
	case !isText:
		return "remove line breaks and other control characters from its value"
	}
	switch name = http.CanonicalHeaderKey(name); {
	case headers.IsOfConnection(name), name == "Content-Type", name == "Content-Encoding", name == "Expect":
		return "remove it, because it follows from the request"
	}
	return ""
}

// newClient returns a client that follows no redirect: it could lead the token elsewhere. Cookies
// keep the requests of a sink at the same server behind a load balancer.
func (p *Poster) newClient() (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{}
	if p.config.Client != nil {
		*client = *p.config.Client
	} else if client.Transport, err = p.transport(); err != nil {
		return nil, err
	}
	if client.Jar == nil {
		client.Jar = jar
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client, nil
}

func (p *Poster) transport() (*http.Transport, error) {
	roots, err := cabundle.Load(p.config.CABundle, nil)
	if err != nil {
		fault := sinkfault.Setting(p.Sink, err.Error(), "")
		fault.Err = err
		return nil, fault
	}
	proxies := proxy.Read(os.LookupEnv)
	p.closeIdle = true
	return &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return proxies.For(r.URL) },
		OnProxyConnectResponse: proxies.OnConnect,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true, // a custom dialer and TLS configuration would disable it
		IdleConnTimeout:        90 * time.Second,
	}, nil
}
