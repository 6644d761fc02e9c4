package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/proxy"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// site is a base URL of the environment with the result of a request.
type site struct {
	url     string
	roles   []string // for example "api"
	finding finding
	// date is the time of the server's clock in whole seconds, at the same moment of this machine's
	// clock. Both are zero if the server sent no date.
	date, at time.Time
}

// sites returns the base URLs of the environment without duplicates.
func (e *examination) sites() []site {
	var sites []site
	tenants := "tenants"
	if e.environment.Platform == core.PlatformFusion {
		tenants = "identity"
	}
	for _, base := range []struct{ role, url string }{
		{"api", e.environment.APIURL}, {"auth", e.environment.AuthURL}, {tenants, e.environment.TenantsURL},
	} {
		i := slices.IndexFunc(sites, func(s site) bool { return s.url == base.url })
		if i < 0 {
			sites = append(sites, site{url: base.url, roles: []string{base.role}})
			continue
		}
		sites[i].roles = append(sites[i].roles, base.role)
	}
	return sites
}

// connectAll sends a request to each site, concurrently.
func (e *examination) connectAll(ctx context.Context) []site {
	sites := e.sites()
	var all sync.WaitGroup
	for i := range sites {
		all.Go(func() { sites[i] = e.connectSite(ctx, sites[i]) })
	}
	all.Wait()
	return sites
}

// connectSite sends a request to one site within the time limit.
func (e *examination) connectSite(ctx context.Context, s site) site {
	connected, inTime := within(ctx, func(ctx context.Context) site {
		connected := s
		connected.finding = e.connect(ctx, &connected)
		return connected
	})
	if !inTime {
		connected = s
		connected.finding = failed(connection(s.url), "%s: no response within %v", s.url, checkLimit)
	}
	connected.finding = connected.finding.named("network:" + s.roles[0])
	return connected
}

// connect requests the root page. Any response is a success.
func (e *examination) connect(ctx context.Context, s *site) finding {
	switch {
	case e.environment.APIURL == "":
		return skip("the environment is unknown")
	case e.offline:
		return skip("%s: --offline was given", s.url)
	case e.http == nil:
		return skip("%s: the certificates cannot be used", s.url)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, s.url+"/", nil)
	if err != nil {
		return wrong(err, "taegis profile show")
	}
	request.Header.Set("User-Agent", core.UserAgent("", taegis.Version, core.Application{}))
	request.Header.Set("Cache-Control", "no-store") // a cached response has an old date
	client := *e.http
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	began := time.Now()
	response, err := client.Do(request)
	took := time.Since(began)
	if err != nil {
		return e.unreachable(request, err)
	}
	_ = response.Body.Close()
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		s.date, s.at = date, began.Add(took/2)
	}
	text := fmt.Sprintf("%s (%s) responded in %v%s%s", s.url, strings.Join(s.roles, ", "), took.Round(time.Millisecond),
		tlsVersion(response.TLS), e.through(request))
	if response.StatusCode >= http.StatusInternalServerError || response.StatusCode == http.StatusProxyAuthRequired {
		return doubtful(connection(s.url), "%s, but with status %s", text, response.Status)
	}
	return passed("%s", text)
}

func tlsVersion(state *tls.ConnectionState) string {
	if state == nil {
		return ""
	}
	return ", " + tls.VersionName(state.Version)
}

// connection returns the command that shows a request in detail, through the same proxy.
func connection(base string) string { return "curl -sv -o /dev/null " + shellquote.Word(base+"/") }

// proxyOf returns the proxy for a request, nil for none.
func (e *examination) proxyOf(request *http.Request) (*url.URL, error) {
	return proxy.Read(os.LookupEnv).For(request.URL)
}

// through returns a text that names the proxy of a request, or "".
func (e *examination) through(request *http.Request) string {
	if by, err := e.proxyOf(request); err == nil && by != nil {
		return ", through the proxy " + proxy.Address(by)
	}
	return ""
}

// proxy reports which proxy each host uses.
func (e *examination) proxy() finding {
	rules := proxy.Read(os.LookupEnv)
	if len(rules.Set()) == 0 {
		return passed("none: HTTPS_PROXY is not set")
	}
	if wrong, isWrong := errors.AsType[*core.ProxyError](rules.Err()); isWrong {
		return noProxy(wrong.Variable)
	}
	if e.environment.APIURL == "" {
		return skip("the environment is unknown")
	}
	var routes []string
	for _, s := range e.sites() {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodHead, s.url, nil)
		if err != nil {
			return wrong(err, "taegis profile show")
		}
		switch by, err := rules.For(request.URL); {
		case err != nil:
			return wrong(err, "")
		case by == nil:
			routes = append(routes, request.URL.Host+" directly, by NO_PROXY or because it is this machine")
		default:
			routes = append(routes, request.URL.Host+" through "+proxy.Address(by))
		}
	}
	return passed("%s (%s)", strings.Join(routes, "; "), strings.Join(rules.Set(), ", "))
}

// noProxy returns a finding without the value of the variable, which may contain a password.
func noProxy(variable string) finding {
	return failed(cmdutil.ExportLine(variable, "http://USER:PASSWORD@HOST:PORT"),
		"%s holds no URL; write special characters of a password in percent encoding, for example %%40 for @", variable)
}

// unreachable returns the reason why a host did not respond.
func (e *examination) unreachable(request *http.Request, err error) finding {
	base := strings.TrimSuffix(request.URL.String(), "/")
	if wrapped, isURL := errors.AsType[*url.Error](err); isURL {
		err = wrapped.Err
	}
	if f := distrust(base, request.URL.Hostname(), err); f.Status != "" {
		return f
	}
	if f := unresolved(base, err); f.Status != "" {
		return f
	}
	reason := err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		reason = fmt.Sprintf("no response within %v", checkLimit)
	}
	if _, isRecord := errors.AsType[tls.RecordHeaderError](err); isRecord {
		reason = "the server does not use TLS: " + reason
	}
	return failed(connection(base), "%s cannot be reached%s: %s", base, e.through(request), reason)
}
