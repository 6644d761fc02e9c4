// Package webhook is a sink of an export: each record is a signed request of its own, in the form of
// the specification Standard Webhooks (https://www.standardwebhooks.com).
//
// It delivers at least once, in order. The header webhook-id is the same for all deliveries of a record,
// so that a receiver can recognize repetitions; it should check the signature and that
// webhook-timestamp is recent before it uses the body.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/httpbatch"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// shortestKey is the least number of bytes of a key.
const shortestKey = 16

// Sink posts each record to a URL. It implements [ports.Sink] and io.Closer. A status of success means
// that the receiver has the record; 400, 413 and 422 mean that it refuses the record for good; 429, 5xx
// and lost connections are errors that pass; any other status is permanent. Redirects are not followed.
type Sink struct {
	// URL is the address of the receiver.
	URL string
	// PlainHTTP permits a URL without TLS to another machine.
	PlainHTTP bool
	// Key signs the requests, by HMAC-SHA256. A key with the prefix "whsec_" is base64, as the
	// specification says; any other is used as it is. It has at least 16 bytes.
	Key core.Secret
	// Timeout is the time limit of each request; 0 means 30 s.
	Timeout time.Duration
	// Retry limits how often and how long a request is repeated before the sink returns an error.
	Retry core.RetryLimits
	// CABundle is the path of a PEM file with certificate authorities to trust in addition to the
	// system's.
	CABundle string
	// Client sends the requests; nil means one that uses the proxies of the environment.
	Client *http.Client
	// Now returns the time for the signatures. Nil means [time.Now].
	Now func() time.Time

	poster *httpbatch.Poster
	key    []byte
	batch  httpbatch.Batcher
}

// Open checks the configuration. It sends nothing. The sink has no positions.
func (s *Sink) Open(ctx context.Context, position string) error {
	poster, err := httpbatch.New(httpbatch.Config{
		Kind: "webhook", URL: s.URL, PlainHTTP: s.PlainHTTP, CABundle: s.CABundle, Client: s.Client, Timeout: s.Timeout,
		Retry: s.Retry, ContentType: "application/json",
	})
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return sinkfault.Ended(ctx, poster.Sink)
	case position != "":
		return sinkfault.Position(poster.Sink)
	}
	if s.key, err = decodeKey(s.Key); err != nil || len(s.key) < shortestKey {
		return sinkfault.Setting(poster.Sink, "the key is no key of at least 16 bytes", "create one with: openssl rand -hex 32")
	}
	_ = s.Close() // has no error
	s.poster = poster
	s.batch = httpbatch.Batcher{Sink: poster.Sink, Post: s.post, MaxRecords: 1, MaxBytes: 1}
	return nil
}

// decodeKey returns the bytes of a key.
func decodeKey(key core.Secret) ([]byte, error) {
	if encoded, found := strings.CutPrefix(key.Reveal(), "whsec_"); found {
		return base64.StdEncoding.DecodeString(encoded)
	}
	return []byte(key.Reveal()), nil
}

// Deliver posts records, one after the other.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	if s.poster == nil {
		return sinkfault.NotOpen("webhook")
	}
	for _, r := range records {
		if err := s.batch.Add(ctx, httpbatch.Item{Record: r, Body: r.Data}); err != nil {
			s.batch.Reset()
			return err
		}
	}
	if err := s.batch.Flush(ctx); err != nil {
		s.batch.Reset()
		return err
	}
	return s.batch.Refused()
}

// Sync returns at once, because Deliver waits for the answers.
func (s *Sink) Sync(context.Context) (string, error) {
	if s.poster == nil {
		return "", sinkfault.NotOpen("webhook")
	}
	return "", nil
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
	item := batch[0]
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	id, at := messageID(&item.Record), strconv.FormatInt(now().Unix(), 10)
	answer, err := s.poster.Post(ctx, s.URL, item.Body, http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {Signature(s.key, id, at, item.Body)},
	})
	if err != nil || answer.OK() {
		return httpbatch.Verdict{}, err
	}
	return httpbatch.Verdict{Refused: true, Index: 0, Reason: s.poster.Reason(answer)}, nil
}

// messageID returns the id of a record for the receiver.
func messageID(r *core.Record) string {
	sum := sha256.Sum256([]byte(r.Key()))
	return "msg_" + hex.EncodeToString(sum[:12])
}

// Signature returns the value of the header webhook-signature for a message, for a receiver that checks
// it by [hmac.Equal]. The key is in bytes, id and timestamp are the values of their headers.
func Signature(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
