//go:build linux

package week_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// metrics are what a process must not use ever more of.
type metrics struct {
	heap        uint64 // bytes that live after a collection
	resident    uint64 // bytes, as the system sees them
	goroutines  int
	descriptors int
	files       int // on the disk
}

// takeMetrics waits until there are no more goroutines and descriptors than most says, where it
// says so, because what has ended takes a moment to go.
func takeMetrics(t testing.TB, folder string, most *metrics) metrics {
	t.Helper()
	var v metrics
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		v.goroutines, v.descriptors = runtime.NumGoroutine(), entries(t, "/proc/self/fd")
		if most == nil || v.goroutines <= most.goroutines && v.descriptors <= most.descriptors || time.Now().After(deadline) {
			break
		}
	}
	debug.FreeOSMemory() // twice, since pools survive the first
	debug.FreeOSMemory()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	v.heap, v.resident, v.files = memory.HeapAlloc, resident(t), files(t, folder)
	return v
}

func entries(t testing.TB, dir string) int {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func files(t testing.TB, folder string) (count int) {
	t.Helper()
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			count++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

func resident(t testing.TB) (bytes uint64) {
	t.Helper()
	file, err := os.Open("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if n, _ := fmt.Sscanf(lines.Text(), "VmRSS: %d kB", &bytes); n == 1 {
			return bytes << 10
		}
	}
	t.Fatal("the system does not tell the memory")
	return 0
}

// wantFlat compares the metrics with earlier ones. Of a heap of half a megabyte in a short run, a
// tenth is the stacks and buffers of a few more connections.
func wantFlat(t testing.TB, before, now metrics) {
	t.Helper()
	if now.heap > before.heap*11/10+stress.Scale[uint64](256<<10, 0, 0) {
		t.Errorf("the heap grew from %d to %d bytes", before.heap, now.heap)
	}
	if now.descriptors > before.descriptors || now.goroutines > before.goroutines {
		var stacks bytes.Buffer
		_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1) // into memory
		t.Errorf("from %d descriptors to %d, from %d goroutines to %d:\n%s",
			before.descriptors, now.descriptors, before.goroutines, now.goroutines, stacks.String())
	}
}

func (v metrics) String() string {
	return fmt.Sprintf("heap %.2f MB, resident %.1f MB, %d goroutines, %d descriptors, %d files",
		float64(v.heap)/1e6, float64(v.resident)/1e6, v.goroutines, v.descriptors, v.files)
}
