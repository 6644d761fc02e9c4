package core

import "net/http"

// ProxyError is returned if the proxy of a request cannot be used: its variable holds no URL, or
// the proxy refused the connection. Nothing was sent to the server. It contains neither the user
// name nor the password of the proxy.
type ProxyError struct {
	// Variable names the proxy, for example "HTTPS_PROXY"; empty if that is not known.
	Variable string
	// Address is the proxy's scheme, host and port; empty if that is not known.
	Address string
	// Status is the HTTP status with which the proxy refused, 0 if it was not contacted.
	Status   int
	Reason   string
	HintText string // see [ProxyError.Hint]
	Err      error  // the cause, nil if there is none
}

func (e *ProxyError) Error() string { return sentence(e.Reason, e.HintText) }

// Hint returns what the user can do about it.
func (e *ProxyError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *ProxyError) Unwrap() error { return e.Err }

// Temporary reports whether the same request may succeed later: if the proxy is overloaded or did
// not reach the server. It returns false for a rejected password and a wrong variable.
func (e *ProxyError) Temporary() bool {
	return e.Status >= http.StatusInternalServerError ||
		e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout
}
