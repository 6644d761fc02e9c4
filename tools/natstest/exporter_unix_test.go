//go:build unix

package natstest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	lease "github.com/taegis-go/taegis/adapters/lease/nats"
	sink "github.com/taegis-go/taegis/adapters/sink/http"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
)

// order is what an exporter has to do.
type order struct {
	Name, NATS, Server, Folder, Bucket string
	Tenants, Replicas, Parallel        int
	Follow                             bool
	Lease                              time.Duration
}

const orderVariable = "NATSTEST_EXPORT"

// exportAll exports the audit events of all tenants.
func exportAll(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	stream, err := export.NewStream(export.StreamConfig{Kind: export.Audits})
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	store := &lease.Store{URL: o.NATS, Bucket: cmp.Or(o.Bucket, "shared"), Name: o.Name, Replicas: o.Replicas, Lease: o.Lease, Logger: logger}
	if err := store.Open(context.Background()); err != nil {
		return err
	}
	c := export.Config{
		Store: store, Sink: &sink.Sink{URL: o.Server + "/collect", Envelope: true}, Follow: o.Follow, Logger: logger,
		DeadLetters: o.Folder + "/" + o.Name, Parallel: o.Parallel,
	}
	if o.Follow {
		c.Lag, c.Overlap, c.Interval = time.Second, time.Minute, time.Second
	}
	for i := range o.Tenants {
		c.Feeds = append(c.Feeds, export.Feed{
			Stream: stream, Environment: "test", Tenant: fmt.Sprint(i), Transport: &remote{o.Server},
			Since: time.Now().Add(-30 * 24 * time.Hour),
		})
	}
	summary, err := export.Run(context.Background(), c)
	fmt.Fprintf(os.Stderr, "%s: %+v\n", o.Name, summary)
	return errors.Join(err, store.Close())
}

// remote is a transport that asks the source.
type remote struct{ url string }

func (r *remote) Execute(ctx context.Context, req *core.Request, out any) error {
	body, err := json.Marshal(req.Args)
	if err != nil {
		return err
	}
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/"+req.Tenant, bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return err
	}
	if req.OnResponse != nil {
		req.OnResponse(core.Response{Status: answer.StatusCode, Date: date})
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, out)
}

func (r *remote) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) { yield(nil, errors.ErrUnsupported) }
}

// audit is an audit event.
type audit struct {
	ID   string    `json:"id"`
	Time time.Time `json:"timestamp"`
}

// source is a server with audit events, and the collector to which they are exported.
type source struct {
	*httptest.Server
	takes time.Duration // for an answer

	mu     sync.Mutex
	audits map[string][]audit // by tenant
	total  int
	got    map[string]int // by tenant and id
	change chan struct{}  // closed when something arrives
}

func newSource(t *testing.T, takes time.Duration) *source {
	s := &source{takes: takes, audits: map[string][]audit{}, got: map[string]int{}, change: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /collect", s.collect)
	mux.HandleFunc("POST /{tenant}", s.search)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *source) insert(tenant int, age time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total++
	key := fmt.Sprint(tenant)
	s.audits[key] = append(s.audits[key], audit{fmt.Sprint("audit", s.total), time.Now().Add(-age).UTC()})
}

func (s *source) search(w http.ResponseWriter, r *http.Request) {
	var args struct {
		In struct {
			After, Before time.Time
			Offset, Limit int
		} `json:"auditSearchInput"`
	}
	if err := json.NewDecoder(r.Body).Decode(&args); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.takes > 0 {
		time.Sleep(s.takes)
	}
	s.mu.Lock()
	found := slices.DeleteFunc(slices.Clone(s.audits[r.PathValue("tenant")]), func(a audit) bool {
		return a.Time.Before(args.In.After) || a.Time.After(args.In.Before)
	})
	s.mu.Unlock()
	slices.SortFunc(found, func(a, b audit) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	total := len(found)
	found = found[min(args.In.Offset, total):]
	found = found[:min(args.In.Limit, len(found))]
	_ = json.NewEncoder(w).Encode(map[string]any{"audits": found, "totalResults": total, "relation": "eq"})
}

func (s *source) collect(w http.ResponseWriter, r *http.Request) {
	lines := json.NewDecoder(r.Body)
	var keys []string
	for {
		var line struct{ Tenant, ID string }
		if err := lines.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return // the exporter was killed
		}
		keys = append(keys, line.Tenant+"/"+line.ID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		s.got[key]++
	}
	close(s.change)
	s.change = make(chan struct{})
	w.WriteHeader(http.StatusNoContent)
}

// counts returns how many records did not arrive, and how many came again.
func (s *source) counts() (lost, again int, change chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost = s.total - len(s.got)
	for _, n := range s.got {
		again += n - 1
	}
	return lost, again, s.change
}

// exporter is an exporter in another process.
type exporter struct {
	order

	mu    sync.Mutex
	cmd   *exec.Cmd
	said  strings.Builder
	ended chan error
}

func (e *exporter) start(t *testing.T) {
	t.Helper()
	text, err := json.Marshal(e.order)
	if err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cmd = exec.Command(os.Args[0])
	e.cmd.Env = append(os.Environ(), orderVariable+"="+string(text))
	e.cmd.Stderr = &e.said
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd, ended := e.cmd, make(chan error, 1)
	e.ended = ended
	go func() { ended <- cmd.Wait() }()
}

func (e *exporter) kill() {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = e.cmd.Process.Signal(syscall.SIGKILL)
	<-e.ended
	e.ended <- nil
}
