package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// distrust returns the reason why a certificate was rejected, or a zero finding for another error.
func distrust(base, host string, err error) finding {
	rejected, isRejected := errors.AsType[*tls.CertificateVerificationError](err)
	if !isRejected || len(rejected.UnverifiedCertificates) == 0 {
		return finding{}
	}
	shown := rejected.UnverifiedCertificates[0]
	if _, isName := errors.AsType[x509.HostnameError](err); isName {
		hint := "env | grep -i _proxy"
		if cmdutil.Env.Text("TAEGIS_API_URL") != "" {
			hint = cmdutil.UnsetLine("TAEGIS_API_URL")
		}
		return failed(hint, "%s: the certificate is for %s, not for %s", base, strings.Join(namesIn(shown), ", "), host)
	}
	if invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err); isInvalid && invalid.Reason == x509.Expired {
		valid := invalid.Cert
		return failed("date -u", "%s: the certificate of %s is valid from %s to %s, and by the clock of this machine it is %s",
			base, subjectOf(valid), cmdutil.FormatTime(valid.NotBefore), cmdutil.FormatTime(valid.NotAfter), cmdutil.FormatTime(time.Now()))
	}
	if _, isUnknown := errors.AsType[x509.UnknownAuthorityError](err); isUnknown {
		return failed(cmdutil.ExportLine("TAEGIS_CA_BUNDLE", "AUTHORITIES.pem"), "%s: the certificate is signed by %s, which is not trusted; "+
			"if that is your company's proxy, name a file with its authority", base, signers(rejected.UnverifiedCertificates))
	}
	return failed(connection(base), "%s: the certificate is rejected: %v", base, rejected.Err)
}

// namesIn returns the host names and addresses of a certificate.
func namesIn(c *x509.Certificate) []string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return []string{"no host"}
	}
	return names
}

// signers returns the name of the issuer of the last certificate of a chain.
func signers(chain []*x509.Certificate) string {
	last := chain[len(chain)-1]
	if name := last.Issuer.String(); name != "" {
		return fmt.Sprintf("%q", name)
	}
	return "an unnamed authority"
}

func subjectOf(c *x509.Certificate) string { return fmt.Sprintf("%q", c.Subject.String()) }

// unresolved returns a finding for a host name, or a proxy's, that cannot be resolved, or a zero
// finding for another error.
func unresolved(base string, err error) finding {
	lookup, isLookup := errors.AsType[*net.DNSError](err)
	if !isLookup {
		return finding{}
	}
	owner := ""
	if operation, isOperation := errors.AsType[*net.OpError](err); isOperation && operation.Op == "proxyconnect" {
		owner = "of the proxy "
	}
	return failed("nslookup "+shellquote.Word(lookup.Name), "%s: the name %s%s cannot be resolved: %s", base, owner, lookup.Name, lookup.Err)
}
