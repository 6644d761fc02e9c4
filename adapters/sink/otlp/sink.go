// Package otlp is a sink of an export: log records of OpenTelemetry, over HTTP with the JSON
// encoding of OTLP 1.
//
// It delivers at least once. If the collector rejects records of a batch, it does not say which:
// the sink then halves the batch until it has found them, so that others arrive twice. The JSON
// encoding needs no library; collectors must support it, as they do since OTLP 1.0.
package otlp

import (
	"bytes"
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

	session *httpbatch.Session // nil if the sink is not open
	head    []byte             // of each body
}

const (
	logsPath = "/v1/logs"
	scope    = "github.com/taegis-go/taegis/adapters/sink/otlp"
)

// Open checks the configuration. It sends nothing. The sink has no positions.
func (s *Sink) Open(ctx context.Context, position string) error {
	session, err := httpbatch.Open(ctx, httpbatch.Config{
		Kind: "otlp", URL: s.URL, PlainHTTP: s.PlainHTTP, CABundle: s.CABundle, Client: s.Client, Timeout: s.Timeout,
		Retry: s.Retry, Gzip: s.Gzip, MaxRecords: s.MaxRecords, MaxBytes: s.MaxBytes,
		ContentType: "application/json", Headers: s.Headers, HeaderFunc: s.HeaderFunc,
	}, position, s.post)
	if err != nil {
		return err
	}
	_ = s.Close() // has no error
	s.session, s.head = session, s.begin()
	return nil
}

// Deliver collects records, and sends them as soon as a batch is full.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	if s.session == nil {
		return sinkfault.NotOpen("otlp")
	}
	return s.session.Deliver(ctx, records, logRecord)
}

// Sync sends what is left.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	if s.session == nil {
		return "", sinkfault.NotOpen("otlp")
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
	body := slices.Concat(s.head, httpbatch.Join(batch, ","), []byte(end))
	address := s.session.URL().String()
	if strings.Trim(s.session.URL().Path, "/") == "" {
		address = s.session.Address(logsPath, url.Values{})
	}
	answer, err := s.session.Post(ctx, address, body, nil)
	if err != nil {
		return httpbatch.Verdict{}, err
	}
	return s.judge(answer)
}

// judge says what an answer means for a batch.
func (s *Sink) judge(answer *httpbatch.Answer) (httpbatch.Verdict, error) {
	if !answer.OK() {
		return httpbatch.Verdict{Refused: true, Index: -1, Reason: s.session.Reason(answer)}, nil
	}
	var r struct {
		PartialSuccess struct {
			Rejected     json.RawMessage `json:"rejectedLogRecords"` // a number or, by the rules of protobuf, its text
			ErrorMessage string          `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	if len(bytes.TrimSpace(answer.Body)) > 0 && json.Unmarshal(answer.Body, &r) != nil {
		return httpbatch.Verdict{}, s.session.Temporary("its answer is not that of an OTLP collector", "check URL, and what stands in between")
	}
	rejected := strings.Trim(string(r.PartialSuccess.Rejected), `"`)
	if rejected == "" || rejected == "0" || rejected == "null" {
		return httpbatch.Verdict{}, nil // a message alone is a warning
	}
	reason := s.session.Message(&httpbatch.Answer{Body: []byte(r.PartialSuccess.ErrorMessage)})
	if reason == "" {
		reason = "rejected without a message"
	}
	return httpbatch.Verdict{Refused: true, Index: -1, Reason: reason}, nil
}
