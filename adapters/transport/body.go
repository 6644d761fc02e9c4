package transport

import (
	"bytes"
	"errors"
	"io"
	"mime"
)

// body reads an answer's body up to a limit, and remembers what it needs to tell JSON from what
// proxies send in its place, and a connection that broke from an answer that is wrong.
type body struct {
	r     io.Reader
	left  int64
	first byte // the first that is not white space, 0 while there is none
}

// errTooLarge is returned by body when the limit is passed.
var errTooLarge = errors.New("more than the limit")

// readError is an error of the connection.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

func (b *body) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 { // one more, to see that there is more
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	if text := bytes.TrimLeft(p[:n], " \t\r\n"); b.first == 0 && len(text) > 0 {
		b.first = text[0]
	}
	if err != nil && err != io.EOF {
		err = readError{err}
	}
	return n, err
}

// brokenOff reports whether err means that the rest of an answer did not arrive.
func brokenOff(err error) bool {
	if _, ok := errors.AsType[readError](err); ok {
		return true
	}
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// describe says what was read in place of a GraphQL answer.
func (b *body) describe(contentType string) string {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	switch {
	case b.first == 0:
		return "an empty answer"
	case b.first == '<' || mediaType == "text/html":
		return "an HTML page, as proxies and gateways send it"
	case mediaType == "" || mediaType == "application/json":
		return "an answer that is no GraphQL"
	}
	return "an answer that is no GraphQL but " + mediaType
}
