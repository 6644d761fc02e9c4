// Package cabundle loads certificate authorities from a file.
package cabundle

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/taegis-go/taegis/core"
)

// Load adds the certificate authorities of a PEM file to known, for which nil selects the system's.
// If path is empty, it returns nil, which also selects the system's in a [tls.Config]. The error is
// a [*core.FileError].
func Load(path string, known *x509.CertPool) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	fault := &core.FileError{Path: path, HintText: "use a PEM file with the certificates of the authorities to trust, or unset it"}
	text, err := os.ReadFile(path)
	if err != nil {
		fault.Reason, fault.Err = fmt.Sprintf("the CA bundle cannot be read: %v", cause(err)), err
		return nil, fault
	}
	var roots *x509.CertPool
	if known != nil {
		roots = known.Clone()
	} else if roots, err = x509.SystemCertPool(); err != nil {
		roots = x509.NewCertPool() // the system has no list: use the bundle alone
	}
	if !roots.AppendCertsFromPEM(text) {
		fault.Reason = "the CA bundle holds no certificate"
		return nil, fault
	}
	return roots, nil
}

// cause returns err without the path, which the FileError contains already.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
