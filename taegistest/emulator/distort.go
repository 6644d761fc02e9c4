package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strconv"

	"github.com/taegis-go/taegis/core"
)

// rehearse executes the request and keeps its answer back.
func (x *exchange) rehearse(next endpoint) *heldAnswer {
	answer := &heldAnswer{header: x.w.Header().Clone()}
	inner := *x
	inner.w = &statusWriter{ResponseWriter: answer}
	next(&inner)
	answer.status = inner.w.status
	return answer
}

// heldAnswer is an answer that is not sent, or not in full.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header         { return a.header }
func (a *heldAnswer) WriteHeader(int)             {} // statusWriter remembers it
func (a *heldAnswer) Write(p []byte) (int, error) { return a.body.Write(p) }

// lose ends the exchange without an answer.
func (x *exchange) lose(f Fault) {
	switch {
	case f.Drop, f.Tear:
	case f.Reset:
		if conn, _, err := http.NewResponseController(x.w).Hijack(); err == nil {
			reset(conn)
			return
		}
	case f.Hang:
		<-x.r.Context().Done()
	}
	panic(http.ErrAbortHandler) // the server's way to close a connection without a word
}

// reset closes a connection with what TCP sends to strangers.
func reset(conn net.Conn) {
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0) // closing it in order does for other connections
	}
	_ = conn.Close() // the client's loss is what is wanted
}

// distort sends the real answer otherwise than it is.
func (x *exchange) distort(f Fault, next endpoint) {
	answer := x.rehearse(next)
	body := answer.body.Bytes()
	if len(f.Errors) > 0 {
		body = withErrors(body, f.Errors)
	}
	if f.Cut {
		body = body[:len(body)/2]
	}
	header := x.w.Header()
	maps.Copy(header, answer.header)
	header.Set("Content-Type", orDefault(f.ContentType, header.Get("Content-Type")))
	header.Set("Content-Length", strconv.Itoa(max(0, len(body)+f.Length)))
	if f.Length != 0 && !f.Tear {
		x.misstate(answer.status, body)
		return
	}
	x.w.WriteHeader(answer.status)
	switch {
	case f.Tear:
		_, _ = x.w.Write(body[:len(body)/2])
		_ = http.NewResponseController(x.w).Flush() // so that the half arrives
		panic(http.ErrAbortHandler)
	case f.Drip > 0:
		x.drip(body, f)
	default:
		_, _ = x.w.Write(body)
	}
}

// misstate sends an answer whose header has another length than its body, which net/http would not
// let pass.
func (x *exchange) misstate(status int, body []byte) {
	x.w.status = status
	conn, buffers, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = conn.Close() }() // a client that has gone is no matter of ours
	fmt.Fprintf(buffers, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = x.w.Header().Write(buffers) // as above, down to the end
	_, _ = buffers.WriteString("\r\n")
	_, _ = buffers.Write(body)
	_ = buffers.Flush()
}

// drip sends the body byte by byte, until the client leaves.
func (x *exchange) drip(body []byte, f Fault) {
	for i := range body {
		_, err := x.w.Write(body[i : i+1])
		if err == nil {
			err = http.NewResponseController(x.w).Flush()
		}
		if err != nil || pause(x.r.Context(), f.Drip) != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// withErrors returns a GraphQL answer with these errors. What is none stays as it is.
func withErrors(body []byte, list []core.GraphQLError) []byte {
	var answer map[string]any
	numbers := json.NewDecoder(bytes.NewReader(body))
	numbers.UseNumber()
	if numbers.Decode(&answer) != nil || answer == nil {
		return body
	}
	answer["errors"] = list
	text, err := json.Marshal(answer)
	if err != nil {
		return body // of values that came as JSON, only an error's own extensions do not go
	}
	return text
}
