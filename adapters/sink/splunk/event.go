package splunk

import (
	"encoding/json"
	"fmt"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/httpbatch"
	"github.com/taegis-go/taegis/internal/recordjson"
)

// event returns a record as an event of the collector, with its time in seconds.
func (s *Sink) event(r *core.Record) []byte {
	event := []byte{'{'}
	if !r.Time.IsZero() {
		event = fmt.Appendf(event, `"time":%d.%03d,`, r.Time.Unix(), r.Time.Nanosecond()/1_000_000)
	}
	for _, field := range []struct{ name, value string }{
		{"host", s.Host}, {"source", s.Source}, {"sourcetype", s.SourceType}, {"index", s.Index},
	} {
		if field.value != "" {
			event = append(recordjson.Quote(append(event, `"`+field.name+`":`...), field.value), ',')
		}
	}
	event = recordjson.Append(append(event, `"event":`...), r, s.Envelope)
	return append(event, "}\n"...)
}

// response is an answer of the collector.
type response struct {
	Code    int    `json:"code"`
	AckID   *int64 `json:"ackId"`
	Invalid *int   `json:"invalid-event-number"`
}

// The codes of answers that are about the request. All others are about its events.
const (
	wrongIndex     = 7
	noChannel      = 10
	invalidChannel = 11
	noAcks         = 14
)

// judge says what an answer means for a batch.
func (s *Sink) judge(answer *httpbatch.Answer) (httpbatch.Verdict, error) {
	var r response
	err := json.Unmarshal(answer.Body, &r)
	if answer.OK() {
		return httpbatch.Verdict{}, s.taken(r, err)
	}
	hint := ""
	switch r.Code {
	case wrongIndex:
		hint = "set Index to an index that the token may write to"
	case noChannel, invalidChannel:
		hint = "set Acknowledge, because the token requires indexer acknowledgement"
	case noAcks:
		hint = "enable indexer acknowledgement for the token, or unset Acknowledge"
	}
	if hint != "" {
		return httpbatch.Verdict{}, s.session.Permanent(answer, hint)
	}
	refused := httpbatch.Verdict{Refused: true, Index: -1, Reason: s.session.Reason(answer)}
	if r.Invalid != nil {
		refused.Index = *r.Invalid
	}
	return refused, nil
}

// taken notes the acknowledgement that a batch will get. err is set if the answer is no JSON.
func (s *Sink) taken(r response, err error) error {
	switch {
	case err != nil:
		return s.session.Temporary("its answer is not that of an HTTP Event Collector", "check URL, and what stands between it and Splunk")
	case !s.Acknowledge:
		return nil
	case r.AckID == nil:
		return s.acksMissing()
	case s.acks.has(*r.AckID):
		return s.session.Temporary("it gave the same acknowledgement id twice, so it was restarted", "")
	}
	s.acks.waiting[*r.AckID] = true
	return nil
}
