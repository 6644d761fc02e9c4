// Package splunk is a sink of an export: the HTTP Event Collector (HEC) of Splunk.
//
// It delivers at least once. Without indexer acknowledgement an answer means that Splunk has
// received a batch; with it, Sync waits until Splunk has indexed all batches, so that a crash of
// Splunk loses nothing. If Splunk names an event that it refuses, the sink sends all others of the
// batch again, because Splunk does not say which of them it has taken.
package splunk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/httpbatch"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Sink sends records as events. It implements [ports.Sink] and [io.Closer]. Answers of a busy
// collector, 429 and 5xx, are errors that pass; others are permanent, for example a wrong token or
// index. Redirects are not followed, since they could lead the token elsewhere.
type Sink struct {
	// URL is the address of the collector, for example "https://splunk.example:8088". Its path may
	// be a prefix; "/services/collector/event" is appended if it is missing.
	URL string
	// PlainHTTP permits a URL without TLS to another machine.
	PlainHTTP bool
	// Token is the token of the HTTP Event Collector.
	Token core.Secret
	// Index, Source, SourceType and Host are those of each event. Splunk uses the settings of the
	// token for empty ones.
	Index, Source, SourceType, Host string
	// Envelope sends an object with the stream, environment, tenant, id, version, time and data of
	// each record as the event, instead of its data alone.
	Envelope bool
	// Acknowledge waits for indexer acknowledgement, which must be enabled for the token. Behind a
	// load balancer all requests must reach the same collector, for example by its cookies.
	Acknowledge bool
	// AckTimeout is how long Sync waits for acknowledgement; 0 means 2 minutes. AckInterval is the
	// first pause between two questions for it, which grows to ten times that; 0 means 1 s.
	AckTimeout, AckInterval time.Duration
	// Gzip compresses the bodies.
	Gzip bool
	// MaxRecords and MaxBytes limit a batch, before compression. 0 means 500 records and 1 MiB,
	// which Splunk Cloud recommends. A larger record is sent alone.
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
	acks    acks
}

const collectorPath = "/services/collector"

// Open checks the configuration. It sends nothing. The sink has no positions.
func (s *Sink) Open(ctx context.Context, position string) error {
	session, err := httpbatch.Open(ctx, httpbatch.Config{
		Kind: "splunk", URL: s.URL, PlainHTTP: s.PlainHTTP, CABundle: s.CABundle, Client: s.Client, Timeout: s.Timeout,
		Retry: s.Retry, Gzip: s.Gzip, MaxRecords: s.MaxRecords, MaxBytes: s.MaxBytes, ContentType: "application/json",
		Headers: map[string]core.Secret{"Authorization": core.NewSecret("Splunk " + s.Token.Reveal())},
	}, position, s.post)
	switch {
	case err != nil:
		return err
	case s.Token.IsZero():
		return sinkfault.Setting(session.Sink, "there is no token", "set Token to that of the HTTP Event Collector")
	case strings.ContainsAny(s.Token.Reveal(), " \t"):
		return sinkfault.Setting(session.Sink, "the token has spaces", `set Token without "Splunk" before it`)
	case s.AckTimeout < 0 || s.AckInterval < 0:
		return sinkfault.Setting(session.Sink, "AckTimeout or AckInterval is negative", "use 0 for the default")
	case session.URL().RawQuery != "":
		return sinkfault.Setting(session.Sink, "URL has a query", "remove ? and what follows")
	}
	_ = s.Close() // has no error
	s.session = session
	s.acks.reset()
	return nil
}

// Deliver collects records, and sends them as soon as a batch is full.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	if s.session == nil {
		return sinkfault.NotOpen("splunk")
	}
	return s.checked(s.session.Deliver(ctx, records, s.event))
}

// Sync sends what is left and, with indexer acknowledgement, waits for it.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	if s.session == nil {
		return "", sinkfault.NotOpen("splunk")
	}
	return "", s.checked(s.session.Sync(ctx, s.await))
}

// checked returns err. If it ends the delivery, acknowledgements that are outstanding do not count
// any more.
func (s *Sink) checked(err error) error {
	if _, refused := errors.AsType[*core.RefusedError](err); err != nil && !refused {
		s.acks.reset()
	}
	return err
}

// Close closes the connections.
func (s *Sink) Close() error {
	if s.session != nil {
		s.session.Close()
	}
	s.session = nil
	return nil
}

// path returns the path of the collector, with an end, for example "/event".
func (s *Sink) path(end string) string {
	prefix := strings.TrimRight(s.session.URL().Path, "/")
	prefix = strings.TrimSuffix(strings.TrimSuffix(prefix, "/event"), collectorPath)
	return prefix + collectorPath + end
}

func (s *Sink) post(ctx context.Context, batch []httpbatch.Item) (httpbatch.Verdict, error) {
	header := http.Header{}
	if s.Acknowledge {
		header.Set("X-Splunk-Request-Channel", s.acks.channel)
	}
	answer, err := s.session.Post(ctx, s.session.Address(s.path("/event"), url.Values{}), httpbatch.Join(batch, ""), header)
	if err != nil {
		return httpbatch.Verdict{}, err
	}
	return s.judge(answer)
}
