// Package httpcopy copies the transports of HTTP clients, so that a caller's own stays as it is.
package httpcopy

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// ErrOther is wrapped by the error of [Of] for a transport that is not an [*http.Transport].
var ErrOther = errors.New("it is not an *http.Transport")

// Of returns a copy of client's transport, with connections of its own. It speaks the protocols
// that the original speaks: a bare [http.Transport.Clone] of one that turned HTTP/2 on by itself
// offers HTTP/2 to servers and then cannot speak it.
func Of(client *http.Client) (*http.Transport, error) {
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	original, ok := next.(*http.Transport)
	if !ok || original == nil {
		return nil, fmt.Errorf("%w: its transport is %T", ErrOther, next)
	}
	t := original.Clone()
	if t.TLSNextProto == nil && t.TLSClientConfig != nil && slices.Contains(t.TLSClientConfig.NextProtos, "h2") {
		t.ForceAttemptHTTP2 = true
	}
	return t, nil
}
