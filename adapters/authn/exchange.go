package authn

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/httpcopy"
	"github.com/taegis-go/taegis/internal/proxy"
	"github.com/taegis-go/taegis/internal/retry"
	"github.com/taegis-go/taegis/internal/tlserror"
)

// maxAnswer limits the body of an answer, in bytes; real ones have a few thousand.
const maxAnswer = 1 << 20

// loginWire sends the login requests of one authenticator.
type loginWire struct {
	core.LoginRequest
	name string
}

// message is one login request.
type message struct {
	what        string // for errors, for example "the token request"
	contentType string // empty without a body
	body        []byte
	basic       string   // user and password of the Authorization header, in base64
	secrets     []string // values that an answer may echo and errors must not contain
	longPoll    bool     // the server may hold the answer until a user has acted
	newConn     bool     // uses a connection of its own, see newConnection
}

// post sends m once and returns the answer, whatever its status. It returns a redirect as the
// answer, because credentials go only to the authentication host. If no answer arrives, post
// returns a [*core.ConnectionError].
func (w loginWire) post(ctx context.Context, path string, m message) (answer, error) {
	client := *w.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if m.longPoll {
		client.Timeout = 0
	} else if w.Timeout > 0 {
		var cancel context.CancelFunc
		late := &core.LimitError{What: fmt.Sprintf("no answer within %v", w.Timeout), Option: "WithTimeout", Err: context.DeadlineExceeded}
		ctx, cancel = context.WithTimeoutCause(ctx, w.Timeout, late)
		defer cancel()
	}
	if m.newConn {
		defer newConnection(&client)()
	}
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	})
	host := w.Environment.AuthHost()
	status, header, body, err := w.roundTrip(ctx, &client, path, m)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return answer{}, &core.ConnectionError{Operation: m.what, Host: host, Sent: sent.Load(), Err: tlserror.Explain(host, err)}
	}
	return newAnswer(host, status, header, body, m), nil
}

// newConnection makes client use a connection of its own until the returned function is called. A
// connection that was idle during a prompt may be broken unnoticed, and a password sent over it
// would be lost. The connections of the caller's client stay open. A transport that is not an
// [*http.Transport] is used unchanged.
func newConnection(client *http.Client) (end func()) {
	own, err := httpcopy.Of(client)
	if err != nil {
		return func() {}
	}
	client.Transport = own
	return own.CloseIdleConnections
}

func (w loginWire) roundTrip(ctx context.Context, client *http.Client, path string, m message) (status int, header http.Header, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.Environment.AuthURL+path, bytes.NewReader(m.body))
	if err != nil {
		return 0, nil, nil, err
	}
	// net/http repeats a request on a new connection if an idle one is broken, but not if it
	// cannot rewind the body. Only postWithRetry repeats requests.
	req.GetBody = nil
	req.Header.Set("Accept", "application/json")
	agent := w.UserAgent
	if agent == "" {
		agent = core.UserAgent("", "", core.Application{})
	}
	req.Header.Set("User-Agent", agent)
	if m.contentType != "" {
		req.Header.Set("Content-Type", m.contentType)
	}
	if m.basic != "" {
		req.Header.Set("Authorization", "Basic "+m.basic)
	}
	res, err := client.Do(req)
	if err != nil {
		if outer, ok := errors.AsType[*url.Error](err); ok {
			err = outer.Err // the URL adds nothing to the host, which the error has
		}
		return 0, nil, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	return res.StatusCode, res.Header, body, err
}

// postWithRetry sends m, and repeats it within the retry limits if no answer arrives or the status
// is 408, 429 or 5xx. Its error is a [*core.LoginError].
func (w loginWire) postWithRetry(ctx context.Context, path string, m message) (answer, error) {
	var a answer
	err := retry.Do(ctx, w.Retry, func(ctx context.Context) (err error) {
		a, err = w.post(ctx, path, m)
		switch {
		case err != nil && transient(ctx, err):
			return retry.Transient(err, 0)
		case err == nil && a.transient():
			return retry.Transient(w.failure(a), a.retryAfter(w.Time()))
		}
		return err
	})
	if _, ok := errors.AsType[*core.LoginError](err); err != nil && !ok {
		err = w.connectionError(err)
	}
	return a, err
}

// postNewest sends m with retries to the first of paths that the server has, newest first, and
// returns its index. If the server has none of them, postNewest returns the answer of the last.
func (w loginWire) postNewest(ctx context.Context, m message, paths ...string) (a answer, generation int, err error) {
	for generation = range paths {
		if a, err = w.postWithRetry(ctx, paths[generation], m); err != nil || !a.absent() {
			break
		}
	}
	return a, generation, err
}

// transient reports whether a request that got no answer may get one later.
func transient(ctx context.Context, err error) bool {
	return ctx.Err() == nil && !untrusted(err) && !proxy.Final(err)
}

// untrusted reports whether the server's certificate was rejected, which is permanent.
func untrusted(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}

// connectionError returns the error of a request that got no answer.
func (w loginWire) connectionError(err error) *core.LoginError {
	if handshake, ok := errors.AsType[*core.TLSError](err); ok {
		return &core.LoginError{Authenticator: w.name, Reason: handshake.Reason, HintText: handshake.HintText, Err: err}
	}
	if rejected, ok := errors.AsType[*core.ProxyError](err); ok {
		return &core.LoginError{Authenticator: w.name, Reason: rejected.Reason, HintText: rejected.HintText, Err: err}
	}
	return &core.LoginError{Authenticator: w.name, Reason: err.Error(), HintText: "check the network, the proxy and the base URL", Err: err}
}
