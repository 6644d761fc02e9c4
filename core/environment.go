package core

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/internal/setting"
)

// UniversalSection is the section of the token file for tokens of universal authentication.
const UniversalSection = "universal"

// universalAuthURL mints tokens that every region accepts.
const universalAuthURL = "https://api.taegis.secureworks.com"

// Environment is one region of Taegis, or one of the user's own: a name and base URLs. Get one
// from [FindEnvironment] or [NewEnvironment].
type Environment struct {
	// Name is the name as the user gave it, case kept. Token files use it as their section.
	Name string
	// Canonical is the region's own name, such as "charlie"; Name for one of the user's own.
	Canonical string
	// Aliases are the other names of the region.
	Aliases []string
	// APIURL, AuthURL and TenantsURL are the bases for calls, for logging in and for the
	// services of the tenants host, without a slash at the end.
	APIURL, AuthURL, TenantsURL string
	// Universal marks universal authentication; see [Environment.WithUniversalAuth].
	Universal bool
}

// regions are the ten environments of Taegis.
var regions = []Environment{
	{Canonical: "charlie", Aliases: []string{"us1", "production"}, APIURL: "https://api.ctpx.secureworks.com", TenantsURL: "https://api.tenants.ctpx.secureworks.com"},
	region("delta", "us2"),
	region("echo", "eu", "eu1"),
	region("foxtrot", "us3"),
	region("golf", "euw1", "eu2"),
	region("hotel", "apse2"),
	region("india", "aps1"),
	region("juliet", "apne1"),
	region("kilo", "sae1"),
	region("quebec", "cac1"),
}

// region describes an environment whose hosts follow the rule that all but charlie follow.
func region(name string, aliases ...string) Environment {
	host := "." + name + ".taegis.secureworks.com"
	return Environment{Canonical: name, Aliases: aliases, APIURL: "https://api" + host, TenantsURL: "https://api-tenants" + host}
}

// Environments returns the ten environments of Taegis by their canonical names.
func Environments() []Environment {
	list := make([]Environment, len(regions))
	for i, r := range regions {
		list[i] = r.named(r.Canonical)
	}
	return list
}

// named returns a copy of the region under the name that the user gave.
func (e Environment) named(name string) Environment {
	e.Name, e.AuthURL, e.Aliases = name, e.APIURL, slices.Clone(e.Aliases)
	return e
}

// FindEnvironment returns the environment of Taegis with that name or alias, whatever its
// case. Any other name gives an [*UnknownEnvironmentError].
func FindEnvironment(name string) (Environment, error) {
	for _, r := range regions {
		for _, known := range r.Names() {
			if strings.EqualFold(known, name) {
				return r.named(name), nil
			}
		}
	}
	return Environment{}, &UnknownEnvironmentError{Name: name}
}

// EnvironmentAt returns the environment of Taegis that has the host, given without a port, as
// that of one of its base URLs, and false for any other host.
func EnvironmentAt(host string) (Environment, bool) {
	for _, r := range regions {
		if strings.EqualFold(hostOf(r.APIURL), host) || strings.EqualFold(hostOf(r.TenantsURL), host) {
			return r.named(r.Canonical), true
		}
	}
	return Environment{}, false
}

// SameEnvironment reports whether two sections of a token file belong to one environment: they
// have the same name, in any case, or are two names of a region.
func SameEnvironment(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	one, errOne := FindEnvironment(a)
	other, errOther := FindEnvironment(b)
	return errOne == nil && errOther == nil && one.Canonical == other.Canonical
}

// NewEnvironment returns an environment of the user's own with one base URL for everything;
// set its other bases where they differ. An unusable name or URL gives a [*BaseURLError].
func NewEnvironment(name, baseURL string) (Environment, error) {
	name = setting.Text(name)
	if name == "" || name == "DEFAULT" || strings.ContainsAny(name, "[]\r\n") {
		return Environment{}, &BaseURLError{Name: name, URL: baseURL, Reason: "an environment's name must not be empty, DEFAULT, or hold brackets or line breaks"}
	}
	return Environment{Name: name, Canonical: name}.WithBaseURL(baseURL)
}

// Names returns the canonical name and the aliases.
func (e Environment) Names() []string { return append([]string{e.Canonical}, e.Aliases...) }

// Section is the section of a token file that belongs to the environment: its name as the user
// gave it, or [UniversalSection].
func (e Environment) Section() string {
	if e.Universal {
		return UniversalSection
	}
	return e.Name
}

// WithUniversalAuth returns the environment with tokens minted by the universal authentication
// host and cached under [UniversalSection]; calls stay on the regional base. A base that was
// set in place of the environment's keeps minting the tokens itself.
func (e Environment) WithUniversalAuth() Environment {
	e.Universal = true
	if own, err := FindEnvironment(e.Canonical); err == nil && own.AuthURL == e.AuthURL {
		e.AuthURL = universalAuthURL
	}
	return e
}

// WithBaseURL returns the environment with all its bases replaced, under universal
// authentication too, as for an emulator or a proxy. An unusable URL gives a [*BaseURLError].
func (e Environment) WithBaseURL(baseURL string) (Environment, error) {
	base := strings.TrimRight(setting.Text(baseURL), "/")
	e.APIURL, e.AuthURL, e.TenantsURL = base, base, base
	return e, e.Validate()
}

// Validate checks the base URLs: https, or plain http for loopback only, with a host and
// without user information, query or fragment. It returns a [*BaseURLError].
func (e Environment) Validate() error {
	for _, base := range []string{e.APIURL, e.AuthURL, e.TenantsURL} {
		if reason := baseURLError(base); reason != "" {
			return &BaseURLError{Name: e.Name, URL: base, Reason: reason}
		}
	}
	return nil
}

func baseURLError(base string) string {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return "it is not a URL"
	case u.Scheme != "https" && u.Scheme != "http":
		return "it must start with https://"
	case u.Hostname() == "":
		return "it has no host"
	case u.User != nil:
		return "it must not hold a user name or password"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "it must not hold a query or a fragment"
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return "plain http is for loopback only; use https://"
	}
	return ""
}

// BaseURL returns the base URL for services that live on b.
func (e Environment) BaseURL(b Host) string {
	if b == HostTenants {
		return e.TenantsURL
	}
	return e.APIURL
}

// AuthHost is the host, with its port where one is given, that mints the tokens.
func (e Environment) AuthHost() string { return hostOf(e.AuthURL) }

// ConsoleURL is the address of the web console: the API host without its leading "api.".
func (e Environment) ConsoleURL() string {
	u, err := url.Parse(e.APIURL)
	if err != nil {
		return ""
	}
	u.Host = strings.TrimPrefix(u.Host, "api.")
	return u.Scheme + "://" + u.Host
}

// Trusts reports whether a token that does not say who minted it, found under section, may be
// sent to host: only where host is that section's own, or on this machine.
func Trusts(section, host string) bool {
	if name, _, err := net.SplitHostPort(host); IsLoopback(host) || err == nil && IsLoopback(name) {
		return true
	}
	if strings.EqualFold(section, UniversalSection) {
		return host == hostOf(universalAuthURL)
	}
	own, err := FindEnvironment(section)
	return err == nil && own.AuthHost() == host
}

// IsLoopback reports whether host (without a port) is this machine: localhost, 127.0.0.0/8 or ::1.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// hostOf lowers the case of ASCII alone. Unicode makes an i of an İ, which is another host's name.
func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, u.Host)
}
