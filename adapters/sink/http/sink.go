// Package http is a sink of an export: batches of JSON lines (NDJSON), posted to a collector.
//
// It delivers at least once. A batch is repeated if its answer is lost, and if the collector
// answers with 400, 413 or 422, the sink halves the batch until it has found the records that the
// collector refuses, so that others may arrive twice. A collector can recognize a repeated record
// by its id.
package http

import (
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

	session *httpbatch.Session // nil if the sink is not open
}

// Open checks the configuration. It sends nothing. The sink has no positions.
func (s *Sink) Open(ctx context.Context, position string) error {
	session, err := httpbatch.Open(ctx, httpbatch.Config{
		Kind: "http", URL: s.URL, PlainHTTP: s.PlainHTTP, CABundle: s.CABundle, Client: s.Client, Timeout: s.Timeout,
		Retry: s.Retry, Gzip: s.Gzip, MaxRecords: s.MaxRecords, MaxBytes: s.MaxBytes,
		ContentType: cmp.Or(s.ContentType, "application/x-ndjson"), Headers: s.Headers, HeaderFunc: s.HeaderFunc,
	}, position, s.post)
	if err != nil {
		return err
	}
	_ = s.Close() // has no error
	s.session = session
	return nil
}

// Deliver collects records, and sends them as soon as a batch is full.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	if s.session == nil {
		return sinkfault.NotOpen("http")
	}
	return s.session.Deliver(ctx, records, func(r *core.Record) []byte {
		return append(recordjson.Append(nil, r, s.Envelope), '\n')
	})
}

// Sync sends what is left.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	if s.session == nil {
		return "", sinkfault.NotOpen("http")
	}
	return "", s.session.Sync(ctx, nil)
}

// Close closes the connections.
func (s *Sink) Close() error {
	if s.session != nil {
		s.session.Close()
	}
	s.session = nil
	return nil
}

func (s *Sink) post(ctx context.Context, batch []httpbatch.Item) (httpbatch.Verdict, error) {
	answer, err := s.session.Post(ctx, s.URL, httpbatch.Join(batch, ""), nil)
	if err != nil || answer.OK() {
		return httpbatch.Verdict{}, err
	}
	return httpbatch.Verdict{Refused: true, Index: -1, Reason: s.session.Reason(answer)}, nil
}
