package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// Version is the version of the file's format.
const Version = 1

// Policy is what the administrator allows. A nil Policy allows everything. Its methods return a
// [*core.PolicyError] for what is not allowed, nil for what is.
type Policy struct {
	// Path is the path of the file.
	Path string
	// Keys are the public keys of plugin-keys.
	Keys []string

	version      int
	contact      string
	methods      []string // nil for each list means that all are allowed
	accessToken  *bool
	tokenStores  []string
	environments []string
	hosts        []string
	userProfiles *bool
	plugins      []string
	checksums    []string
	denied       []string
}

// The keys of the file.
const (
	keyVersion      = "version"
	keyContact      = "contact"
	keyMethods      = "methods"
	keyAccessToken  = "access-token"
	keyTokenStores  = "token-stores"
	keyEnvironments = "environments"
	keyHosts        = "hosts"
	keyUserProfiles = "user-profiles"
	keyPlugins      = "plugins"
	keyChecksums    = "plugin-checksums"
	keyKeys         = "plugin-keys"
	keyDenied       = "denied-checksums"
)

// fields returns the field of each key.
func (p *Policy) fields() map[string]any {
	return map[string]any{
		keyVersion: &p.version, keyContact: &p.contact, keyMethods: &p.methods, keyAccessToken: &p.accessToken,
		keyTokenStores: &p.tokenStores, keyEnvironments: &p.environments, keyHosts: &p.hosts,
		keyUserProfiles: &p.userProfiles, keyPlugins: &p.plugins, keyChecksums: &p.checksums,
		keyKeys: &p.Keys, keyDenied: &p.denied,
	}
}

// decode returns the policy of a text, or a [*core.PolicyError] for its first fault.
func decode(path, text string) (*Policy, error) {
	entries, fault := parse(text)
	if fault != nil {
		return nil, invalid(path, fault.line, fault.reason)
	}
	p := &Policy{Path: path}
	fields := p.fields()
	for _, e := range entries {
		field, known := fields[e.key]
		if !known {
			return nil, invalid(path, e.line, fmt.Sprintf("unknown key %q", e.key))
		}
		if reason := set(field, e.value); reason != "" {
			return nil, invalid(path, e.line, e.key+": "+reason)
		}
		if reason := check(e); reason != "" {
			return nil, invalid(path, e.line, e.key+": "+reason)
		}
	}
	if p.version != Version {
		return nil, invalid(path, 0, fmt.Sprintf("%s: this program reads version %d of the format, and the file is of version %d", keyVersion, Version, p.version))
	}
	return p, nil
}

// Limits returns the keys of the file that limit something, sorted.
func (p *Policy) Limits() []string {
	var keys []string
	for key, field := range p.fields() {
		list, isList := field.(*[]string)
		isTrue, isBool := field.(**bool)
		if isList && *list != nil || isBool && *isTrue != nil && !**isTrue {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// set sets a field to a value, and returns why it cannot.
func set(field, value any) (reason string) {
	switch field := field.(type) {
	case *int:
		if n, ok := value.(int); ok {
			*field = n
			return ""
		}
		return "the value has to be a number"
	case *string:
		if text, ok := value.(string); ok {
			*field = text
			return ""
		}
		return "the value has to be a string"
	case **bool:
		if isTrue, ok := value.(bool); ok {
			*field = &isTrue
			return ""
		}
		return "the value has to be true or false"
	case *[]string:
		if list, ok := value.([]string); ok {
			*field = list
			return ""
		}
	}
	return "the value has to be a list of strings"
}

// check returns why a value would never have an effect: most such faults would leave open what the
// administrator wants closed.
func check(e entry) (reason string) {
	list, _ := e.value.([]string)
	for _, value := range list {
		switch {
		case value == "":
			return "a value is empty"
		case (e.key == keyChecksums || e.key == keyDenied) && !isChecksum(value):
			return fmt.Sprintf("%q is not a SHA-256, which has 64 hexadecimal digits", value)
		case e.key == keyHosts && !isHost(value):
			return fmt.Sprintf("%q is not the name of a host; write it without scheme and port", value)
		}
	}
	return ""
}

func isChecksum(text string) bool {
	return len(text) == 64 && strings.Trim(strings.ToLower(text), "0123456789abcdef") == ""
}

func isHost(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil || !strings.ContainsAny(text, "/: *")
}

func invalid(path string, line int, reason string) *core.PolicyError {
	return &core.PolicyError{
		Path: path, Line: line, Reason: reason + "; no login is allowed before it is correct",
		HintText: "ask the administrator of this machine to correct it",
	}
}

// deny returns the error for something that a key does not allow. allowed is what it allows.
func (p *Policy) deny(key, reason string, allowed []string) *core.PolicyError {
	hint := "ask " + cmp.Or(p.contact, "the administrator of this machine")
	if len(allowed) > 0 {
		hint = "use one of " + strings.Join(allowed, ", ") + ", or " + hint
	}
	return &core.PolicyError{Path: p.Path, Key: key, Reason: reason, HintText: hint}
}

// listed reports whether a list allows a value.
func listed(list []string, value string) bool { return list == nil || slices.Contains(list, value) }

// Method returns an error for an authenticator that is not allowed, by its name. The error wraps
// [core.ErrUnavailable]: the chain goes on with those that are allowed.
func (p *Policy) Method(name string) error {
	if p == nil || listed(p.methods, name) {
		return nil
	}
	e := p.deny(keyMethods, "the method "+name+" is not allowed", p.methods)
	e.Err = core.ErrUnavailable
	return e
}

// AccessToken returns an error if an access token must not come from the given source, for example
// a variable.
func (p *Policy) AccessToken(source string) error {
	switch {
	case p == nil, p.accessToken != nil && *p.accessToken, p.accessToken == nil && p.methods == nil:
		return nil
	case p.accessToken == nil:
		return p.deny(keyMethods, "an access token from "+source+" is not allowed", p.methods)
	}
	return p.deny(keyAccessToken, "an access token from "+source+" is not allowed", p.methods)
}

// The names of token stores; see package keyring.
const (
	storeMemory    = "memory"
	storeAuto      = "auto"
	storeKeyring   = "keyring"
	storeEncrypted = "encrypted-file"
)

// TokenStore returns an error for a token store that is not allowed, by its name. The store auto is
// one of keyring and encrypted-file.
func (p *Policy) TokenStore(name string) error {
	if p == nil || name == storeMemory || listed(p.tokenStores, name) {
		return nil
	}
	sealed := []string{storeKeyring, storeEncrypted}
	switch {
	case name == storeAuto && listed(p.tokenStores, sealed[0]) && listed(p.tokenStores, sealed[1]),
		slices.Contains(sealed, name) && listed(p.tokenStores, storeAuto):
		return nil
	}
	return p.deny(keyTokenStores, "the token store "+name+" is not allowed", p.tokenStores)
}

// UserProfiles returns an error if only the system's profile file may be used.
func (p *Policy) UserProfiles() error {
	if p == nil || p.userProfiles == nil || *p.userProfiles {
		return nil
	}
	return p.deny(keyUserProfiles, "only the profile file of the system is allowed", nil)
}
