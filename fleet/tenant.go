package fleet

import (
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// Tenant is a tenant of Taegis or of fusion.
type Tenant struct {
	ID   string `json:"id"` // a number, on fusion a UUID
	Name string `json:"name,omitempty"`
	// Environment is the environment for calls in the tenant, for example "delta". It is empty if
	// the tenant is in the environment of the client.
	Environment string `json:"environment,omitempty"`
	// Environments are the environments in which the tenant is enabled, by their canonical names.
	Environments []string `json:"environments,omitempty"`
	// Account is the account that calls for the tenant, for example the name of a profile. It is
	// empty for the account that selected the tenants. [Select] leaves it empty.
	Account string `json:"account,omitempty"`

	Enabled      bool    `json:"enabled"`
	Partner      string  `json:"partner,omitempty"`      // the id of its partner
	Organization string  `json:"organization,omitempty"` // the id of its organization
	License      string  `json:"license,omitempty"`      // the license level, for example "MDR"
	Labels       []Label `json:"labels,omitempty"`
}

// Label is a label of a tenant.
type Label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// String returns the id with the name, for example "145831 (Acme)".
func (t Tenant) String() string {
	if t.Name == "" {
		return t.ID
	}
	return t.ID + " (" + t.Name + ")"
}

// In returns the tenant with the environment for its calls: the first of the preferred ones in
// which it is enabled, or else the first in which it is enabled. A tenant without known
// environments stays as it is.
func (t Tenant) In(preferred ...string) Tenant {
	if len(t.Environments) == 0 {
		return t
	}
	t.Environment = t.Environments[0]
	for _, name := range preferred {
		if canonical := canonicalName(name); slices.Contains(t.Environments, canonical) {
			t.Environment = canonical
			break
		}
	}
	return t
}

// canonicalName returns the canonical name of an environment, "" if it is unknown.
func canonicalName(name string) string {
	environment, err := core.FindEnvironment(name)
	if err != nil {
		return ""
	}
	return environment.Canonical
}

// canonicalNames returns the canonical names of the environments that the SDK knows. The servers
// have others, for example of pilots, which no client can call.
func canonicalNames[S ~string](names []S) []string {
	var known []string
	for _, name := range names {
		if canonical := canonicalName(string(name)); canonical != "" {
			known = append(known, canonical)
		}
	}
	return known
}

// like reports whether a name matches a pattern in which * stands for any characters. Case does not
// matter, as it does not for the server.
func like(pattern, name string) bool {
	parts := strings.Split(strings.ToLower(pattern), "*")
	rest, ok := strings.CutPrefix(strings.ToLower(name), parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[last])
}
