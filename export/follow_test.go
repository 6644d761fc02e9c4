package export_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
)

// follow starts an export of the audit events of a server, which ends with the returned function.
func follow(t *testing.T, server *auditServer, c export.Config) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	c.Follow = true
	c.Feeds = []export.Feed{{
		Stream: newStream(t, export.StreamConfig{Kind: export.Audits}), Environment: "fake", Tenant: "1",
		Transport: server, Since: time.Now().Add(server.ahead),
	}}
	ended := make(chan error, 1)
	go func() {
		_, err := export.Run(ctx, c)
		ended <- err
	}()
	return func() error {
		cancel(errStopped)
		return <-ended
	}
}

var errStopped = errors.New("stopped")

// jumpingClock is a local clock that is set forward and back once in a while.
type jumpingClock struct {
	calls atomic.Int64
	jump  time.Duration
}

func (c *jumpingClock) Now() time.Time {
	now := time.Now().Round(0) // without the monotonic clock
	if c.calls.Add(1)/7%2 == 1 {
		return now.Add(c.jump)
	}
	return now
}

// TestFollow exports for two days while records arrive up to lag and overlap after their time. The local
// clock is wrong, or jumps.
func TestFollow(t *testing.T) {
	for _, c := range []struct{ ahead, jump time.Duration }{
		{0, 0}, {3 * time.Hour, 0}, {-3 * time.Hour, 0}, {0, 20 * time.Minute}, {time.Hour, -20 * time.Minute},
	} {
		t.Run(fmt.Sprintf("ahead %v, jumps of %v", c.ahead, c.jump), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, sink, r := &auditServer{ahead: c.ahead}, &memorySink{}, rand.New(rand.NewPCG(1, uint64(c.ahead)))
				clock := &jumpingClock{jump: c.jump}
				dir := openDir(t, t.TempDir())
				defer dir.Close()
				metrics := &export.Metrics{}
				stop := follow(t, server, export.Config{Sink: sink, Store: dir, Metrics: metrics, Now: clock.Now})
				want := map[string]int{}
				for i := range 400 {
					id := fmt.Sprint("audit", i)
					late := time.Duration(0)
					if i%10 == 0 {
						late = rand.N(65 * time.Minute)
					}
					at := server.now().Add(-min(late, time.Duration(i)*time.Second))
					server.insert(id, at)
					want["1/"+id] = 1
					time.Sleep(time.Duration(r.IntN(840)) * time.Second)
				}
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				if h := metrics.Health(); !h.OK || len(h.Feeds) != 1 || h.Feeds[0].Behind > 400+2*c.jump.Abs().Seconds() {
					t.Errorf("%+v", h)
				}
				if err := stop(); !errors.Is(err, errStopped) {
					t.Errorf("ended with %v", err)
				}
				onceEach(t, want, sink.keys())
			})
		})
	}
}

// TestSinkThatComesBack has a sink that cannot be reached for a while.
func TestSinkThatComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, sink := &auditServer{}, &memorySink{}
		var down atomic.Bool
		down.Store(true)
		var waits []time.Time
		sink.fail = func(step string, _ []core.Record) error {
			if !down.Load() || step == "open" {
				return nil
			}
			waits = append(waits, time.Now())
			return &core.SinkError{Sink: "memory", Reason: "it is down", RetryAfter: 30 * time.Second}
		}
		dir := openDir(t, t.TempDir())
		defer dir.Close()
		metrics := &export.Metrics{}
		stop := follow(t, server, export.Config{Sink: sink, Store: dir, Metrics: metrics})
		for i := range 10 {
			server.insert(fmt.Sprint(i), time.Now())
		}
		time.Sleep(time.Hour)
		if h := metrics.Health(); h.OK || !strings.Contains(h.Sink, "it is down") {
			t.Errorf("%+v", h)
		}
		synctest.Wait()
		if len(waits) < 10 || len(waits) > 120 || waits[1].Sub(waits[0]) < 30*time.Second {
			t.Errorf("%d attempts in an hour", len(waits))
		}
		down.Store(false)
		time.Sleep(time.Hour)
		if h := metrics.Health(); !h.OK {
			t.Errorf("%+v", h)
		}
		_ = stop()
		if len(sink.keys()) != 10 || len(sink.records) != 10 {
			t.Errorf("%d records", len(sink.records))
		}
	})
}

