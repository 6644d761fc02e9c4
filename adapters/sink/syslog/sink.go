package syslog

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Sink sends records as messages. It implements [ports.Sink] and [io.Closer]. The message of a
// record is its data; the MSGID is its stream. Errors of the connection pass, those of a
// certificate are permanent.
type Sink struct {
	// Address is the host and port of the receiver, for example "logs.example:6514".
	Address string
	// PlainTCP sends without TLS.
	PlainTCP bool
	// CABundle is the path of a PEM file with certificate authorities to trust in addition to the
	// system's.
	CABundle string
	// TLS configures TLS, for example with a certificate of the client; nil needs none. CABundle
	// must be empty then.
	TLS *tls.Config
	// Facility and Severity are those of all messages, for example "local0" and "notice". Empty
	// means "user" and "info".
	Facility, Severity string
	// Hostname and AppName identify the sender; empty means the name of this machine, and "taegis".
	Hostname, AppName string
	// StructuredID is the name of an element of structured data with the stream, environment,
	// tenant, id and version of the record. It ends with a private enterprise number, for example
	// "taegis@32473". If it is empty, there is no structured data.
	StructuredID string
	// Envelope sends an object with the stream, environment, tenant, id, version, time and data of
	// each record, instead of its data alone.
	Envelope bool
	// MaxBytes is the length of the longest message that the receiver keeps whole, in bytes.
	// Records with longer messages are refused. 0 refuses none, although many receivers cut
	// messages after 8 KiB.
	MaxBytes int
	// Confirm ends the connection in each Sync, and waits until the receiver does too.
	Confirm bool
	// ResendBytes is how much of what was synced is sent again after a connection was lost, in
	// bytes: whole Syncs, at least the last one. 0 means 256 KiB.
	ResendBytes int
	// Timeout is the time limit for connecting, for each write and for Sync; 0 means 30 s.
	Timeout time.Duration
	// Dial connects to the receiver; nil means [net.Dialer.DialContext].
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	format *format // nil if the sink is not open
	tls    *tls.Config
	link   *link // the connection, nil if there is none
	// The frames that are not written yet, those that were written since the last Sync, and those
	// of the last Syncs, which may be lost with the connection.
	waiting, written []byte
	unsure           [][]byte
}

const (
	defaultTimeout = 30 * time.Second
	defaultResend  = 256 << 10
	flushBytes     = 64 << 10
)

// Open checks the configuration. It does not connect. The sink has no positions.
func (s *Sink) Open(ctx context.Context, position string) error {
	f, err := s.check()
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return sinkfault.Ended(ctx, s.name())
	case position != "":
		return sinkfault.Position(s.name())
	}
	s.format = f
	s.forget()
	return nil
}

// Deliver collects messages, and writes them as soon as there are enough. It returns a
// [*core.RefusedError] for records that are longer than MaxBytes.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	switch {
	case s.format == nil:
		return sinkfault.NotOpen("syslog")
	case ctx.Err() != nil:
		return s.fail(sinkfault.Ended(ctx, s.name()))
	}
	var refused []core.RefusedRecord
	for i := range records {
		message := s.format.message(&records[i])
		if s.MaxBytes > 0 && len(message) > s.MaxBytes {
			reason := fmt.Sprintf("its message has %d bytes, more than MaxBytes", len(message))
			refused = append(refused, core.RefusedRecord{Record: records[i], Reason: reason})
			continue
		}
		s.waiting = append(fmt.Appendf(s.waiting, "%d ", len(message)), message...)
		if len(s.waiting) < flushBytes {
			continue
		}
		if err := s.flush(ctx); err != nil {
			return s.fail(err)
		}
	}
	if refused != nil {
		return &core.RefusedError{Sink: s.name(), Records: refused}
	}
	return nil
}

// Sync writes what is left, and makes as sure as possible that it has arrived.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	switch {
	case s.format == nil:
		return "", sinkfault.NotOpen("syslog")
	case ctx.Err() != nil:
		return "", s.fail(sinkfault.Ended(ctx, s.name()))
	}
	if err := s.flush(ctx); err != nil {
		return "", s.fail(err)
	}
	if len(s.written) == 0 {
		return "", nil
	}
	if err := s.confirm(ctx); err != nil {
		return "", s.fail(err)
	}
	s.remember()
	return "", nil
}

// remember keeps what was synced, in case that the connection turns out to be lost.
func (s *Sink) remember() {
	if s.Confirm {
		s.unsure, s.written = nil, nil
		return
	}
	s.unsure, s.written = append(s.unsure, s.written), nil
	size := 0
	for _, frames := range s.unsure {
		size += len(frames)
	}
	for len(s.unsure) > 1 && size > cmp.Or(s.ResendBytes, defaultResend) {
		size -= len(s.unsure[0])
		s.unsure = s.unsure[1:]
	}
}

// Close closes the connection.
func (s *Sink) Close() error {
	s.drop()
	s.forget()
	s.format, s.unsure = nil, nil
	return nil
}

// fail ends the connection, which may have written a part of a message.
func (s *Sink) fail(err error) error {
	s.drop()
	s.forget()
	return err
}

func (s *Sink) forget() { s.waiting, s.written = nil, nil }

func (s *Sink) name() string {
	if s.PlainTCP {
		return "syslog tcp " + s.Address
	}
	return "syslog tls " + s.Address
}

func (s *Sink) timeout() time.Duration { return cmp.Or(s.Timeout, defaultTimeout) }
