package tlserror_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/tlserror"
)

func TestExplain(t *testing.T) {
	many := &tls.CertificateVerificationError{
		UnverifiedCertificates: []*x509.Certificate{{DNSNames: []string{"a", "b", "c", "d"}}},
		Err:                    x509.HostnameError{},
	}
	for says, err := range map[string]error{
		"h does not speak TLS":                                  tls.RecordHeaderError{Msg: "SSH"},
		"is for a, b, c, others and not for it: check":          many,
		"the certificate of the proxy is for":                   &net.OpError{Op: "proxyconnect", Err: many},
		"h rejected the TLS handshake: EOF: check the base URL": &net.OpError{Op: "remote error", Err: io.EOF},
	} {
		explained := tlserror.Explain("h", err)
		if _, ok := errors.AsType[*core.TLSError](explained); !ok || !errors.Is(explained, err) || !strings.Contains(explained.Error(), says) || core.Hint(explained) == "" {
			t.Errorf("%v, want %q", explained, says)
		}
	}
	for _, err := range []error{io.EOF, &net.OpError{Op: "dial", Err: io.EOF}, &tls.CertificateVerificationError{Err: io.EOF}} {
		if tlserror.Explain("h", err) != err {
			t.Errorf("%v has changed", err)
		}
	}
}
