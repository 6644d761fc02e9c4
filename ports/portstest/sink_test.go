package portstest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

// store is a destination in memory, which refuses records with a text.
type store struct {
	data    []json.RawMessage
	refused string
}

// listSink appends to a store. If it is exact, its position is the number of records.
type listSink struct {
	store  *store
	exact  bool
	synced int
}

func (s *listSink) Open(ctx context.Context, position string) error {
	if ctx.Err() != nil {
		return s.fault("the context has ended", context.Cause(ctx))
	}
	n, err := strconv.Atoi(strings.TrimPrefix(position, "after "))
	switch {
	case position == "":
		n = 0
	case err != nil, !s.exact, n > len(s.store.data), position != after(n):
		return s.fault("unknown position", err)
	}
	if s.exact {
		s.store.data, s.synced = s.store.data[:n], n
	}
	return nil
}

func (s *listSink) fault(reason string, err error) error {
	return &core.SinkError{Sink: "list", Reason: reason, HintText: "begin another export", Permanent: true, Err: err}
}

func (s *listSink) Deliver(ctx context.Context, records []core.Record) error {
	if ctx.Err() != nil {
		if s.exact {
			s.store.data = s.store.data[:s.synced]
		}
		return s.fault("the context has ended", context.Cause(ctx))
	}
	refused := &core.RefusedError{Sink: "list"}
	for _, r := range records {
		if s.store.refused != "" && strings.Contains(string(r.Data), s.store.refused) {
			refused.Records = append(refused.Records, core.RefusedRecord{Record: r, Reason: "poison"})
			continue
		}
		s.store.data = append(s.store.data, r.Data)
	}
	if refused.Records != nil {
		return refused
	}
	return nil
}

func (s *listSink) Sync(context.Context) (string, error) {
	if !s.exact {
		return "", nil
	}
	s.synced = len(s.store.data)
	return after(s.synced), nil
}

func after(n int) string { return fmt.Sprintf("after %d", n) }

func TestASinkInMemoryKeepsTheContract(t *testing.T) {
	for _, exact := range []bool{false, true} {
		t.Run(fmt.Sprintf("exact %v", exact), func(t *testing.T) {
			portstest.Sink(t, func(*testing.T) portstest.Destination {
				kept := &store{}
				return portstest.Destination{
					Exact:    exact,
					Sink:     func() ports.Sink { return &listSink{store: kept, exact: exact} },
					Received: func(func([]json.RawMessage) bool) []json.RawMessage { return kept.data },
					Refuse:   func(text string) { kept.refused = text },
				}
			})
		})
	}
}
