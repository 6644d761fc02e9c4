package policy

import (
	"slices"
	"strings"
)

// Program returns an error for a plugin program that must not run: by the name of the plugin, the
// checksum of the program in hex, and the public key by which its signature was verified, "" for
// none.
func (p *Policy) Program(name, checksum, signer string) error {
	if p == nil {
		return nil
	}
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(allowed string) bool { return strings.EqualFold(allowed, checksum) })
	}
	method := "plugin:" + name
	switch {
	case has(p.denied):
		return p.deny(keyDenied, "the program with the SHA-256 "+checksum+" is denied", nil)
	case !listed(p.methods, method):
		return p.deny(keyMethods, "the method "+method+" is not allowed", p.methods)
	case !listed(p.plugins, name):
		return p.deny(keyPlugins, "the plugin "+name+" is not allowed", p.plugins)
	case p.checksums == nil && p.Keys == nil, has(p.checksums), signer != "" && slices.Contains(p.Keys, signer):
		return nil
	case p.Keys == nil:
		return p.deny(keyChecksums, "the program with the SHA-256 "+checksum+" is not among those that are allowed", nil)
	}
	return p.deny(keyKeys, "the program with the SHA-256 "+checksum+" is neither signed by a key that is allowed nor listed", nil)
}
