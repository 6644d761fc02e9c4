// Package files uploads log files to Taegis, and uploads and downloads the files of cases.
//
//	f := files.New(client)
//	err := f.SendLog(ctx, files.Log{Name: "firewall.log", Content: file, Size: size})
//	made, err := f.UploadToCase(ctx, caseID, files.Upload{Name: "notes.txt", Content: file, Size: size})
//	d, err := f.Download(ctx, made.ID)
//
// # Signed URLs
//
// Taegis signs a URL for one file and a short time, and the content goes to, or comes from, that
// URL: the storage service of another party. It gets no token, no tenant and no cookie. The URL
// must be https, or on loopback. An upload follows no redirect, and a download never sends the URL
// along.
//
// A signed URL is as good as a password, so it is a [core.Secret]. Errors and logs name its host
// only.
//
// # Repetition
//
// An upload that fails for a temporary reason is repeated with the same bytes to the same URL, so
// that it replaces what an earlier try may have stored. A URL that has expired is replaced by a new
// one. A download that breaks off continues with the byte that is missing.
package files

import (
	"net/http"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// DefaultStallTimeout is the default of [Client].StallTimeout, 60 seconds.
const DefaultStallTimeout = time.Minute

// DefaultRetry limits the tries of one file unless [Client].Retry is set.
var DefaultRetry = core.RetryLimits{MaxTries: 5, MaxTime: 10 * time.Minute}

// Client uploads and downloads files. Get one from [New]. Fields must not change while it is in
// use. It is safe for concurrent use.
type Client struct {
	// HTTP sends the requests to signed URLs. Nil selects [http.DefaultTransport]. It must not add
	// a token.
	HTTP http.RoundTripper
	// Retry limits the tries of one file and the time in which they begin. Zero fields select those
	// of [DefaultRetry].
	Retry core.RetryLimits
	// StallTimeout is the time without progress after which a try ends. Zero selects
	// [DefaultStallTimeout].
	StallTimeout time.Duration

	taegis ports.Transport
}

// New returns a client that asks t, for example a taegis.Client, for signed URLs. If t has a method
// HTTPTransport() http.RoundTripper, as a taegis.Client does, that is its HTTP.
func New(t ports.Transport) *Client {
	c := &Client{taegis: t}
	if own, ok := t.(interface{ HTTPTransport() http.RoundTripper }); ok {
		c.HTTP = own.HTTPTransport()
	}
	return c
}

func (c *Client) limits() core.RetryLimits {
	limits := c.Retry
	if limits.MaxTries == 0 {
		limits.MaxTries = DefaultRetry.MaxTries
	}
	if limits.MaxTime == 0 {
		limits.MaxTime = DefaultRetry.MaxTime
	}
	return limits
}

func (c *Client) stallTimeout() time.Duration {
	if c.StallTimeout > 0 {
		return c.StallTimeout
	}
	return DefaultStallTimeout
}

func (c *Client) http() http.RoundTripper {
	if c.HTTP != nil {
		return c.HTTP
	}
	return http.DefaultTransport
}
