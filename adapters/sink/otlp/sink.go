// Package otlp is a sink of an export: log records of OpenTelemetry, over HTTP with the JSON
// encoding of OTLP 1.
//
// It delivers at least once. If the collector rejects records of a batch, it does not say which:
// the sink then halves the batch until it has found them, so that others arrive twice. The JSON
// encoding needs no library; collectors must support it, as they do since OTLP 1.0.
package otlp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/httpbatch"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Sink posts records as log records. It implements [ports.Sink] and [io.Closer]. The body of a log
// record is the data of the record as text. Its attributes are taegis.stream, taegis.environment,
// taegis.tenant, taegis.id and taegis.version. Answers with 429 or 5xx are errors that pass; others
// are permanent. Redirects are not followed, since they could lead the credentials elsewhere.
type Sink struct {
	// URL is the address of the collector, for example "https://collector.example:4318". If it has
	// no path, the path is "/v1/logs".
	URL string
	// PlainHTTP permits a URL without TLS to another machine.
	PlainHTTP bool
	// Headers are sent with each request, for example "Authorization".
	Headers map[string]core.Secret
	// HeaderFunc returns more headers before each request, for example a token that changes. It
	// may be nil.
	HeaderFunc func(ctx context.Context) (map[string]core.Secret, error)
	// Resource has the attributes of the resource in addition to service.name, which is "taegis"
	// unless it is given here.
	Resource map[string]string
	// Gzip compresses the bodies.
	Gzip bool
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
	head   []byte // of each body
}

const (
	logsPath       = "/v1/logs"
	defaultRecords = 500
	defaultBytes   = 1 << 20
	scope          = "github.com/taegis-go/taegis/adapters/sink/otlp"
)

// Open checks the configuration. It sends nothing. The sink has no positions.
func (s *Sink) Open(ctx context.Context, position string) error {
	poster, err := httpbatch.New(httpbatch.Config{
		Kind: "otlp", URL: s.URL, PlainHTTP: s.PlainHTTP, CABundle: s.CABundle, Client: s.Client, Timeout: s.Timeout,
		Retry: s.Retry, Gzip: s.Gzip, ContentType: "application/json", Headers: s.Headers, HeaderFunc: s.HeaderFunc,
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
	s.poster, s.head = poster, s.begin()
	s.batch = httpbatch.Batcher{
		Sink: poster.Sink, Post: s.post,
		MaxRecords: cmp.Or(s.MaxRecords, defaultRecords), MaxBytes: cmp.Or(s.MaxBytes, defaultBytes),
	}
	return nil
}

// Deliver collects records, and sends them as soon as a batch is full.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	if s.poster == nil {
		return sinkfault.NotOpen("otlp")
	}
	for _, r := range records {
		if err := s.batch.Add(ctx, httpbatch.Item{Record: r, Body: logRecord(&r)}); err != nil {
			s.batch.Reset()
			return err
		}
	}
	return s.batch.Refused()
}

// Sync sends what is left.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	if s.poster == nil {
		return "", sinkfault.NotOpen("otlp")
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

// begin returns what stands before the log records of a request.
func (s *Sink) begin() []byte {
	resource := map[string]string{"service.name": "taegis"}
	maps.Copy(resource, s.Resource)
	head := []byte(`{"resourceLogs":[{"resource":{"attributes":[`)
	for i, name := range slices.Sorted(maps.Keys(resource)) {
		if i > 0 {
			head = append(head, ',')
		}
		head = attribute(head, name, resource[name])
	}
	return fmt.Appendf(head, `]},"scopeLogs":[{"scope":{"name":%q},"logRecords":[`, scope)
}

const end = `]}]}]}`

func (s *Sink) post(ctx context.Context, batch []httpbatch.Item) (httpbatch.Verdict, error) {
	var body bytes.Buffer
	body.Write(s.head)
	for i, item := range batch {
		if i > 0 {
			body.WriteByte(',')
		}
		body.Write(item.Body)
	}
	body.WriteString(end)
	address := s.poster.URL().String()
	if strings.Trim(s.poster.URL().Path, "/") == "" {
		address = s.poster.Address(logsPath, url.Values{})
	}
	answer, err := s.poster.Post(ctx, address, body.Bytes(), nil)
	if err != nil {
		return httpbatch.Verdict{}, err
	}
	return s.judge(answer)
}

// judge says what an answer means for a batch.
func (s *Sink) judge(answer *httpbatch.Answer) (httpbatch.Verdict, error) {
	if !answer.OK() {
		return httpbatch.Verdict{Refused: true, Index: -1, Reason: s.poster.Reason(answer)}, nil
	}
	var r struct {
		PartialSuccess struct {
			Rejected     json.RawMessage `json:"rejectedLogRecords"` // a number or, by the rules of protobuf, its text
			ErrorMessage string          `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	if len(bytes.TrimSpace(answer.Body)) > 0 && json.Unmarshal(answer.Body, &r) != nil {
		return httpbatch.Verdict{}, s.poster.Temporary("its answer is not that of an OTLP collector", "check URL, and what stands in between")
	}
	rejected := strings.Trim(string(r.PartialSuccess.Rejected), `"`)
	if rejected == "" || rejected == "0" || rejected == "null" {
		return httpbatch.Verdict{}, nil // a message alone is a warning
	}
	reason := s.poster.Message(&httpbatch.Answer{Body: []byte(r.PartialSuccess.ErrorMessage)})
	if reason == "" {
		reason = "rejected without a message"
	}
	return httpbatch.Verdict{Refused: true, Index: -1, Reason: reason}, nil
}
