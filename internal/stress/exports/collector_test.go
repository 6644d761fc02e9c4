//go:build unix

package exports_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/internal/stress"
)

// collector is an HTTP sink that misbehaves.
type collector struct {
	mu     sync.Mutex
	r      *rand.Rand
	got    map[string]int
	faults map[string]int
	calm   bool // no more faults, except refusals
}

// refuses reports whether the collector refuses a record for good.
func refuses(id string) bool { return strings.HasSuffix(id, "00") }

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var ids []string
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<22)
	refused := false
	for lines.Scan() {
		id := rawjson.Member(lines.Bytes(), "id")
		ids = append(ids, id)
		refused = refused || refuses(id)
	}
	if lines.Err() != nil {
		return // the exporter was killed
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	store := func() {
		for _, id := range ids {
			c.got[id]++
		}
	}
	fault := ""
	if !c.calm {
		fault = []string{"", "", "", "", "500", "503", "lost answer", "cut answer"}[c.r.IntN(8)]
	}
	if fault != "" {
		c.faults[fault]++
	}
	switch {
	case fault == "500":
		http.Error(w, "no", http.StatusInternalServerError)
	case fault == "503":
		w.Header().Set("Retry-After", "1")
		http.Error(w, "busy", http.StatusServiceUnavailable)
	case refused:
		c.faults["refused"]++
		http.Error(w, "a record is not accepted", http.StatusBadRequest)
	case fault == "lost answer":
		store()
		panic(http.ErrAbortHandler)
	case fault == "cut answer":
		store()
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("ok"))
		panic(http.ErrAbortHandler)
	default:
		store()
	}
}

// TestCollectorOfKilledExports exports to a collector that answers with errors, loses answers and
// refuses records, and kills the exporter. Each alert arrives, or is in the dead-letter file.
func TestCollectorOfKilledExports(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	s := newSource(t, stress.Scale(3000, 300_000, 300_000), stress.Scale(10, 100, 100))
	seed := stress.Seed(t)
	r := rand.New(rand.NewPCG(seed, 1))
	c := &collector{r: rand.New(rand.NewPCG(seed, 2)), got: map[string]int{}, faults: map[string]int{}}
	server := httptest.NewServer(c)
	defer server.Close()
	s.Dir, s.Collector = t.TempDir(), server.URL
	kills := 0
	for attempt := 1; ; attempt++ {
		after := time.Duration(0)
		if limit := stress.Scale(8, 60, 200); attempt <= limit {
			after = time.Duration(300+r.IntN(2500)) * time.Millisecond
		} else {
			c.mu.Lock()
			c.calm = true
			c.mu.Unlock()
		}
		ended := runExporter(t, s.order, 0, after)
		if ended.killed {
			kills++
			continue
		}
		if ended.errorMessage != "" {
			t.Fatalf("attempt %d: %s", attempt, ended.errorMessage)
		}
		if after == 0 {
			break
		}
	}
	dead := deadLetters(t, s.Dir)
	lost, duplicates, wrong := 0, 0, 0
	for id := range s.want {
		if c.got[id] == 0 && dead[id] == 0 {
			lost++
		}
		if refuses(id) != (dead[id] > 0) {
			wrong++
		}
	}
	for _, n := range c.got {
		duplicates += n - 1
	}
	if lost > 0 || wrong > 0 || kills == 0 {
		t.Errorf("of %d alerts %d are lost and %d in the wrong place, after %d kills and the faults %v", len(s.want), lost, wrong, kills, c.faults)
	}
	stress.Report(t, stress.Crash, "an export to a collector that fails, loses answers and refuses records is killed",
		"each record arrives, or is a dead letter", "%d alerts, %d kills, faults %v, %d lost, %d duplicates, %d dead letters",
		len(s.want), kills, c.faults, lost, duplicates, len(dead))
}

// deadLetters returns how often each record is in the dead-letter file.
func deadLetters(t *testing.T, dir string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "dead.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	dead := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if id := rawjson.Member([]byte(line), "id"); id != "" && strings.HasSuffix(line, "}\n") {
			dead[id]++
		}
	}
	return dead
}

// TestMemoryOfExports exports ten times as many records: the memory stays the same.
func TestMemoryOfExports(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	var peaks []string
	var least, most int
	for _, alerts := range []int{stress.Scale(1000, 10_000, 10_000), stress.Scale(10_000, 1_000_000, 1_000_000)} {
		s := newSource(t, alerts, stress.Scale(20, 100, 100))
		s.Dir = t.TempDir()
		ended := runExporter(t, s.order, 0, 0)
		if ended.errorMessage != "" || ended.records != len(s.want) {
			t.Fatalf("%d of %d records: %s", ended.records, len(s.want), ended.errorMessage)
		}
		peaks = append(peaks, fmt.Sprintf("%d MB for %d", ended.memory>>10, ended.records))
		if least == 0 {
			least = ended.memory
		}
		most = ended.memory
	}
	if most > 3*least { // the figure is the promise; the test leaves room for a busy machine
		t.Errorf("memory grows: %v", peaks)
	}
	stress.Report(t, stress.Leaks, "the peak memory of an export of many records", "at most 1.2 times that of few", "%v", peaks)
}
