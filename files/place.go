package files

import (
	"net/http"
	"net/url"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/headers"
	"github.com/taegis-go/taegis/internal/netaddr"
)

// Place is where one file can be uploaded for a short time. The zero value is none.
type Place struct {
	// URL is the signed URL.
	URL core.Secret
	// Header holds the headers that were signed with the URL.
	Header http.Header
}

// IsZero reports whether there is no place.
func (p Place) IsZero() bool { return p.URL.IsZero() }

// isForbidden reports whether a place cannot add a header: one with an identity, one of the
// connection, and those by which an upload asks for a refusal.
func isForbidden(name string) bool {
	return headers.CarriesIdentity(name) || headers.IsOfConnection(name) || name == "Expect" || name == "If-None-Match"
}

// request returns a request to the place, without a body.
func (p Place) request(operation, method string) (*http.Request, error) {
	fault := &core.ResponseError{Operation: operation, Host: "Taegis", Status: http.StatusOK}
	u, err := url.Parse(p.URL.Reveal())
	if err != nil {
		fault.Reason = "the signed URL is no URL" // the cause would contain it
		return nil, fault
	}
	if fault.Reason = unsafe(u); fault.Reason != "" {
		return nil, fault
	}
	header := http.Header{}
	for name, values := range p.Header {
		if name = http.CanonicalHeaderKey(name); !isForbidden(name) {
			header[name] = values
		}
	}
	return &http.Request{
		Method: method, URL: u, Host: u.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// unsafe returns why nothing can be sent to a signed URL, "" for nothing.
func unsafe(u *url.URL) string {
	switch {
	case u.Host == "":
		return "the signed URL has no host"
	case u.User != nil:
		return "the signed URL has a user name or password"
	case u.Scheme == "https", u.Scheme == "http" && netaddr.IsLoopback(u.Hostname()):
		return ""
	}
	return "the signed URL is not https"
}
