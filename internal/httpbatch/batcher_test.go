package httpbatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/httpbatch"
)

// collector takes batches, and refuses those with a bad record.
type collector struct {
	bad     []string
	names   bool // it names the first bad record of a batch
	batches []string
	got     map[string]int
	err     error
}

func (c *collector) post(_ context.Context, batch []httpbatch.Item) (httpbatch.Verdict, error) {
	var ids []string
	for _, item := range batch {
		ids = append(ids, item.Record.ID)
	}
	c.batches = append(c.batches, strings.Join(ids, " "))
	if c.err != nil {
		return httpbatch.Verdict{}, c.err
	}
	at := slices.IndexFunc(ids, func(id string) bool { return slices.Contains(c.bad, id) })
	if at >= 0 {
		if !c.names {
			at = -1
		}
		return httpbatch.Verdict{Refused: true, Index: at, Reason: "bad"}, nil
	}
	for _, id := range ids {
		c.got[id]++
	}
	return httpbatch.Verdict{}, nil
}

func deliver(t *testing.T, b *httpbatch.Batcher, n int) error {
	t.Helper()
	for i := range n {
		item := httpbatch.Item{Record: core.Record{ID: fmt.Sprint(i)}, Body: []byte("12345")}
		if err := b.Add(t.Context(), item); err != nil {
			return err
		}
	}
	return b.Flush(t.Context())
}

func TestBatches(t *testing.T) {
	for name, test := range map[string]struct {
		records, bytes int
		want           []string
	}{
		"by records":                      {2, 1000, []string{"0 1", "2 3", "4"}},
		"by bytes":                        {100, 12, []string{"0 1", "2 3", "4"}},
		"by bytes that fit":               {100, 10, []string{"0 1", "2 3", "4"}},
		"records larger than the limit":   {100, 3, []string{"0", "1", "2", "3", "4"}},
		"everything in the last batch":    {100, 100, []string{"0 1 2 3 4"}},
		"the last batch is full, no more": {5, 100, []string{"0 1 2 3 4"}},
	} {
		c := &collector{got: map[string]int{}}
		b := &httpbatch.Batcher{MaxRecords: test.records, MaxBytes: test.bytes, Post: c.post}
		if err := errors.Join(deliver(t, b, 5), b.Refused()); err != nil || !slices.Equal(c.batches, test.want) {
			t.Errorf("%s: %q, %v, want %q", name, c.batches, err, test.want)
		}
	}
}

// Each bad record is found, and each other one arrives.
func TestRefusedRecordsAreFound(t *testing.T) {
	for name, bad := range map[string][]string{
		"none": nil, "first": {"0"}, "last": {"19"}, "neighbours": {"7", "8"}, "far apart": {"1", "10", "18"},
		"all": strings.Fields("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19"),
	} {
		for _, names := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, named %v", name, names), func(t *testing.T) {
				c := &collector{bad: bad, names: names, got: map[string]int{}}
				b := &httpbatch.Batcher{Sink: "http x", MaxRecords: 13, MaxBytes: 1000, Post: c.post}
				if err := deliver(t, b, 20); err != nil {
					t.Fatal(err)
				}
				var refused []string
				if list, ok := errors.AsType[*core.RefusedError](b.Refused()); ok {
					for _, r := range list.Records {
						refused = append(refused, r.Record.ID)
					}
				}
				if !slices.Equal(refused, bad) || len(c.got) != 20-len(bad) {
					t.Errorf("refused %q, %d arrived", refused, len(c.got))
				}
				if err := b.Refused(); err != nil {
					t.Errorf("reported twice: %v", err)
				}
			})
		}
	}
}

func TestAnErrorEndsTheDelivery(t *testing.T) {
	c := &collector{got: map[string]int{}, err: errors.New("down")}
	b := &httpbatch.Batcher{MaxRecords: 2, MaxBytes: 1000, Post: c.post}
	if err := deliver(t, b, 5); !errors.Is(err, c.err) || len(c.batches) != 1 {
		t.Errorf("%v, %q", err, c.batches)
	}
	b.Reset()
	c.err = nil
	if err := deliver(t, b, 1); err != nil || !slices.Equal(c.batches[1:], []string{"0"}) {
		t.Errorf("%v, %q", err, c.batches)
	}
}
