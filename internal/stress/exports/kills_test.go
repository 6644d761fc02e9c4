//go:build unix

package exports_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/tenants4"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// source is an emulator with alerts of many tenants.
type source struct {
	order
	want map[string]bool // the ids of all alerts
}

// newSource returns a source with about as many alerts as are given, one in ten of which was stored
// late.
func newSource(t *testing.T, alerts, tenants int) source {
	t.Helper()
	server := taegistest.NewServer(t, func(c *emulator.Config) {
		c.Corpus = emulator.Corpus{
			Tenants: tenants, Alerts: alerts, Span: 20 * 24 * time.Hour, Burst: 3, Late: time.Hour,
			Start: time.Now().Add(-2 * time.Hour), // so that all of them have arrived
		}
		c.TokenLifetime = 24 * time.Hour
	})
	s := source{order: order{URL: server.URL, Since: time.Now().Add(-30 * 24 * time.Hour)}, want: map[string]bool{}}
	client, err := clientOf(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for tenant, err := range tenants4.New(client).TenantsAll(t.Context(), tenants4.TenantsArgs{}) {
		if err != nil {
			t.Fatal(err)
		}
		if tenant.ID != emulator.DemoTenant { // whose searches find those of all others
			s.Tenants = append(s.Tenants, tenant.ID)
			s.find(t, client, tenant.ID)
		}
	}
	return s
}

// find adds the ids of a tenant's alerts.
func (s *source) find(t *testing.T, client *taegis.Client, tenant string) {
	t.Helper()
	op, err := catalog.Operation("alerts.alertsServiceSearch")
	if err != nil {
		t.Fatal(err)
	}
	plan, _, err := catalog.Paging(op)
	if err != nil {
		t.Fatal(err)
	}
	ctx := taegis.ContextWithTenant(context.Background(), tenant)
	args := map[string]any{"in": map[string]any{"cql_query": "FROM alert EARLIEST=-31d"}}
	for record, err := range paging.Raw(ctx, client, plan, args) {
		if err != nil {
			t.Fatal(err)
		}
		s.want[rawjson.Member(record, "id")] = true
	}
}

// TestFileOfKilledExports kills exporters at each of their first steps and at random, until one ends
// by itself. The file then has each alert once.
func TestFileOfKilledExports(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	s := newSource(t, stress.Scale(10_000, 1_000_000, 1_000_000), stress.Scale(20, 100, 100))
	seed := stress.Seed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	s.Dir = t.TempDir()
	kills := 0
	steps := map[string]int{}
	for attempt := 1; ; attempt++ {
		step, after := 0, time.Duration(0)
		switch limit := stress.Scale(25, 100, 300); {
		case attempt <= limit*2/3:
			step = 1 + (attempt-1)%15
		case attempt <= limit:
			after = time.Duration(100+r.IntN(900)) * time.Millisecond
		}
		ended := runExporter(t, s.order, step, after)
		if !ended.killed && ended.errorMessage != "" {
			t.Fatalf("attempt %d: %s", attempt, ended.errorMessage)
		}
		if ended.killed {
			kills++
			steps[ended.lastStep]++
			continue
		}
		if step == 0 && after == 0 {
			break
		}
	}
	got := map[string]int{}
	readLines(t, s.Dir, func(line []byte) { got[rawjson.Member(line, "id")]++ })
	lost, twice := 0, 0
	for id := range s.want {
		if got[id] == 0 {
			lost++
		}
	}
	for id, n := range got {
		if n > 1 || !s.want[id] {
			twice++
		}
	}
	if lost > 0 || twice > 0 || kills == 0 {
		t.Errorf("of %d alerts %d are lost and %d came twice, after %d kills", len(s.want), lost, twice, kills)
	}
	stress.Report(t, stress.Crash, "an export to a file is killed at each step and at random",
		"each record once", "%d alerts, %d kills (%v), %d lost, %d twice", len(s.want), kills, steps, lost, twice)
}

// readLines reads all files of a sink, also the compressed ones.
func readLines(t *testing.T, dir string, use func([]byte)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "alerts.jsonl*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, ".lock") || strings.HasSuffix(path, ".start") {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var r io.Reader = f
		if strings.HasSuffix(path, ".gz") {
			if r, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<22)
		for lines.Scan() {
			if !json.Valid(lines.Bytes()) {
				t.Fatalf("%s has a line that is not JSON", path)
			}
			use(lines.Bytes())
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
}
