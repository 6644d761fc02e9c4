package export_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// testClock is a clock that a test sets.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newTestClock() *testClock {
	return &testClock{now: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// emulated returns an emulator with a clock, and a client of its demo tenant.
func emulated(t *testing.T, clock *testClock, corpus emulator.Corpus, changes ...func(*emulator.Config)) (*emulator.Server, *taegis.Client) {
	t.Helper()
	server := taegistest.NewServer(t, append([]func(*emulator.Config){func(c *emulator.Config) {
		c.Corpus, c.TokenLifetime, c.Now = corpus, 1000*time.Hour, clock.Now
	}}, changes...)...)
	return server, clientOf(t, server, clock)
}

func clientOf(t *testing.T, server *emulator.Server, clock *testClock) *taegis.Client {
	t.Helper()
	client, err := taegis.New(
		taegis.WithEnvironments(server.Environment), taegis.WithEnvironment(server.Environment.Name),
		taegis.WithLookupEnv(func(string) (string, bool) { return "", false }),
		taegis.WithTokenStore(&tokenstore.Memory{}), taegis.WithClock(clock.Now),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// memorySink is a sink in memory. It can take records back unless it is blind.
type memorySink struct {
	blind bool
	fail  func(step string, records []core.Record) error

	mu       sync.Mutex
	records  []core.Record
	synced   int
	opened   int
	delivers int
}

func (s *memorySink) failing(step string, records []core.Record) error {
	if s.fail == nil {
		return nil
	}
	return s.fail(step, records)
}

func (s *memorySink) Open(_ context.Context, position string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	if err := s.failing("open", nil); err != nil {
		return err
	}
	if s.blind {
		return nil
	}
	n, err := strconv.Atoi("0" + position)
	if err != nil || n > len(s.records) {
		return fmt.Errorf("no position %q", position)
	}
	s.records, s.synced = s.records[:n], n
	return nil
}

func (s *memorySink) Deliver(_ context.Context, records []core.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivers++
	err := s.failing("deliver", records)
	if refused, ok := errors.AsType[*core.RefusedError](err); ok {
		for _, r := range records {
			if !slices.ContainsFunc(refused.Records, func(one core.RefusedRecord) bool { return one.Record.Key() == r.Key() }) {
				s.records = append(s.records, r)
			}
		}
		return err
	}
	if err != nil {
		s.records = append(s.records, records[:len(records)/2]...) // a part arrives
		return err
	}
	s.records = append(s.records, records...)
	return nil
}

func (s *memorySink) Sync(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failing("sync", nil); err != nil {
		return "", err
	}
	s.synced = len(s.records)
	if s.blind {
		return "", nil
	}
	return strconv.Itoa(s.synced), nil
}

// keys returns how often each record arrived, by its id, or by id and version.
func (s *memorySink) keys() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]int{}
	for _, r := range s.records {
		all[r.Tenant+"/"+r.ID+r.Version]++
	}
	return all
}

// truth returns the ids of all alerts of a tenant.
func truth(t *testing.T, client ports.Transport, tenant string) map[string]int {
	t.Helper()
	op, err := catalog.Operation("alerts.alertsServiceSearch")
	if err != nil {
		t.Fatal(err)
	}
	plan, _, err := catalog.Paging(op)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int{}
	args := map[string]any{"in": map[string]any{"cql_query": "FROM alert EARLIEST='2020-01-01T00:00:00Z'"}}
	for record, err := range paging.Raw(taegis.ContextWithTenant(t.Context(), tenant), client, plan, args) {
		if err != nil {
			t.Fatal(err)
		}
		all[tenant+"/"+rawjson.Member(record, "id")]++
	}
	return all
}

func newStream(t *testing.T, c export.StreamConfig) *export.Stream {
	t.Helper()
	stream, err := export.NewStream(c)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func openDir(t *testing.T, path string) *export.Dir {
	t.Helper()
	dir, err := export.OpenDir(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
