package nats

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/natswire"
	"github.com/taegis-go/taegis/internal/recordjson"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Sink publishes records to a stream. It implements [ports.Sink] and [io.Closer]. Records that are
// larger than the server or the stream permits are refused. A lost connection, a full stream and a
// missing acknowledgement are errors that pass; wrong credentials and permissions are permanent.
// The sink connects again after an error.
type Sink struct {
	// URL is the address of a server, or of several with commas in between, for example
	// "tls://nats.example:4222". The schemes are tls and nats.
	URL string
	// PlainTCP permits addresses without TLS on other machines.
	PlainTCP bool
	// Subject is the subject of the messages. In it {stream}, {environment} and {tenant} stand for
	// those of the record. Empty means "taegis.{stream}.{tenant}".
	Subject string
	// Stream is the name that the stream must have; empty permits any.
	Stream string
	// Credentials is the path of a file with credentials (NKey and JWT), User and Password are
	// those of a user, and Token is a token. At most one kind can be set.
	Credentials string
	User        string
	Password    core.Secret
	Token       core.Secret
	// CABundle is the path of a PEM file with certificate authorities to trust in addition to the
	// system's.
	CABundle string
	// TLS configures TLS, for example with a certificate of the client; nil needs none. CABundle
	// must be empty then.
	TLS *tls.Config
	// Envelope publishes an object with the stream, environment, tenant, id, version, time and data
	// of each record, instead of its data alone.
	Envelope bool
	// MaxPending is how many messages may wait for their acknowledgement; 0 means 256.
	MaxPending int
	// Timeout is the time limit for connecting, and for each acknowledgement; 0 means 30 s.
	Timeout time.Duration

	isOpen  bool
	wire    natswire.Config
	link    *natswire.Conn // nil if there is none
	pending []pending
	refused []core.RefusedRecord
}

// pending is a message that is not acknowledged.
type pending struct {
	record core.Record
	answer <-chan natswire.Answer
	since  time.Time
}

const (
	defaultSubject = "taegis.{stream}.{tenant}"
	defaultPending = 256
	defaultTimeout = 30 * time.Second
)

// Open checks the configuration. It does not connect. The sink has no positions.
func (s *Sink) Open(ctx context.Context, position string) error {
	if err := s.check(); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return sinkfault.Ended(ctx, s.name())
	case position != "":
		return sinkfault.Position(s.name())
	}
	s.forget()
	s.isOpen = true
	return nil
}

// Deliver publishes records, and waits for acknowledgements only if MaxPending messages have none.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	if !s.isOpen {
		return sinkfault.NotOpen("nats")
	}
	for i := range records {
		if err := s.publish(ctx, &records[i]); err != nil {
			s.forget()
			return err
		}
	}
	return s.takeRefused()
}

// Sync waits for all acknowledgements.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	if !s.isOpen {
		return "", sinkfault.NotOpen("nats")
	}
	for len(s.pending) > 0 {
		if err := s.settle(ctx); err != nil { // which writes what is left
			s.forget()
			return "", err
		}
	}
	return "", s.takeRefused()
}

// Close closes the connection.
func (s *Sink) Close() error {
	s.forget()
	s.isOpen = false
	return nil
}

func (s *Sink) publish(ctx context.Context, r *core.Record) error {
	if err := s.connect(ctx); err != nil {
		return err
	}
	for len(s.pending) >= cmp.Or(s.MaxPending, defaultPending) {
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	headers := []natswire.Header{{Name: "Nats-Msg-Id", Value: messageID(r)}}
	if s.Stream != "" {
		headers = append(headers, natswire.Header{Name: "Nats-Expected-Stream", Value: s.Stream})
	}
	answer, err := s.link.Publish(ctx, s.subject(r), headers, recordjson.Append(nil, r, s.Envelope))
	if errors.Is(err, natswire.ErrTooLarge) {
		s.refuse(*r, "it is larger than the server permits")
		return nil
	}
	if err != nil {
		return s.fault(ctx, err)
	}
	s.pending = append(s.pending, pending{*r, answer, time.Now()})
	return nil
}

// settle waits for the oldest acknowledgement.
func (s *Sink) settle(ctx context.Context) error {
	if err := s.link.Flush(ctx); err != nil {
		return s.fault(ctx, err)
	}
	oldest := s.pending[0]
	timer := time.NewTimer(time.Until(oldest.since.Add(s.timeout())))
	defer timer.Stop()
	var err error
	select {
	case answer := <-oldest.answer:
		err = acknowledged(answer)
	case err = <-s.link.Problems:
	case <-s.link.Done:
		err = errLost
	case <-timer.C:
		err = errUnacknowledged
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if answer, ok := errors.AsType[*streamError](err); ok && answer.ErrCode == messageTooLarge {
		s.refuse(oldest.record, "it is larger than the stream permits")
		err = nil
	}
	if err != nil {
		return s.fault(ctx, err)
	}
	s.pending = s.pending[1:]
	return nil
}

func (s *Sink) refuse(r core.Record, reason string) {
	s.refused = append(s.refused, core.RefusedRecord{Record: r, Reason: reason})
}

func (s *Sink) takeRefused() error {
	if s.refused == nil {
		return nil
	}
	refused := &core.RefusedError{Sink: s.name(), Records: s.refused}
	s.refused = nil
	return refused
}

// forget closes the connection, so that no late acknowledgement counts.
func (s *Sink) forget() {
	if s.link != nil {
		s.link.Close()
	}
	s.link, s.pending, s.refused = nil, nil, nil
}

// messageID returns an id that is equal for the same version of the same record.
func messageID(r *core.Record) string {
	sum := sha256.Sum256([]byte(r.Key()))
	return hex.EncodeToString(sum[:16])
}

// subject returns the subject of a record. What a token of a subject may not have becomes "_".
func (s *Sink) subject(r *core.Record) string {
	return strings.NewReplacer(
		"{stream}", subjectToken(r.Stream), "{environment}", subjectToken(r.Environment), "{tenant}", subjectToken(r.Tenant),
	).Replace(cmp.Or(s.Subject, defaultSubject))
}

func subjectToken(text string) string {
	return cmp.Or(strings.Map(func(c rune) rune {
		if c <= ' ' || c == 0x7f || strings.ContainsRune(".*>", c) {
			return '_'
		}
		return c
	}, text), "_")
}

func (s *Sink) timeout() time.Duration { return cmp.Or(s.Timeout, defaultTimeout) }
