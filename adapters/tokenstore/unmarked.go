package tokenstore

import (
	"net"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// An unmarked token was written by a program that knows no marks, such as the Python SDK. Where
// it was minted follows from its iss claim, else from its section.

// issuer returns the host in the token's iss claim, "" if it names none.
func (e entry) issuer() string {
	claims, err := core.ParseClaims(e.access)
	if err != nil {
		return ""
	}
	return claims.IssuerHost()
}

// mayGoTo reports whether an unmarked token may be sent to host. Where its issuer is an
// environment of Taegis it goes only there. To loopback goes a token of no issuer, or of one on
// loopback.
func (e entry) mayGoTo(host string) bool {
	issuer := e.issuer()
	if env, ok := core.EnvironmentAt(issuer); ok && env.AuthHost() != host {
		return false
	}
	if isLoopback(host) && issuer != "" && !core.IsLoopback(issuer) {
		return false
	}
	return core.Trusts(e.section, host)
}

// isDoubtful reports whether an unmarked token of one of Taegis's environments is about to be sent to
// loopback, although nothing in it says that it belongs there.
func (e entry) isDoubtful(host string) bool {
	return e.access != "" && !e.isMarked() && isLoopback(host) && e.issuer() == "" && vendorHost(e.section) != ""
}

// claimedMark returns the mark of an unmarked token as its claims and its section tell it. host is
// that of the login which displaces the token. The mark is zero if nothing says who minted it.
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
	return core.IsLoopback(host)
}
