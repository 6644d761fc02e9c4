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

// body reads an answer's body up to a limit while it can be a JSON object, and remembers what it
// needs to tell that from what proxies send in its place, and a connection that broke from an answer
// that is wrong.
type body struct {
	r     io.Reader
	limit int64
	left  int64 // of the limit
	first byte  // the first that is neither white space nor of a byte order mark, 0 while there is none
}

// errNoObject is for an answer, or for data, that is not a JSON object.
var errNoObject = errors.New("not a JSON object")

// readError is an error of the connection.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

func (b *body) Read(p []byte) (int, error) {
	if int64(len(p))-1 > b.left { // one more, to see that there is more
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if b.first == 0 {
		b.first = firstOf(p[:n])
	}
	switch {
	case b.first != 0 && b.first != '{':
		return 0, errNoObject // there is no need to read on
	case b.left < 0:
		return 0, &core.LimitError{What: fmt.Sprintf("an answer of more than %d bytes", b.limit), Option: "Limits.ResponseBytes"}
	case err != nil && err != io.EOF:
		err = readError{err}
	}
	return n, err
}

// firstOf returns the first byte that is not white space and not of a byte order mark, which may
// arrive in pieces; 0 if there is none.
func firstOf(text []byte) byte {
	for _, b := range text {
		if !strings.ContainsRune(" \t\r\n", rune(b)) && !strings.Contains(byteOrderMark, string([]byte{b})) {
			return b
		}
	}
	return 0
}

// brokenOff reports whether err means that the rest of an answer did not arrive.
func brokenOff(err error) bool {
	if _, ok := errors.AsType[readError](err); ok {
		return true
	}
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// isJSON reports whether the answer begins as an object or a list of answers does.
func (b *body) isJSON() bool { return b.first == '{' || b.first == '[' }

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

// buffers are for the texts of answers, of which nothing is kept.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// smallBuffer is what a buffer may have without further ado.
const smallBuffer = 1 << 20

// release gives b back, unless it is much larger than the answer was: what one large answer needed
// goes with the last of its kind.
func release(b *bytes.Buffer) {
	if b.Cap() > smallBuffer && b.Len() < b.Cap()/8 {
		return
	}
	b.Reset()
	buffers.Put(b)
}

// readAll reads b to its end into text. The size that the server tells, negative where it does not,
// is believed up to that of a small buffer, and beyond once as much has arrived.
func (b *body) readAll(text *bytes.Buffer, size int64) error {
	text.Grow(int(min(max(0, size), smallBuffer)) + bytes.MinRead) // which it wants to see the end
	if _, err := text.ReadFrom(io.LimitReader(b, smallBuffer)); err != nil {
		return err
	}
	if rest := min(size-smallBuffer, b.left); rest > 0 && text.Len() == smallBuffer {
		text.Grow(int(rest) + bytes.MinRead)
	}
	_, err := text.ReadFrom(b)
	return err
}
