package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/retry"
	"github.com/taegis-go/taegis/internal/tlserror"
)

// The operations of errors about signed URLs.
const (
	opUpload   = "upload"
	opDownload = "download"
)

// exchange sends one request to the host of a signed URL, without following redirects. The caller
// closes the body of the response.
func (c *Client) exchange(ctx context.Context, operation string, r *http.Request) (*http.Response, error) {
	resp, err := c.http().RoundTrip(r.WithContext(ctx))
	if err != nil {
		return nil, connection(ctx, operation, r.URL.Host, err)
	}
	return resp, nil
}

// connection returns the error for a request without a whole answer. Errors of a round trip, unlike
// those of an [http.Client], do not contain the URL.
func connection(ctx context.Context, operation, host string, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &core.ConnectionError{Operation: operation, Host: host, Sent: true, Err: tlserror.Explain(host, err)}
}

// storageCode is the code in an error document of a storage service. The rest of the document may
// hold parts of the URL.
var storageCode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<Code>([A-Za-z0-9.]{1,64})</Code>`) })

// longestDocument is how much of an error document is read.
const longestDocument = 16 << 10

// refusal is an answer of the host that is no success, and what it means.
type refusal struct {
	fault *core.ResponseError
	code  string
}

// refused reads an answer without success.
func refused(operation, host string, resp *http.Response) *refusal {
	document, _ := io.ReadAll(io.LimitReader(resp.Body, longestDocument)) // a part of it will do
	r := &refusal{fault: &core.ResponseError{Operation: operation, Host: host, Status: resp.StatusCode}}
	if found := storageCode().FindSubmatch(document); found != nil {
		r.code = string(found[1])
	}
	r.fault.Reason = r.code
	switch {
	case r.expired():
		r.fault.Reason = "the signed URL has expired or is not accepted"
		if r.code != "" {
			r.fault.Reason += " (" + r.code + ")"
		}
	case resp.StatusCode/100 == 3:
		r.fault.Reason = "it redirects, which is not followed with the content of a file"
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		r.fault.RetryAfter = time.Duration(seconds) * time.Second
	}
	return r
}

// expired reports whether another signed URL may be accepted.
func (r *refusal) expired() bool {
	switch r.fault.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusGone:
		return true
	case http.StatusBadRequest:
		return r.code == "ExpiredToken" || r.code == "RequestTimeTooSkewed"
	}
	return false
}

// temporary reports whether the same request may succeed later.
func (r *refusal) temporary() bool {
	switch r.fault.Status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusBadRequest:
		return r.code == "RequestTimeout" || r.code == "IncompleteBody"
	}
	return false
}

// err returns the error, marked if a repetition may help.
func (r *refusal) err() error {
	if r.temporary() || r.expired() {
		return retry.Transient(r.fault, r.fault.RetryAfter)
	}
	return r.fault
}

// stalled returns the cause of a try that ends without progress.
func stalled(limit time.Duration) error {
	return &core.LimitError{
		What: fmt.Sprintf("no progress for %v", limit), Option: "StallTimeout", Err: context.DeadlineExceeded,
	}
}

// broken marks the error of a connection as temporary, unless the caller's context has ended.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return retry.Transient(err, 0)
}
