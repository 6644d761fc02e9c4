// Package proxy chooses the proxy of a request from the environment variables, by the rules of
// golang.org/x/net/http/httpproxy. Unlike that package it also reads ALL_PROXY, and returns an
// error for a variable that holds no URL, while that package connects without a proxy.
package proxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/internal/setting"
)

// The variables, each also in lower case.
const (
	httpsVariable = "HTTPS_PROXY"
	httpVariable  = "HTTP_PROXY"
	allVariable   = "ALL_PROXY"
	noVariable    = "NO_PROXY"
)

// Rules are the rules of the variables.
type Rules struct {
	https, http source
	no          string
	bypass      bypass
	fault       error
}

// source is a proxy and the variable that names it.
type source struct {
	variable, value string
	url             *url.URL // nil for no proxy
}

// Read returns the rules of the variables HTTPS_PROXY, HTTP_PROXY, NO_PROXY and, for a scheme that
// has no variable of its own, ALL_PROXY. Names in upper case take precedence.
func Read(lookup func(name string) (string, bool)) *Rules {
	variables := envvar.Variables{Lookup: lookup}
	read := func(names ...string) source {
		for _, name := range names {
			for _, variable := range []string{name, strings.ToLower(name)} {
				if value := variables.Text(variable); value != "" {
					return source{variable: variable, value: value}
				}
			}
		}
		return source{}
	}
	return newRules(read(httpsVariable, allVariable), read(httpVariable, allVariable), read(noVariable).value)
}

// New returns the rules of values that [Rules.Values] returned in another process.
func New(https, http, no string) *Rules {
	return newRules(source{variable: httpsVariable, value: https}, source{variable: httpVariable, value: http}, no)
}

func newRules(https, http source, no string) *Rules {
	r := &Rules{https: https, http: http, no: no, bypass: parseBypass(no)}
	for _, s := range []*source{&r.https, &r.http} {
		if s.value == "" {
			continue
		}
		if s.url = parse(s.value); s.url == nil && r.fault == nil {
			r.fault = &core.ProxyError{
				Variable: s.variable,
				Reason:   s.variable + " holds no URL of a proxy",
				HintText: "set it to http://USER:PASSWORD@HOST:PORT, https://… or socks5://…, with special characters " +
					"of the password escaped, for example %40 for @, or unset it",
			}
		}
	}
	return r
}

// Values returns the values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY that mean the same rules.
func (r *Rules) Values() (https, http, no string) { return r.https.value, r.http.value, r.no }

// Err returns a [*core.ProxyError] if a variable holds no URL.
func (r *Rules) Err() error { return r.fault }

// Set returns the names of the variables that name a proxy.
func (r *Rules) Set() []string {
	var names []string
	for _, s := range []source{r.https, r.http} {
		if s.value != "" && !slices.Contains(names, s.variable) {
			names = append(names, s.variable)
		}
	}
	return names
}

// For returns the proxy for requests to target, nil for none. If a variable holds no URL it returns
// a [*core.ProxyError] for every target: the user has asked for a proxy.
func (r *Rules) For(target *url.URL) (*url.URL, error) {
	if r.fault != nil {
		return nil, r.fault
	}
	proxy := r.https.url
	if target.Scheme == "http" {
		proxy = r.http.url
	}
	if proxy == nil || r.bypass.matches(target) {
		return nil, nil //nolint:nilnil // so net/http asks for it
	}
	return proxy, nil
}

// OnConnect returns a [*core.ProxyError] if a proxy refused to connect; it is for the field of that
// name of [http.Transport], which returns an error without a type.
func (r *Rules) OnConnect(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	variable := r.https.variable
	if r.https.url == nil || r.https.url.Host != proxy.Host {
		variable = r.http.variable
	}
	return rejected(variable, proxy, answer)
}

// Final reports whether err means that a proxy will reject the same request again, for example
// because of its user name and password.
func Final(err error) bool {
	if refused, ok := errors.AsType[*core.ProxyError](err); ok {
		return !refused.Temporary()
	}
	operation, ok := errors.AsType[*net.OpError](err)
	// net/http has no type for a denied login at a SOCKS proxy, only for the operation around it.
	return ok && operation.Op == "socks connect" && strings.Contains(operation.Err.Error(), "authentication")
}

// RejectedElsewhere returns the error for status 407 from a proxy that is not known here.
func RejectedElsewhere(answer http.Header) *core.ProxyError {
	return rejected("", nil, &http.Response{StatusCode: http.StatusProxyAuthRequired, Header: answer})
}

