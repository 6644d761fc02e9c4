package callers_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/taegis-go/taegis/core"
)

// outage is a way in which logging in fails.
type outage struct {
	name      string
	rejection error            // there is no connection
	foreign   bool             // the certificate is not the right one
	serve     http.HandlerFunc // what is answered
	cause     func(error) bool // whether an error names this outage
}

var outages = []*outage{
	{name: "connection refused", rejection: syscall.ECONNREFUSED, cause: is(syscall.ECONNREFUSED)},
	{name: "name not found", rejection: &net.DNSError{Err: "no such host", Name: us, IsNotFound: true}, cause: as[*net.DNSError]},
	{name: "certificate of another", foreign: true, cause: as[*tls.CertificateVerificationError]},
	{name: "no answer", serve: func(_ http.ResponseWriter, r *http.Request) { hang(r) }, cause: is(context.DeadlineExceeded)},
	{name: "answer of one byte a second", serve: trickle, cause: is(context.DeadlineExceeded)},
	{name: "connection dropped", serve: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, cause: is(io.EOF)},
	{name: "500", serve: answer(500, "", "oops"), cause: status(500)},
	{name: "503 with Retry-After", serve: answer(503, "1", ""), cause: status(503)},
	{name: "429 with Retry-After of an hour", serve: answer(429, "3600", `{"error":"slow_down"}`), cause: status(429)},
	{name: "page of a proxy", serve: answer(200, "", "<html>hotel</html>"), cause: status(200)},
	{name: "half of the JSON", serve: answer(200, "", `{"access_token":"`), cause: status(200)},
	{name: "401 for a wrong secret", serve: answer(401, "", `{"error":"invalid_client"}`), cause: is(core.ErrDenied)},
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func status(code int) func(error) bool {
	return func(err error) bool {
		login, ok := errors.AsType[*core.LoginError](err)
		return ok && login.Status == code
	}
}

func answer(code int, retryAfter, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// hang answers nothing for as long as a caller waits. The body has to be read, or the server would
// not see the client go.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func trickle(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	for r.Context().Err() == nil {
		_, _ = io.WriteString(w, " ")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(time.Second)
	}
}
