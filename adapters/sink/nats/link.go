package nats

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinkfault"
	"github.com/taegis-go/taegis/internal/tlserror"
)

// link is a connection to a server. It does not connect again by itself, because the messages that
// are not acknowledged would have to be published again all the same.
type link struct {
	*nats.Conn
	stream   jetstream.JetStream
	closed   chan struct{} // closed with the connection
	problems chan error    // what the server says about messages without an answer
}

// connect connects if there is no connection.
func (s *Sink) connect(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return sinkfault.Ended(ctx, s.name())
	case s.link != nil:
		return nil
	}
	l := &link{closed: make(chan struct{}), problems: make(chan error, 1)}
	d := &dialer{ctx: ctx, timeout: s.timeout()}
	stop := context.AfterFunc(ctx, d.hangUp)
	defer stop()
	conn, err := nats.Connect(s.URL, s.options(d, l)...)
	if err == nil {
		l.Conn = conn
		l.stream, err = jetstream.New(conn,
			jetstream.WithPublishAsyncMaxPending(2*cmp.Or(s.MaxPending, defaultPending)), // the sink waits before
			jetstream.WithPublishAsyncTimeout(s.timeout()))
	}
	if err != nil && ctx.Err() != nil {
		err = sinkfault.Ended(ctx, s.name())
	}
	if err != nil {
		return s.fault(err)
	}
	s.link = l
	return nil
}

func (s *Sink) options(d *dialer, l *link) []nats.Option {
	options := []nats.Option{
		nats.Name("taegis export"),
		nats.Timeout(s.timeout()),
		nats.NoReconnect(),
		nats.SetCustomDialer(d),
		nats.ClosedHandler(func(*nats.Conn) { close(l.closed) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			select {
			case l.problems <- err:
			default: // the first one is enough
			}
		}),
	}
	if s.tls != nil {
		options = append(options, nats.Secure(s.tls))
	}
	switch {
	case s.Credentials != "":
		options = append(options, nats.UserCredentials(s.Credentials))
	case s.User != "":
		options = append(options, nats.UserInfo(s.User, s.Password.Reveal()))
	case !s.Token.IsZero():
		options = append(options, nats.Token(s.Token.Reveal()))
	}
	return options
}

// dialer connects to one server after the other, until a context ends.
type dialer struct {
	ctx     context.Context
	timeout time.Duration

	mu   sync.Mutex
	last net.Conn
}

// Dial implements [nats.CustomDialer].
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: d.timeout}).DialContext(d.ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = conn
	return conn, nil
}

// hangUp ends the handshake with a server.
func (d *dialer) hangUp() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil {
		d.last.Close()
	}
}

// fault returns the error of the sink for one of the library.
func (s *Sink) fault(err error) error {
	if fault, ok := errors.AsType[*core.SinkError](err); ok {
		return fault
	}
	f := &core.SinkError{Sink: s.name(), Reason: err.Error(), HintText: "check that the servers run and can be reached", Err: err}
	answer, isAnswer := errors.AsType[*jetstream.APIError](err)
	refused, isTLS := errors.AsType[*core.TLSError](tlserror.Explain("the server", err))
	host, isHost := errors.AsType[*net.DNSError](err)
	missing, isMissing := errors.AsType[*fs.PathError](err)
	switch {
	case isAnswer:
		f.Reason, f.Permanent = answer.Description, answer.Code < 500
		f.HintText = "check the stream and its limits"
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		f.Permanent, f.HintText = true, "check the credentials"
	case errors.Is(err, nats.ErrPermissionViolation):
		f.Permanent, f.HintText = true, "permit the user to publish to the subject, and to subscribe to its inbox"
	case isMissing:
		f.Reason, f.Permanent, f.HintText = missing.Path+": "+missing.Err.Error(), true, "set Credentials to a file that can be read"
	case isTLS:
		f.Reason, f.Permanent = refused.Reason, true
		f.HintText = "check URL; if the authority of the certificate is private, set CABundle to its certificate"
	case errors.Is(err, nats.ErrSecureConnWanted):
		f.Permanent, f.HintText = true, "the server has no TLS: check URL"
	case isHost:
		f.Reason, f.HintText = "its host "+host.Name+" was not found", "check URL and the network"
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		f.Reason, f.HintText = "no stream takes the subject", "create a stream with the subject, and check that JetStream is enabled"
	case errors.Is(err, jetstream.ErrAsyncPublishTimeout):
		f.Reason = "a message was not acknowledged within " + s.timeout().String()
		f.HintText = "check that a majority of the servers runs, or raise Timeout"
	case errors.Is(err, nats.ErrDisconnected), errors.Is(err, nats.ErrConnectionClosed):
		f.Reason = "the connection was lost before all messages were acknowledged"
	}
	return f
}