func rejected(variable string, proxy *url.URL, answer *http.Response) *core.ProxyError {
	e := &core.ProxyError{Variable: variable, Status: answer.StatusCode}
	who, where := "a proxy", "the settings of the HTTP client"
	if proxy != nil {
		e.Address = Address(proxy)
		who, where = "the proxy "+e.Address+" ("+variable+")", variable
	}
	e.Reason = who + " answered " + strconv.Itoa(answer.StatusCode)
	switch {
	case answer.StatusCode != http.StatusProxyAuthRequired:
		e.HintText = "ask the administrator of the proxy whether it may connect to this host"
	case !offersBasic(answer.Header.Values("Proxy-Authenticate")):
		e.Reason += ": it wants a login of the proxy, by another method than a user name and password"
		e.HintText = "use a proxy that accepts Basic authentication; the credentials of Taegis are not concerned"
	case proxy != nil && proxy.User != nil:
		e.Reason += ": it does not accept the user name and password of the proxy in " + variable
		e.HintText = "correct them there; they are those of the proxy, not those of Taegis"
	default:
		e.Reason += ": it wants a user name and password of the proxy"
		e.HintText = "write them into " + where + " as http://USER:PASSWORD@HOST:PORT; they are those of the proxy, not those of Taegis"
	}
	return e
}

// offersBasic reports whether a proxy offers Basic authentication; one that says nothing may.
func offersBasic(offers []string) bool {
	return len(offers) == 0 || slices.ContainsFunc(offers, func(offer string) bool {
		return slices.ContainsFunc(strings.Split(offer, ","), func(part string) bool {
			scheme, _, _ := strings.Cut(strings.TrimSpace(part), " ")
			return strings.EqualFold(scheme, "basic")
		})
	})
}

// Address is a proxy without its user name and password.
func Address(proxy *url.URL) string { return proxy.Scheme + "://" + proxy.Host }

// noHosts are words that users write to say something, but not to name a host.
var noHosts = []string{"", "http", "https", "socks", "socks5", "socks5h", "0", "1", "true", "false", "yes", "no", "on", "off", "none", "direct"}

// parse returns the URL in a proxy's variable, nil if it holds none. Without a scheme, http is
// meant. Special characters of a password that are not escaped end the host early: then an @
// follows it.
func parse(value string) *url.URL {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil {
		return nil
	}
	if u.Scheme == "socks" { // desktops set ALL_PROXY to it
		u.Scheme = "socks5"
	}
	port, portErr := strconv.ParseUint(u.Port(), 10, 16)
	switch {
	case !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme),
		slices.Contains(noHosts, strings.ToLower(u.Hostname())),
		u.Port() != "" && (portErr != nil || port == 0),
		u.RawQuery != "" || u.Fragment != "" || strings.Contains(u.Path, "@"):
		return nil
	}
	return u
}

// bypass is the list of NO_PROXY.
type bypass struct {
	all     bool
	nets    []netip.Prefix
	entries []entry
}

// entry is a host, a domain or an address, with a port or without.
type entry struct {
	host, port string
	ip         netip.Addr // the zero Addr for a name
	below      bool       // only what is below the domain, not itself
}

func parseBypass(list string) bypass {
	var b bypass
	for item := range strings.SplitSeq(list, ",") {
		item = strings.ToLower(setting.Text(item))
		if item == "" {
			continue
		}
		if item == "*" {
			return bypass{all: true}
		}
		if prefix, err := netip.ParsePrefix(item); err == nil {
			b.nets = append(b.nets, prefix.Masked())
			continue
		}
		e := entry{host: item}
		if host, port, err := net.SplitHostPort(item); err == nil {
			e.host, e.port = host, port
		}
		if e.ip, _ = netip.ParseAddr(e.host); e.ip.IsValid() {
			e.ip = e.ip.Unmap()
			b.entries = append(b.entries, e)
			continue
		}
		e.host = strings.TrimPrefix(e.host, "*")
		e.host, e.below = strings.CutPrefix(e.host, ".")
		if e.host != "" {
			b.entries = append(b.entries, e)
		}
	}
	return b
}

// matches reports whether requests to target go without a proxy: those to this machine always do.
func (b bypass) matches(target *url.URL) bool {
	host, port := strings.ToLower(target.Hostname()), target.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	ip, _ := netip.ParseAddr(host)
	ip = ip.Unmap()
	if b.all || netaddr.IsLoopback(host) || ip.IsLoopback() {
		return true
	}
	if ip.IsValid() && slices.ContainsFunc(b.nets, func(n netip.Prefix) bool { return n.Contains(ip) }) {
		return true
	}
	return slices.ContainsFunc(b.entries, func(e entry) bool { return e.matches(host, port, ip) })
}

func (e entry) matches(host, port string, ip netip.Addr) bool {
	switch {
	case e.port != "" && e.port != port:
		return false
	case e.ip.IsValid() || ip.IsValid():
		return e.ip == ip
	}
	return !e.below && host == e.host || strings.HasSuffix(host, "."+e.host)
}
