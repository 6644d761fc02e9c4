// Package tlserror explains why TLS prevented a connection.
package tlserror

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// Explain returns a [*core.TLSError] that wraps err if TLS prevented a connection to host, else
// err.
func Explain(host string, err error) error {
	operation, isOperation := errors.AsType[*net.OpError](err)
	if isOperation && operation.Op == "proxyconnect" {
		host = "the proxy"
	}
	e := &core.TLSError{Host: host, Err: err}
	rejected, isRejected := errors.AsType[*tls.CertificateVerificationError](err)
	_, isPlain := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isRejected && len(rejected.UnverifiedCertificates) > 0:
		explain(e, rejected)
	case isPlain, errors.Is(err, http.ErrSchemeMismatch):
		e.Reason = fmt.Sprintf("%s does not speak TLS: %v", host, err)
		e.HintText = "check the base URL and the proxy"
	case isOperation && operation.Op == "remote error": // a TLS alert; crypto/tls exports no type for it
		e.Reason = host + " rejected the TLS handshake: " + operation.Err.Error()
		e.HintText = "check the base URL and the proxy: TLS 1.2 or later is required"
	default:
		return err
	}
	return e
}

// explain sets the reason and the hint for a certificate that is not accepted.
func explain(e *core.TLSError, rejected *tls.CertificateVerificationError) {
	shown := rejected.UnverifiedCertificates
	e.Reason = fmt.Sprintf("the certificate of %s is not accepted: %v", e.Host, rejected.Err)
	e.HintText = "check the base URL and the proxy; otherwise the operator of " + e.Host + " has to replace the certificate"
	var (
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(rejected.Err, &name):
		e.Reason = fmt.Sprintf("the certificate of %s is for %s and not for it", e.Host, namesIn(shown[0]))
		e.HintText = "check the base URL and the proxy"
	case errors.As(rejected.Err, &invalid) && invalid.Reason == x509.Expired:
		e.Reason = fmt.Sprintf("the certificate of %s, or of its issuer, is not valid at this time: %s", e.Host, invalid.Detail)
		e.HintText = "check the clock of this machine; if it is right, the operator of " + e.Host + " has to replace the certificate"
	case errors.As(rejected.Err, &unknown):
		e.Reason = fmt.Sprintf("the certificate of %s is signed by %q, which is not trusted here", e.Host, shown[len(shown)-1].Issuer)
		e.HintText = "if your proxy inspects TLS, set TAEGIS_CA_BUNDLE to the file with its certificates"
	}
}

// namesIn returns the first few names and addresses that a certificate is valid for.
func namesIn(c *x509.Certificate) string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	switch few := 3; {
	case len(names) == 0:
		return "no name at all"
	case len(names) > few:
		names = append(names[:few], "others")
	}
	return strings.Join(names, ", ")
}
