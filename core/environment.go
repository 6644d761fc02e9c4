package core

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/internal/setting"
)

// UniversalSection is the section of the token file for tokens of universal authentication
// (docs/protocol.md#universal-authentication).
const UniversalSection = "universal"

// universalAuthURL issues tokens that every region accepts.
const universalAuthURL = "https://api.taegis.secureworks.com"

// Environment is a region of Taegis, its successor fusion, or a custom environment: a name and base
// URLs. Get one from [FindEnvironment] or [NewEnvironment].
type Environment struct {
	// Name is the name as the user spelled it. The token file uses it as the section.
	Name string
	// Canonical is the region's main name, for example "charlie"; Name for a custom environment.
	Canonical string
	// Aliases are the other names of the region.
	Aliases []string
	// Platform is the platform that the base URLs belong to.
	Platform Platform
	// APIURL, AuthURL and TenantsURL are the base URLs for calls, for logins and for the services
	// of the tenants host, without a slash at the end. On fusion, TenantsURL is the base URL of the
	// identity service, which returns the account of a token and the tenants of an account.
	APIURL, AuthURL, TenantsURL string
	// Universal marks universal authentication; see [Environment.WithUniversalAuth].
	Universal bool
}

// regions are the ten environments of Taegis (docs/protocol.md#environments).
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

// region returns a region with the host names that all regions but charlie have.
func region(name string, aliases ...string) Environment {
	host := "." + name + ".taegis.secureworks.com"
	return Environment{Canonical: name, Aliases: aliases, APIURL: "https://api" + host, TenantsURL: "https://api-tenants" + host}
}

// builtIn are the environments that have names of their own.
var builtIn = append(slices.Clip(regions), fusion)

// Environments returns the ten environments of Taegis by their canonical names, followed by fusion.
func Environments() []Environment {
	list := make([]Environment, len(builtIn))
	for i, r := range builtIn {
		list[i] = r.named(r.Canonical)
	}
	return list
}

// named returns a copy of a built-in environment under one of its names.
func (e Environment) named(name string) Environment {
	e.Name, e.AuthURL, e.Aliases = name, cmp.Or(e.AuthURL, e.APIURL), slices.Clone(e.Aliases)
	return e
}

// FindEnvironment returns the environment of Taegis with that name or alias, or fusion, in any
// case. For any other name it returns an [*UnknownEnvironmentError].
func FindEnvironment(name string) (Environment, error) {
	for _, r := range builtIn {
		for _, known := range r.Names() {
			if strings.EqualFold(known, name) {
				return r.named(name), nil
			}
		}
	}
	return Environment{}, &UnknownEnvironmentError{Name: name}
}

// EnvironmentAt returns the environment of Taegis, or fusion, that has a base URL with this host,
// which has no port. It returns false for any other host.
func EnvironmentAt(host string) (Environment, bool) {
	if host == "" {
		return Environment{}, false
	}
	for _, r := range builtIn {
		for _, base := range [...]string{r.APIURL, r.AuthURL, r.TenantsURL} {
			own, _, _ := strings.Cut(strings.TrimPrefix(base, "https://"), "/")
			if strings.EqualFold(own, host) {
				return r.named(r.Canonical), true
			}
		}
	}
	return Environment{}, false
}

// NewEnvironment returns a custom environment with one base URL for calls, logins and tenants. Set
// AuthURL or TenantsURL if they differ, and Platform if it is not Taegis. It returns a
// [*BaseURLError] if the name or the URL cannot be used.
func NewEnvironment(name, baseURL string) (Environment, error) {
	name = setting.Text(name)
	if name == "" || name == "DEFAULT" || strings.ContainsAny(name, "[]\r\n") {
		return Environment{}, &BaseURLError{
			Name: name, URL: baseURL,
			Reason: "an environment's name must not be empty, DEFAULT, or hold brackets or line breaks",
		}
	}
	return Environment{Name: name, Canonical: name}.WithBaseURL(baseURL)
}

// Names returns the canonical name and the aliases.
func (e Environment) Names() []string { return append([]string{e.Canonical}, e.Aliases...) }

// Section returns the environment's section in the token file: its name as the user spelled it, or
// [UniversalSection] (docs/protocol.md#its-contents).
func (e Environment) Section() string {
	if e.Universal {
		return UniversalSection
	}
	return e.Name
}

// WithUniversalAuth returns the environment with tokens of the universal authentication host, which
// are stored under [UniversalSection]. Calls go to the region. If AuthURL is not that of the
// region, for example after [Environment.WithBaseURL], it does not change. An environment of fusion
// does not change at all, because only its own identity service issues its tokens.
func (e Environment) WithUniversalAuth() Environment {
	if e.Platform != PlatformTaegis {
		return e
	}
	e.Universal = true
	if own, err := FindEnvironment(e.Canonical); err == nil && own.AuthURL == e.AuthURL {
		e.AuthURL = universalAuthURL
	}
	return e
}

// WithBaseURL returns the environment with all its base URLs replaced, for example with that of an
// emulator. It also replaces the universal authentication host. It returns a [*BaseURLError] if the
// URL cannot be used.
func (e Environment) WithBaseURL(baseURL string) (Environment, error) {
	base := strings.TrimRight(setting.Text(baseURL), "/")
	e.APIURL, e.AuthURL, e.TenantsURL = base, base, base
	return e, e.Validate()
}

// Validate returns a [*BaseURLError] for a base URL that cannot be used. Each must be https, or
// http to this machine, with a host and without user information, query or fragment.
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
	case u.Scheme == "http" && !netaddr.IsLoopback(u.Hostname()):
		return "plain http is for loopback only; use https://"
	}
	return ""
}

// BaseURL returns the base URL of a host.
func (e Environment) BaseURL(host Host) string {
	if host == HostTenants {
		return e.TenantsURL
	}
	return e.APIURL
}

// AuthHost returns the host of AuthURL in lower case, with its port if it has one. It issues the
// environment's tokens.
func (e Environment) AuthHost() string { return hostOf(e.AuthURL) }

// ConsoleURL returns the URL of the web console: the URL of the API without the leading "api.". For
// fusion it returns "", because the URL of its console is not known.
func (e Environment) ConsoleURL() string {
	u, err := url.Parse(e.APIURL)
	if err != nil || e.Platform != PlatformTaegis {
		return ""
	}
	u.Host = strings.TrimPrefix(u.Host, "api.")
	return u.Scheme + "://" + u.Host
}

// hostOf returns the host of a URL, with ASCII letters in lower case. It leaves other letters
// alone: in Unicode, İ in lower case is i, which is the name of another host.
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
