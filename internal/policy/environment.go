package policy

import (
	"net/url"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// Environment returns an error for an environment that is not allowed: by its name or aliases, or
// by the hosts of its base URLs. Those of a built-in environment are allowed with it.
func (p *Policy) Environment(env core.Environment) error {
	if p == nil || p.environments == nil && p.hosts == nil {
		return nil
	}
	if p.environments != nil && !slices.ContainsFunc(env.Names(), p.hasEnvironment) {
		return p.deny(keyEnvironments, "the environment "+env.Name+" is not allowed", p.environments)
	}
	for _, base := range []string{env.APIURL, env.AuthURL, env.TenantsURL} {
		u, err := url.Parse(base)
		if err != nil {
			return p.deny(keyHosts, "a base URL of the environment "+env.Name+" cannot be read", p.hosts)
		}
		if host := u.Hostname(); !p.hasHost(host) && !ownHost(env, base, u) {
			return p.deny(keyHosts, "the host "+host+" is not allowed for the environment "+env.Name, p.hosts)
		}
	}
	return nil
}

func (p *Policy) hasEnvironment(name string) bool {
	return slices.ContainsFunc(p.environments, func(allowed string) bool { return strings.EqualFold(allowed, name) })
}

func (p *Policy) hasHost(host string) bool {
	return slices.ContainsFunc(p.hosts, func(allowed string) bool { return strings.EqualFold(allowed, host) })
}

// ownHost reports whether a base URL is one of the built-in environment that env is.
func ownHost(env core.Environment, base string, u *url.URL) bool {
	own, err := core.FindEnvironment(env.Canonical)
	if err != nil {
		return false
	}
	return slices.Contains([]string{own.APIURL, own.AuthURL, own.TenantsURL, own.WithUniversalAuth().AuthURL}, base) && u.Scheme == "https"
}
