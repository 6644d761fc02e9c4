package httpbatch

import (
	"bytes"
	"cmp"
	"context"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Session is an open sink that posts batches. It has no positions.
type Session struct {
	*Poster
	batch Batcher
}

// The limits of a batch if none are set.
const (
	defaultRecords = 500
	defaultBytes   = 1 << 20
)

// Open checks a configuration and the position of an export. It sends nothing. Batches are sent by
// post.
func Open(
	ctx context.Context, c Config, position string, post func(ctx context.Context, batch []Item) (Verdict, error),
) (*Session, error) {
	poster, err := New(c)
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, sinkfault.Ended(ctx, poster.Sink)
	case position != "":
		return nil, sinkfault.Position(poster.Sink)
	}
	return &Session{poster, Batcher{
		Sink: poster.Sink, Post: post,
		MaxRecords: cmp.Or(c.MaxRecords, defaultRecords), MaxBytes: cmp.Or(c.MaxBytes, defaultBytes),
	}}, nil
}

// Deliver collects records in the form that encode returns, and sends full batches. After an error
// that is not a [*core.RefusedError], nothing is left to be sent.
func (s *Session) Deliver(ctx context.Context, records []core.Record, encode func(*core.Record) []byte) error {
	for _, r := range records {
		if err := s.batch.Add(ctx, Item{Record: r, Body: encode(&r)}); err != nil {
			s.batch.Reset()
			return err
		}
	}
	return s.batch.Refused()
}

// Sync sends what is left, and calls confirm, which may be nil, if that succeeds. Its errors are
// those of Deliver.
func (s *Session) Sync(ctx context.Context, confirm func(context.Context) error) error {
	err := s.batch.Flush(ctx)
	if err == nil && confirm != nil {
		err = confirm(ctx)
	}
	if err != nil {
		s.batch.Reset()
		return err
	}
	return s.batch.Refused()
}

// Join returns the bodies of a batch with a separator between them.
func Join(batch []Item, separator string) []byte {
	var body bytes.Buffer
	for i, item := range batch {
		if i > 0 {
			body.WriteString(separator)
		}
		body.Write(item.Body)
	}
	return body.Bytes()
}
