// Package http is a sink of an export: batches of JSON lines (NDJSON), posted to a collector.
//
// It delivers at least once. A batch is repeated if its answer is lost, and if the collector
// answers with 400, 413 or 422, the sink halves the batch until it has found the records that the
// collector refuses, so that others may arrive twice. A collector can recognize a repeated record
// by its id.
package http

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/httpbatch"
	"github.com/taegis-go/taegis/internal/recordjson"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Sink posts records to a URL. It implements [ports.Sink] and [io.Closer]. A status of success
// means that the collector has stored the batch; 429, 5xx and lost connections are errors that
// pass; any other status is permanent, for example 401. Redirects are not followed, since they
// could lead the credentials elsewhere.
type Sink struct {
	// URL is the address of the collector.
	URL string
	// PlainHTTP permits a URL without TLS to another machine.
	PlainHTTP bool
	// Headers are sent with each request, for example "Authorization".
	Headers map[string]core.Secret
	// HeaderFunc returns more headers before each request, for example a token that changes. It
	// may be nil.
	HeaderFunc func(ctx context.Context) (map[string]core.Secret, error)
	// ContentType is the type of the bodies; empty means "application/x-ndjson".
	ContentType string
	// Gzip compresses the bodies.
	Gzip bool
	// Envelope sends an object with the stream, environment, tenant, id, version, time and data of
	// each record, instead of its data alone.
	Envelope bool
	// MaxRecords and MaxBytes limit a batch, before compression. 0 means 500 records and 1 MiB. A
	// larger record is sent alone.
	MaxRecords, MaxBytes int
	// Timeout is the time limit of each request; 0 means 30 s.
	Timeout time.Duration
	// Retry limits how often and how long a request is repeated before the sink returns an error.
	Retry core.RetryLimits
	// CABundle is the path of a PEM file with certificate authorities to trust in addition to the
	// system's.
	CABundle string
	// Client sends the requests; nil means one that uses the proxies of the environment.
	Client *http.Client

	poster *httpbatch.Poster // nil if the sink is not open
	batch  httpbatch.Batcher
}

// The limits of a batch if none are set.
const (
	defaultRecords = 500
	defaultBytes   = 1 << 20
)

// Open checks the configuration. It sends nothing. The sink has no positions.
func (s *Sink) Open(ctx context.Context, position string) error {
	poster, err := httpbatch.New(httpbatch.Config{
		Kind: "http", URL: s.URL, PlainHTTP: s.PlainHTTP, CABundle: s.CABundle, Client: s.Client, Timeout: s.Timeout,
		Retry: s.Retry, Gzip: s.Gzip, ContentType: cmp.Or(s.ContentType, "application/x-ndjson"),
		Headers: s.Headers, HeaderFunc: s.HeaderFunc,
	})
	switch {
	case err != nil:
		return err
	case s.MaxRecords < 0 || s.MaxBytes < 0:
		return sinkfault.Setting(poster.Sink, "MaxRecords or MaxBytes is negative", "use 0 for the default")
	case ctx.Err() != nil:
		return sinkfault.Ended(ctx, poster.Sink)
	case position != "":
		return sinkfault.Position(poster.Sink)
	}
	_ = s.Close() // has no error
	s.poster = poster
	s.batch = httpbatch.Batcher{
		Sink: poster.Sink, Post: s.post,
		MaxRecords: cmp.Or(s.MaxRecords, defaultRecords), MaxBytes: cmp.Or(s.MaxBytes, defaultBytes),
	}
	return nil
}

// Deliver collects records, and sends them as soon as a batch is full.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	if s.poster == nil {
		return sinkfault.NotOpen("http")
	}
	for _, r := range records {
		line := append(recordjson.Append(nil, &r, s.Envelope), '\n')
		if err := s.batch.Add(ctx, httpbatch.Item{Record: r, Body: line}); err != nil {
			s.batch.Reset()
			return err
		}
	}
	return s.batch.Refused()
}

// Sync sends what is left.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	if s.poster == nil {
		return "", sinkfault.NotOpen("http")
	}
	if err := s.batch.Flush(ctx); err != nil {
		s.batch.Reset()
		return "", err
	}
	return "", s.batch.Refused()
}

// Close closes the connections.
func (s *Sink) Close() error {
	if s.poster != nil {
		s.poster.Close()
	}
	s.poster = nil
	return nil
}

func (s *Sink) post(ctx context.Context, batch []httpbatch.Item) (httpbatch.Verdict, error) {
	var body bytes.Buffer
	for _, item := range batch {
		body.Write(item.Body)
	}
	answer, err := s.poster.Post(ctx, s.URL, body.Bytes(), nil)
	if err != nil || answer.OK() {
		return httpbatch.Verdict{}, err
	}
	return httpbatch.Verdict{Refused: true, Index: -1, Reason: s.poster.Reason(answer)}, nil
}
