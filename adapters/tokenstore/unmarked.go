package tokenstore

import (
	"net"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/netaddr"
)

// An unmarked token was written by a program that does not use marks, for example the Python SDK.
// Its issuer follows from its iss claim, or else from its section.

// issuer returns the host in the token's iss claim, "" if it names none.
func (e entry) issuer() string { return e.content().IssuerHost() }

// mayGoTo reports whether an unmarked token may be sent to host. If an environment of Taegis issued
// it, it is sent only there. A token without an issuer, or with a loopback issuer, may be sent to
// loopback.
func (e entry) mayGoTo(host string) bool {
	issuer := e.issuer()
	if env, ok := core.EnvironmentAt(issuer); ok && env.AuthHost() != host {
		return false
	}
	if isLoopback(host) && issuer != "" && !netaddr.IsLoopback(issuer) {
		return false
	}
	return isLoopback(host) || host != "" && vendorHost(e.section) == host
}

// isDoubtful reports whether an unmarked token of one of Taegis's environments is about to be sent
// to loopback, although its claims do not name a loopback issuer.
func (e entry) isDoubtful(host string) bool {
	return e.access != "" && !e.isMarked() && isLoopback(host) && e.issuer() == "" && vendorHost(e.section) != ""
}

// claimedMark returns the mark that the claims and the section of an unmarked token imply. host is
// that of the login that displaces the token. The mark is zero if the issuer is unknown.
func (e entry) claimedMark(host string) mark {
	minted := vendorHost(e.section)
	issuer := e.issuer()
	if env, ok := core.EnvironmentAt(issuer); ok {
		minted = env.AuthHost()
	}
	switch {
	case minted != "":
	case e.mayGoTo(host):
		minted = host
	default:
		minted = issuer
	}
	if minted == "" {
		return mark{}
	}
	return newMark(e.access, minted, claimant(e.token(), minted))
}

// vendorHost returns the authentication host of a section that belongs to an environment of Taegis,
// "" for any other section.
func vendorHost(section string) string {
	if strings.EqualFold(section, core.UniversalSection) {
		return core.Environments()[0].WithUniversalAuth().AuthHost()
	}
	env, err := core.FindEnvironment(section)
	if err != nil {
		return ""
	}
	return env.AuthHost()
}

// isLoopback reports whether a host, which may have a port, is this machine.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return netaddr.IsLoopback(host)
}
