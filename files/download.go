package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/retry"
)

// Download is the content of a file of a case, on its way. It implements [io.ReadCloser].
type Download struct {
	// File describes the file.
	File CaseFile

	client *Client
	ctx    context.Context // io.Reader has no parameter for it
	place  Place
	tag    string // the strong validator of the content, "" if there is none
	at     int64  // the bytes that were read
	total  int64  // the bytes there are, -1 if that is not known
	body   io.ReadCloser
	host   string
	dog    *watchdog
	cancel context.CancelCauseFunc
	tries  int
	closed bool
}

// Download asks for the signed URL of a file of a case and begins to read its content, which is a
// download in the audit log. The caller must close the result. Reading returns an error unless all
// bytes have come. It is bounded by ctx.
//
// Download returns [ErrNotFound] or [ErrNotUploaded], a [*core.ResponseError] or a
// [*core.ConnectionError].
func (c *Client) Download(ctx context.Context, fileID string) (*Download, error) {
	d := &Download{client: c, ctx: ctx, total: -1}
	d.File.ID = fileID
	if err := d.connect(); err != nil {
		return nil, err
	}
	return d, nil
}

// Read reads the next bytes of the content. If the connection breaks, it continues on another one.
func (d *Download) Read(p []byte) (int, error) {
	for {
		if d.closed {
			return 0, fs.ErrClosed
		}
		if d.body == nil {
			if err := d.connect(); err != nil {
				return 0, err
			}
		}
		d.dog.alive()
		n, err := d.body.Read(p)
		d.dog.stop()
		d.at += int64(n)
		switch {
		case n > 0:
			return n, nil // an error comes again
		case err == nil:
			continue
		case errors.Is(err, io.EOF) && (d.total < 0 || d.at == d.total):
			return 0, d.complete()
		}
		if err := d.broken(err); err != nil {
			return 0, err
		}
	}
}

// complete returns io.EOF at the end of the content, unless that has fewer bytes than the file.
func (d *Download) complete() error {
	if d.at >= d.File.Size {
		return io.EOF
	}
	return &core.ResponseError{
		Operation: opDownload, Host: d.host, Status: http.StatusOK,
		Reason: fmt.Sprintf("the content ends after %d bytes, and the file has %d", d.at, d.File.Size),
	}
}

// broken ends a connection. It returns an error if the content cannot be continued.
func (d *Download) broken(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if cause := context.Cause(d.ctx); cause != nil {
		err = cause
	}
	fault := &core.ConnectionError{
		Operation: opDownload, Host: d.host, Sent: true,
		Err: fmt.Errorf("the content breaks off after %d bytes: %w", d.at, err),
	}
	_ = d.end() // the error is known
	d.tries++
	if d.ctx.Err() != nil || d.tries >= d.client.limits().MaxTries || d.at > 0 && d.tag == "" {
		return fault
	}
	return nil
}

// Close ends the download. Reading then returns [fs.ErrClosed].
func (d *Download) Close() error {
	d.closed = true
	return d.end()
}

// end ends the connection, if there is one.
func (d *Download) end() error {
	if d.body == nil {
		return nil
	}
	d.dog.stop()
	d.cancel(nil)
	body := d.body
	d.body = nil
	return body.Close()
}

// connect asks for the content from the byte that comes next.
func (d *Download) connect() error {
	return retry.Do(d.ctx, d.client.limits(), func(ctx context.Context) error {
		if d.place.IsZero() {
			if err := d.locate(ctx); err != nil {
				return err
			}
		}
		return d.get(ctx)
	})
}

// locate asks for a signed URL.
func (d *Download) locate(ctx context.Context) error {
	found, err := byVocabulary(func(v *vocabulary) (foundFile, error) {
		return d.client.find(ctx, v, d.File.ID, "{ id name size status downloadURL }")
	})
	switch {
	case err != nil:
		return err
	case found.DownloadURL == "":
		return ErrNotUploaded
	}
	d.File, d.place = found.CaseFile, Place{URL: core.NewSecret(found.DownloadURL)}
	return nil
}

// get sends one request, and follows its redirects.
func (d *Download) get(parent context.Context) error {
	ctx, cancel := context.WithCancelCause(d.ctx)
	limit := d.client.stallTimeout()
	dog := newWatchdog(limit, func() { cancel(stalled(limit)) })
	resp, host, err := d.follow(ctx)
	dog.stop()
	if err == nil {
		if err = d.accept(resp, host); err == nil {
			d.body, d.host, d.dog, d.cancel = resp.Body, host, dog, cancel
			return nil
		}
		_ = resp.Body.Close() // its content is not wanted
	}
	cancel(nil)
	if _, ok := errors.AsType[*core.ConnectionError](err); ok {
		return broken(parent, err)
	}
	return err
}

// accept checks the answer to a request for the content.
func (d *Download) accept(resp *http.Response, host string) error {
	switch {
	case resp.StatusCode == http.StatusOK && d.at == 0:
		d.total = resp.ContentLength
		if tag := resp.Header.Get("ETag"); strings.HasPrefix(tag, `"`) {
			d.tag = tag
		}
		return nil
	case resp.StatusCode == http.StatusPartialContent && strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", d.at)):
		return nil
	case resp.StatusCode/100 == 2:
		return &core.ResponseError{
			Operation: opDownload, Host: host, Status: resp.StatusCode,
			Reason: fmt.Sprintf("the content cannot be continued after %d bytes: it has changed, or the host does not support it", d.at),
		}
	}
	r := refused(opDownload, host, resp)
	if r.expired() {
		d.place = Place{}
	}
	return r.err()
}

// longestChain is how many redirects a download follows.
const longestChain = 5

// follow asks for the content. Redirects get no header but the range: neither a token nor the URL
// that they come from.
func (d *Download) follow(ctx context.Context) (*http.Response, string, error) {
	at := d.place
	for range longestChain + 1 {
		r, err := at.request(opDownload, http.MethodGet)
		if err != nil {
			return nil, "", err
		}
		r.Header.Set("Accept-Encoding", "identity") // the length is that of the file
		if d.at > 0 {
			r.Header.Set("Range", "bytes="+strconv.FormatInt(d.at, 10)+"-")
			r.Header.Set("If-Range", d.tag)
		}
		resp, err := d.client.exchange(ctx, opDownload, r)
		if err != nil {
			return nil, "", err
		}
		if !isRedirect(resp.StatusCode) {
			return resp, r.URL.Host, nil
		}
		_ = resp.Body.Close() // its content does not matter
		next, err := r.URL.Parse(resp.Header.Get("Location"))
		if err != nil || next.Host == "" {
			return nil, "", redirectError(r.URL.Host, resp.StatusCode, "it redirects to no URL")
		}
		if r.URL.Scheme == "https" && next.Scheme != "https" {
			return nil, "", redirectError(r.URL.Host, resp.StatusCode, "it redirects to a URL that is not https")
		}
		at = Place{URL: core.NewSecret(next.String())}
	}
	return nil, "", redirectError("", http.StatusLoopDetected, fmt.Sprintf("more than %d redirects in a row", longestChain))
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
		http.StatusPermanentRedirect:
		return true
	}
	return false
}

func redirectError(host string, status int, reason string) error {
	return &core.ResponseError{Operation: opDownload, Host: host, Status: status, Reason: reason}
}
