package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// body reads a response's body up to a limit, and stops if it cannot be a JSON object. It records
// what distinguishes a GraphQL response from a proxy's page, and a broken connection from an
// invalid response.
type body struct {
	r     io.Reader
	limit int64
	left  int64 // remaining bytes of the limit
	first byte  // the first byte that is not white space or byte order mark; 0 if there is none yet
}

// errNoObject is returned for a response, or for data, that is not a JSON object.
var errNoObject = errors.New("not a JSON object")

// readError wraps an error of the connection.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

func (b *body) Read(p []byte) (int, error) {
	if int64(len(p))-1 > b.left { // one byte more, to detect a longer body
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if b.first == 0 {
		b.first = firstOf(p[:n])
	}
	switch {
	case b.first != 0 && b.first != '{':
		return 0, errNoObject // the rest does not matter
	case b.left < 0:
		return 0, &core.LimitError{What: fmt.Sprintf("a response of more than %d bytes", b.limit), Option: "Limits.ResponseBytes"}
	case err != nil && err != io.EOF:
		err = readError{err}
	}
	return n, err
}

// firstOf returns the first byte that is not white space or part of a byte order mark, which may be
// split between reads. It returns 0 if there is none.
func firstOf(text []byte) byte {
	for _, b := range text {
		if !strings.ContainsRune(" \t\r\n", rune(b)) && !strings.Contains(byteOrderMark, string([]byte{b})) {
			return b
		}
	}
	return 0
}

// brokenOff reports whether err means that the end of a response did not arrive.
func brokenOff(err error) bool {
	if _, ok := errors.AsType[readError](err); ok {
		return true
	}
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// isJSON reports whether the body begins like an object or a list of responses.
func (b *body) isJSON() bool { return b.first == '{' || b.first == '[' }

// describe describes a body that is not a GraphQL response.
func (b *body) describe(contentType string) string {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	switch {
	case b.first == 0:
		return "the response is empty"
	case b.first == '<' || mediaType == "text/html":
		return "an HTML page, as proxies and gateways send it"
	case mediaType == "" || mediaType == "application/json":
		return "the response is not GraphQL"
	}
	return "the response is not GraphQL but " + mediaType
}

// buffers are reused for the texts of responses. Decoded values do not refer to them.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// smallBuffer is the size up to which buffers are always reused.
const smallBuffer = 1 << 20

// release returns b to the pool, unless it is much larger than the response was. So the buffer of a
// large response is freed when responses become small.
func release(b *bytes.Buffer) {
	if b.Cap() > smallBuffer && b.Len() < b.Cap()/8 {
		return
	}
	b.Reset()
	buffers.Put(b)
}

// readAll reads b to its end into text. size is the Content-Length, negative if unknown. It is
// trusted up to the size of a small buffer; a larger buffer is allocated only as data arrives.
func (b *body) readAll(text *bytes.Buffer, size int64) error {
	text.Grow(int(min(max(0, size), smallBuffer)) + bytes.MinRead) // Buffer.ReadFrom requires it
	if _, err := text.ReadFrom(io.LimitReader(b, smallBuffer)); err != nil {
		return err
	}
	if rest := min(size-smallBuffer, b.left); rest > 0 && text.Len() == smallBuffer {
		text.Grow(int(rest) + bytes.MinRead)
	}
	_, err := text.ReadFrom(b)
	return err
}