// TestSinkThatIsWrong has a sink that fails for good, or longer than a run waits for it.
func TestSinkThatIsWrong(t *testing.T) {
	for name, fault := range map[string]error{
		"permanent": &core.SinkError{Sink: "memory", Reason: "the token is wrong", HintText: "set another one", Permanent: true},
		"unknown":   errors.New("something else"),
		"too long":  &core.SinkError{Sink: "memory", Reason: "it is down"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, sink := &auditServer{}, &memorySink{}
				sink.fail = func(step string, _ []core.Record) error {
					if step == "deliver" {
						return fault
					}
					return nil
				}
				dir := openDir(t, t.TempDir())
				defer dir.Close()
				server.insert("one", time.Now().Add(-time.Hour))
				began := time.Now()
				_, err := export.Run(t.Context(), export.Config{Sink: sink, Store: dir, Feeds: []export.Feed{{
					Stream: newStream(t, export.StreamConfig{Kind: export.Audits}), Environment: "fake", Transport: server,
				}}})
				took := time.Since(began)
				if !errors.Is(err, fault) || name == "too long" && took < 4*time.Minute || name != "too long" && took > time.Second {
					t.Errorf("after %v: %v", took, err)
				}
				for _, p := range dir.Feeds() { // what came before the record is committed
					if p.Records != 0 || p.Through.After(began.Add(-time.Hour)) {
						t.Errorf("committed: %+v", p)
					}
				}
			})
		})
	}
}

// TestFeedThatComesBack has a server that fails for some hours.
func TestFeedThatComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, sink := &auditServer{}, &memorySink{}
		until := time.Now().Add(5 * time.Hour)
		server.fail = func() error {
			if time.Now().Before(until) {
				return &core.ResponseError{Operation: "searchAudits", Status: 503, Evidence: core.EvidenceUnknown}
			}
			return nil
		}
		dir := openDir(t, t.TempDir())
		defer dir.Close()
		metrics := &export.Metrics{}
		stop := follow(t, server, export.Config{Sink: sink, Store: dir, Metrics: metrics})
		server.insert("one", time.Now())
		time.Sleep(4 * time.Hour)
		if h := metrics.Health(); h.OK || h.Feeds[0].Error == "" || server.asked() > 60 {
			t.Errorf("%d requests, %+v", server.asked(), h)
		}
		time.Sleep(2 * time.Hour)
		if h := metrics.Health(); !h.OK {
			t.Errorf("%+v", h)
		}
		_ = stop()
		if len(sink.records) != 1 {
			t.Errorf("%d records", len(sink.records))
		}
	})
}

// TestStop ends an export while its sink is busy: within a second, with everything committed that was
// delivered.
func TestStop(t *testing.T) {
	for _, busy := range []time.Duration{300 * time.Millisecond, time.Hour} {
		t.Run(busy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, sink := &auditServer{}, &slowSink{busy: busy}
				server.insert("one", time.Now())
				dir := openDir(t, t.TempDir())
				defer dir.Close()
				stop := follow(t, server, export.Config{Sink: sink, Store: dir, Lag: -1})
				time.Sleep(61*time.Second + 100*time.Millisecond)
				began := time.Now()
				_ = stop()
				if took := time.Since(began); took > time.Second {
					t.Errorf("ended after %v", took)
				}
				committed := int64(0)
				for _, p := range dir.Feeds() {
					committed = p.Records
				}
				if committed != int64(len(sink.records)) {
					t.Errorf("%d committed, %d delivered", committed, len(sink.records))
				}
			})
		})
	}
}

// slowSink takes a time for each delivery.
type slowSink struct {
	memorySink
	busy time.Duration
}

func (s *slowSink) Deliver(ctx context.Context, records []core.Record) error {
	select {
	case <-time.After(s.busy):
		return s.memorySink.Deliver(ctx, records)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// elsewhere is a transport to a platform that has none of the operations.
type elsewhere struct {
	*auditServer
	calls int
}

func (e *elsewhere) Execute(_ context.Context, req *core.Request, _ any) error {
	e.calls++
	return &core.PlatformError{Operation: req.Operation.Name, Environment: "fusion", Other: core.PlatformFusion}
}

// TestFeedOfAnotherPlatform ends in place of trying again what never works.
func TestFeedOfAnotherPlatform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &elsewhere{auditServer: &auditServer{}}
		dir := openDir(t, t.TempDir())
		defer dir.Close()
		_, err := export.Run(t.Context(), export.Config{
			Sink: &memorySink{}, Store: dir, Follow: true,
			Feeds: []export.Feed{{
				Stream: newStream(t, export.StreamConfig{Kind: export.Audits}), Environment: "fusion", Tenant: "1",
				Transport: server, Since: time.Now(),
			}},
		})
		wrong, ok := errors.AsType[*core.PlatformError](err)
		feed, named := errors.AsType[*export.FeedError](err)
		if !ok || !named || wrong.Other != core.PlatformFusion || server.calls != 1 {
			t.Errorf("%v, feed %+v, %d calls", err, feed, server.calls)
		}
	})
}
