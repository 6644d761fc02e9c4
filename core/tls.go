package core

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// TLSError is returned where a server, or a proxy on the way, shows a certificate that is not accepted, or agrees
// to no TLS that this SDK speaks. Nothing was sent.
type TLSError struct {
	Host     string // whose certificate it is
	Reason   string
	HintText string
	Err      error // such as a [*tls.CertificateVerificationError], with the errors of crypto/x509 in it
}

func (e *TLSError) Error() string { return sentence(e.Reason, e.HintText) }

func (e *TLSError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *TLSError) Unwrap() error { return e.Err }

// ExplainTLS returns a [*TLSError] that wraps err, where TLS is why there is no connection to host, else err.
func ExplainTLS(host string, err error) error {
	operation, isOperation := errors.AsType[*net.OpError](err)
	if isOperation && operation.Op == "proxyconnect" {
		host = "the proxy"
	}
	e := &TLSError{Host: host, Err: err}
	refused, isRefused := errors.AsType[*tls.CertificateVerificationError](err)
	_, isPlain := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isRefused && len(refused.UnverifiedCertificates) > 0:
		e.explain(refused)
	case isPlain, errors.Is(err, http.ErrSchemeMismatch):
		e.Reason = fmt.Sprintf("%s does not speak TLS: %v", host, err)
		e.HintText = "check the base URL and the proxy"
	case isOperation && operation.Op == "remote error": // so crypto/tls calls an alert, whose type it keeps to itself
		e.Reason = host + " refused the TLS handshake: " + operation.Err.Error()
		e.HintText = "check the base URL and the proxy: TLS 1.2 is the least that is spoken"
	default:
		return err
	}
	return e
}

func (e *TLSError) explain(refused *tls.CertificateVerificationError) {
	shown := refused.UnverifiedCertificates
	e.Reason = fmt.Sprintf("the certificate of %s is refused: %v", e.Host, refused.Err)
	e.HintText = "check the base URL and the proxy; whoever runs " + e.Host + " has to replace the certificate"
	var (
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(refused.Err, &name):
		e.Reason = fmt.Sprintf("the certificate of %s is for %s and not for it", e.Host, namesIn(shown[0]))
		e.HintText = "check the base URL and the proxy"
	case errors.As(refused.Err, &invalid) && invalid.Reason == x509.Expired:
		e.Reason = fmt.Sprintf("the certificate of %s, or of who signed it, is not valid at this time: %s", e.Host, invalid.Detail)
		e.HintText = "check the clock of this machine; if it is right, whoever runs " + e.Host + " has to refresh the certificate"
	case errors.As(refused.Err, &unknown):
		e.Reason = fmt.Sprintf("the certificate of %s is signed by %q, which is not trusted here", e.Host, shown[len(shown)-1].Issuer)
		e.HintText = "if a proxy of yours inspects TLS, name its certificates in TAEGIS_CA_BUNDLE"
	}
}

// namesIn are the names and addresses that a certificate is for, the first few of them.
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
