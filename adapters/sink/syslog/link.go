package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/pause"
	"github.com/taegis-go/taegis/internal/sinkfault"
	"github.com/taegis-go/taegis/internal/tlserror"
)

// link is a connection whose other end is watched: a receiver sends nothing, so that reading ends
// only when it closes.
type link struct {
	net.Conn
	gone chan struct{} // closed when the receiver has closed the connection
	err  error         // io.EOF if it did so in order; set before gone is closed
}

func watch(conn net.Conn) *link {
	l := &link{Conn: conn, gone: make(chan struct{})}
	go func() {
		_, l.err = io.Copy(io.Discard, conn)
		if l.err == nil {
			l.err = io.EOF
		}
		close(l.gone)
	}()
	return l
}

// isGone reports whether the receiver has closed the connection.
func (l *link) isGone() bool {
	if _, closed := state(l.Conn); closed {
		return true // which the kernel knows before the goroutine does
	}
	select {
	case <-l.gone:
		return true
	default:
		return false
	}
}

// connect connects, and sends again what may have been lost with the last connection.
func (s *Sink) connect(ctx context.Context) error {
	if s.link != nil && !s.link.isGone() {
		return nil
	}
	if s.link != nil && len(s.written) > 0 {
		return s.lost(nil) // a part of what the export will deliver again
	}
	s.drop()
	limited, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	dial := s.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(limited, "tcp", s.Address)
	if err == nil && s.tls != nil {
		secured := tls.Client(conn, s.tls)
		if err = secured.HandshakeContext(limited); err != nil {
			conn.Close()
		}
		conn = secured
	}
	if err != nil {
		return s.fault(ctx, err)
	}
	s.link = watch(conn)
	for _, frames := range s.unsure {
		if err := s.write(ctx, frames); err != nil {
			return err
		}
	}
	return nil
}

// flush writes the frames that wait.
func (s *Sink) flush(ctx context.Context) error {
	if len(s.waiting) == 0 {
		return nil
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	if err := s.write(ctx, s.waiting); err != nil {
		return err
	}
	s.written = append(s.written, s.waiting...)
	s.waiting = s.waiting[:0]
	return nil
}

// write writes frames, at most until ctx ends.
func (s *Sink) write(ctx context.Context, frames []byte) error {
	if err := s.link.SetWriteDeadline(time.Now().Add(s.timeout())); err != nil {
		return s.fault(ctx, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = s.link.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := s.link.Write(frames); err != nil {
		return s.fault(ctx, err)
	}
	return nil
}

// confirm makes sure that what was written has arrived, as far as possible.
func (s *Sink) confirm(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	if s.Confirm {
		return s.confirmEnd(ctx, limited)
	}
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		queued, _ := state(s.link.Conn)
		if s.link.isGone() { // asked last, since a closed connection has an empty queue
			return s.lost(nil)
		}
		if queued == 0 {
			return nil
		}
		if pause.For(limited, wait) != nil {
			return s.unconfirmed(ctx, "the receiver did not take all messages")
		}
	}
}

// confirmEnd ends the connection from this side, and waits until the receiver ends it too.
func (s *Sink) confirmEnd(ctx, limited context.Context) error {
	half, ok := s.link.Conn.(interface{ CloseWrite() error })
	if !ok {
		return sinkfault.Setting(s.name(), "its connection cannot be closed in one direction", "unset Confirm or Dial")
	}
	if err := half.CloseWrite(); err != nil {
		return s.fault(ctx, err)
	}
	select {
	case <-s.link.gone:
	case <-limited.Done():
		return s.unconfirmed(ctx, "the receiver did not end the connection")
	}
	if !errors.Is(s.link.err, io.EOF) {
		return s.lost(s.link.err)
	}
	s.drop()
	return nil
}

func (s *Sink) unconfirmed(ctx context.Context, reason string) error {
	if ctx.Err() != nil {
		return sinkfault.Ended(ctx, s.name())
	}
	return &core.SinkError{
		Sink: s.name(), Reason: fmt.Sprintf("%s within %v", reason, s.timeout()),
		HintText: "check the load of the receiver, or raise Timeout", Err: context.DeadlineExceeded,
	}
}

// drop closes the connection, without discarding what is on its way.
func (s *Sink) drop() {
	if s.link == nil {
		return
	}
	if half, ok := s.link.Conn.(interface{ CloseWrite() error }); ok {
		_ = s.link.SetWriteDeadline(time.Now().Add(time.Second)) // for the alert of TLS
		_ = half.CloseWrite()
	}
	s.link.Close()
	s.link = nil
}

// lost returns the error of a connection that the receiver has closed.
func (s *Sink) lost(err error) error {
	return &core.SinkError{
		Sink: s.name(), Reason: "the receiver closed the connection", Err: err,
		HintText: "check the receiver and its log; messages that are not sure to have arrived are sent again",
	}
}

// fault returns the error of a connection.
func (s *Sink) fault(ctx context.Context, err error) error {
	refused, isRefused := errors.AsType[*core.TLSError](tlserror.Explain(s.Address, err))
	host, isHost := errors.AsType[*net.DNSError](err)
	timeout, isTimeout := errors.AsType[net.Error](err)
	f := &core.SinkError{Sink: s.name(), Reason: err.Error(), HintText: "check that the receiver runs and can be reached", Err: err}
	switch {
	case ctx.Err() != nil:
		return sinkfault.Ended(ctx, s.name())
	case isRefused:
		f.Reason, f.Permanent = refused.Reason, true
		f.HintText = "check Address; if the authority of the certificate is private, set CABundle to its certificate"
	case isHost:
		f.Reason, f.HintText = "its host "+host.Name+" was not found", "check Address and the network"
	case isTimeout && timeout.Timeout():
		f.Reason = fmt.Sprintf("the receiver took nothing within %v", s.timeout())
		f.HintText = "check the load of the receiver, or raise Timeout"
	case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.ErrClosedPipe):
		return s.lost(err)
	}
	return f
}
