package nats

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/taegis-go/taegis/internal/natswire"
)

// A bucket is a stream with one message for each key. The API is that of JetStream:
// https://docs.nats.io/reference/reference-protocols/nats_api_reference

// apiError is an error of JetStream.
type apiError struct {
	Code        int    `json:"code"`
	ErrCode     int    `json:"err_code"`
	Description string `json:"description"`
}

func (e *apiError) Error() string { return e.Description }

// The error codes of JetStream that are expected.
const (
	noMessage          = 10037
	noStream           = 10059
	streamInUse        = 10058 // with another configuration
	wrongSequence      = 10071
	wrongSequenceFixed = 10164 // without the right one
	duplicateInProcess = 10158 // of a message that is received and not yet stored
)

var (
	// errConflict is returned if an entry has another revision than the one to be replaced.
	errConflict  = errors.New("another exporter has changed the entry")
	errInProcess = errors.New("the server has not yet stored the message")
)

// isCode reports whether an error is one of JetStream with one of some codes.
func isCode(err error, codes ...int) bool {
	answer, ok := errors.AsType[*apiError](err)
	for _, code := range codes {
		if ok && answer.ErrCode == code {
			return true
		}
	}
	return false
}

// call sends a request of JetStream's API and decodes the answer.
func (s *Store) call(ctx context.Context, subject string, headers []natswire.Header, data []byte, out any) error {
	answer, err := s.link.request(ctx, subject, headers, data)
	if err != nil {
		return err
	}
	var failed struct {
		Error *apiError `json:"error"`
	}
	if answer.Status != "" && len(answer.Data) == 0 {
		return errNoBucket
	}
	if err := json.Unmarshal(answer.Data, &failed); err != nil {
		return fmt.Errorf("%w: %w", errNoBucket, err)
	}
	if failed.Error != nil {
		return failed.Error
	}
	return json.Unmarshal(answer.Data, out)
}

func (s *Store) stream() string { return "KV_" + s.Bucket }

func (s *Store) subject(key string) string { return "$KV." + s.Bucket + "." + key }

// information is what JetStream says of the stream.
type information struct {
	Time time.Time `json:"ts"`
}

func (s *Store) information(ctx context.Context) (i information, err error) {
	return i, s.call(ctx, "$JS.API.STREAM.INFO."+s.stream(), nil, nil, &i)
}

// create creates the bucket if it is missing.
func (s *Store) create(ctx context.Context) error {
	_, err := s.information(ctx)
	if !isCode(err, noStream) {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"name": s.stream(), "subjects": []string{s.subject(">")}, "description": "how far exports from Taegis came",
		"max_msgs_per_subject": 1, "max_msgs": -1, "max_bytes": -1, "max_msg_size": -1, "max_consumers": -1,
		"retention": "limits", "discard": "new", "storage": "file", "num_replicas": max(s.Replicas, 1),
		"duplicate_window": 2 * time.Minute, "allow_rollup_hdrs": true, "deny_delete": true, "allow_direct": true,
	})
	if err != nil {
		return err
	}
	var made struct{}
	if err := s.call(ctx, "$JS.API.STREAM.CREATE."+s.stream(), nil, config, &made); !isCode(err, streamInUse) {
		return err
	}
	return nil
}

// message is a message of the stream.
type message struct {
	Subject  string    `json:"subject"`
	Sequence uint64    `json:"seq"`
	Data     []byte    `json:"data"`
	Time     time.Time `json:"time"`
}

// find returns a message: the last one of a subject, or the next one from a sequence.
func (s *Store) find(ctx context.Context, query map[string]any) (m message, found bool, err error) {
	text, err := json.Marshal(query)
	if err != nil {
		return m, false, err
	}
	var out struct{ Message message }
	err = s.try(ctx, func(ctx context.Context) error {
		err := s.call(ctx, "$JS.API.STREAM.MSG.GET."+s.stream(), nil, text, &out)
		if found = err == nil; isCode(err, noMessage) {
			return nil
		}
		return err
	})
	return out.Message, found, err
}

// get returns an entry. During an election it can be an old version of it.
func (s *Store) get(ctx context.Context, key string) (entry, error) {
	m, found, err := s.find(ctx, map[string]any{"last_by_subj": s.subject(key)})
	if err != nil || !found {
		return entry{}, err
	}
	return entry{m.Data, m.Sequence, m.Time}, nil
}

// each calls use for each entry with a prefix, as they are one after the other.
func (s *Store) each(ctx context.Context, prefix string, use func(value []byte) error) error {
	for next := uint64(1); ; {
		m, found, err := s.find(ctx, map[string]any{"seq": next, "next_by_subj": s.subject(prefix + ">")})
		if err != nil || !found {
			return err
		}
		if err := use(m.Data); err != nil {
			return err
		}
		next = m.Sequence + 1
	}
}

// put replaces an entry of a revision, and returns the new one. It returns errConflict if the entry has
// another revision. A try without an answer is repeated with the same message id, by which the server
// recognizes it.
func (s *Store) put(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	id := rand.Text()
	var ack struct {
		Seq uint64 `json:"seq"`
	}
	err := s.try(ctx, func(ctx context.Context) error {
		err := s.call(ctx, s.subject(key), []natswire.Header{
			{Name: "Nats-Msg-Id", Value: id},
			{Name: "Nats-Expected-Last-Subject-Sequence", Value: strconv.FormatUint(revision, 10)},
		}, value, &ack)
		switch {
		case isCode(err, wrongSequence, wrongSequenceFixed):
			return errConflict
		case isCode(err, duplicateInProcess): // maybe for good: the revision alone decides then
			id = rand.Text()
			return errInProcess
		}
		return err
	})
	return ack.Seq, err
}
