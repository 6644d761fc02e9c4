package core

// TLSError is returned if the certificate of a server or a proxy is not accepted, or if the TLS
// handshake fails. Nothing was sent.
type TLSError struct {
	Host     string // the host with that certificate
	Reason   string
	HintText string // see [TLSError.Hint]
	Err      error  // the cause, for example a [*tls.CertificateVerificationError]
}

func (e *TLSError) Error() string { return sentence(e.Reason, e.HintText) }

// Hint returns what the user can do about it.
func (e *TLSError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *TLSError) Unwrap() error { return e.Err }
