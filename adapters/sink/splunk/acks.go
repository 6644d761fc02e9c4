package splunk

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/taegis-go/taegis/internal/pause"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// acks are the acknowledgements that the collector still owes, on one channel.
type acks struct {
	channel string // a UUID
	waiting map[int64]bool
}

// reset begins another channel, so that no answer is taken for one about earlier batches.
func (a *acks) reset() {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	a.channel = fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	a.waiting = map[int64]bool{}
}

func (a *acks) has(id int64) bool { return a.waiting[id] }

const (
	defaultAckTimeout  = 2 * time.Minute
	defaultAckInterval = time.Second
)

// await asks for acknowledgements until all have arrived.
func (s *Sink) await(ctx context.Context) error {
	limit := cmp.Or(s.AckTimeout, defaultAckTimeout)
	first := cmp.Or(s.AckInterval, defaultAckInterval)
	deadline := time.Now().Add(limit)
	for wait := first; len(s.acks.waiting) > 0; wait = min(2*wait, 10*first) {
		if err := s.ask(ctx); err != nil || len(s.acks.waiting) == 0 {
			return err
		}
		if time.Now().Add(wait).After(deadline) {
			return s.session.Temporary(
				fmt.Sprintf("it did not acknowledge %d batches within %v", len(s.acks.waiting), limit),
				"check the load of the indexers and, behind a load balancer, that all requests reach one collector; or raise AckTimeout",
			)
		}
		if pause.For(ctx, wait) != nil {
			return sinkfault.Ended(ctx, s.session.Sink)
		}
	}
	return nil
}

// ask asks once. The collector forgets an acknowledgement that it has reported.
func (s *Sink) ask(ctx context.Context) error {
	question, err := json.Marshal(map[string][]int64{"acks": slices.Sorted(maps.Keys(s.acks.waiting))})
	if err != nil {
		return err
	}
	header := http.Header{"X-Splunk-Request-Channel": {s.acks.channel}}
	address := s.session.Address(s.path("/ack"), url.Values{"channel": {s.acks.channel}})
	answer, err := s.session.Post(ctx, address, question, header)
	if err != nil {
		return err
	}
	var r struct {
		Acks map[string]bool `json:"acks"`
	}
	if !answer.OK() {
		return s.session.Permanent(answer, "enable indexer acknowledgement for the token, or unset Acknowledge")
	}
	if json.Unmarshal(answer.Body, &r) != nil {
		return s.session.Temporary("its answer is not that of an HTTP Event Collector", "check URL, and what stands between it and Splunk")
	}
	for text, indexed := range r.Acks {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && indexed {
			delete(s.acks.waiting, id)
		}
	}
	return nil
}

func (s *Sink) acksMissing() error {
	return sinkfault.Setting(s.session.Sink, "its answer has no acknowledgement id",
		"enable indexer acknowledgement for the token, or unset Acknowledge")
}
