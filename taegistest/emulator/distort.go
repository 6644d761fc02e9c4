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

// bufferResponse executes the request and returns its response without sending it.
func (x *exchange) bufferResponse(next endpoint) *bufferedResponse {
	response := &bufferedResponse{header: x.w.Header().Clone()}
	inner := *x
	inner.w = &statusWriter{ResponseWriter: response}
	next(&inner)
	response.status = inner.w.status
	return response
}

// bufferedResponse is a response that is not sent, or not in full.
type bufferedResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *bufferedResponse) Header() http.Header         { return a.header }
func (a *bufferedResponse) WriteHeader(int)             {} // statusWriter remembers it
func (a *bufferedResponse) Write(p []byte) (int, error) { return a.body.Write(p) }

// disconnect ends the exchange without a response.
func (x *exchange) disconnect(f Fault) {
	switch {
	case f.Drop, f.Truncate:
	case f.Reset:
		if conn, _, err := http.NewResponseController(x.w).Hijack(); err == nil {
			reset(conn)
			return
		}
	case f.Hang:
		<-x.r.Context().Done()
	}
	panic(http.ErrAbortHandler) // net/http closes the connection
}

// reset closes a connection with a TCP reset.
func reset(conn net.Conn) {
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0) // other connections close in order
	}
	_ = conn.Close() // the peer may have closed it
}

// alterResponse sends the real response with the changes of the fault.
func (x *exchange) alterResponse(f Fault, next endpoint) {
	response := x.bufferResponse(next)
	body := response.body.Bytes()
	if len(f.Errors) > 0 {
		body = withErrors(body, f.Errors)
	}
	if f.PartialBody {
		body = body[:len(body)/2]
	}
	header := x.w.Header()
	maps.Copy(header, response.header)
	header.Set("Content-Type", orDefault(f.ContentType, header.Get("Content-Type")))
	header.Set("Content-Length", strconv.Itoa(max(0, len(body)+f.ContentLengthDelta)))
	if f.ContentLengthDelta != 0 && !f.Truncate {
		x.sendRaw(response.status, body)
		return
	}
	x.w.WriteHeader(response.status)
	switch {
	case f.Truncate:
		_, _ = x.w.Write(body[:len(body)/2])
		_ = http.NewResponseController(x.w).Flush() // the client receives the half
		panic(http.ErrAbortHandler)
	case f.Trickle > 0:
		x.trickle(body, f)
	default:
		_, _ = x.w.Write(body)
	}
}

// sendRaw sends a response with a Content-Length that differs from the length of its body, which
// net/http does not allow.
func (x *exchange) sendRaw(status int, body []byte) {
	x.w.status = status
	conn, buffers, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = conn.Close() }() // the client may have closed it
	fmt.Fprintf(buffers, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = x.w.Header().Write(buffers) // as above, also below
	_, _ = buffers.WriteString("\r\n")
	_, _ = buffers.Write(body)
	_ = buffers.Flush()
}

// trickle sends the body byte by byte until the client disconnects.
func (x *exchange) trickle(body []byte, f Fault) {
	for i := range body {
		_, err := x.w.Write(body[i : i+1])
		if err == nil {
			err = http.NewResponseController(x.w).Flush()
		}
		if err != nil || pause(x.r.Context(), f.Trickle) != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// withErrors returns a GraphQL response with these errors. Any other body stays as it is.
func withErrors(body []byte, list []core.GraphQLError) []byte {
	var response map[string]any
	numbers := json.NewDecoder(bytes.NewReader(body))
	numbers.UseNumber()
	if numbers.Decode(&response) != nil || response == nil {
		return body
	}
	response["errors"] = list
	text, err := json.Marshal(response)
	if err != nil {
		return body // only an error's own extensions can fail to encode
	}
	return text
}
