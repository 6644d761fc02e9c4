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

// distrust says why a certificate was refused; the zero finding where that is not what went wrong.
func distrust(base, host string, err error) finding {
	refused, isDenied := errors.AsType[*tls.CertificateVerificationError](err)
	if !isDenied || len(refused.UnverifiedCertificates) == 0 {
		return finding{}
	}
	shown := refused.UnverifiedCertificates[0]
	if _, isName := errors.AsType[x509.HostnameError](err); isName {
		hint := "env | grep -i _proxy"
		if cmdutil.Env.Text("TAEGIS_API_URL") != "" {
			hint = cmdutil.UnsetLine("TAEGIS_API_URL")
		}
		return bad(hint, "%s: its certificate is for %s and not for %s", base, strings.Join(namesIn(shown), ", "), host)
	}
	if invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err); isInvalid && invalid.Reason == x509.Expired {
		valid := invalid.Cert
		return bad("date -u", "%s: the certificate of %s is valid from %s to %s, and by the clock of this machine it is %s",
			base, holderOf(valid), cmdutil.FormatTime(valid.NotBefore), cmdutil.FormatTime(valid.NotAfter), cmdutil.FormatTime(time.Now()))
	}
	if _, isUnknown := errors.AsType[x509.UnknownAuthorityError](err); isUnknown {
		return bad(cmdutil.ExportLine("TAEGIS_CA_BUNDLE", "AUTHORITIES.pem"), "%s: its certificate is signed by %s, which is not trusted here; "+
			"where that is your company's proxy, name a file with its authority", base, signers(refused.UnverifiedCertificates))
	}
	return bad(connection(base), "%s: its certificate is refused: %v", base, refused.Err)
}

// namesIn are the names and addresses that a certificate is for.
func namesIn(c *x509.Certificate) []string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return []string{"nobody"}
	}
	return names
}

// signers is who has signed the last certificate of a chain.
func signers(chain []*x509.Certificate) string {
	last := chain[len(chain)-1]
	if name := last.Issuer.String(); name != "" {
		return fmt.Sprintf("%q", name)
	}
	return "nobody who has a name"
}

func holderOf(c *x509.Certificate) string { return fmt.Sprintf("%q", c.Subject.String()) }

// unresolved says that a name was not found, be it that of a proxy; the zero finding where that is
// not what went wrong.
func unresolved(base string, err error) finding {
	lookup, isLookup := errors.AsType[*net.DNSError](err)
	if !isLookup {
		return finding{}
	}
	whose := ""
	if operation, isOperation := errors.AsType[*net.OpError](err); isOperation && operation.Op == "proxyconnect" {
		whose = "of the proxy "
	}
	return bad("nslookup "+shellquote.Word(lookup.Name), "%s: the name %s%s is not resolved: %s", base, whose, lookup.Name, lookup.Err)
}
