package servers_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// footprint is what a process holds when nothing goes on.
type footprint struct {
	heap        uint64 // bytes that live after a collection
	goroutines  int
	descriptors int // 0 where the system does not tell
}

// takeFootprint waits until what has ended is gone, as far as it was in an earlier one.
func takeFootprint(t testing.TB, earlier footprint) footprint {
	t.Helper()
	var f footprint
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		list, _ := os.ReadDir("/dev/fd") // no list where there is none
		f.goroutines, f.descriptors = runtime.NumGoroutine(), len(list)
		if earlier == (footprint{}) || f.goroutines <= earlier.goroutines && f.descriptors <= earlier.descriptors || time.Now().After(deadline) {
			break
		}
	}
	runtime.GC() // twice, since pools survive the first
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	f.heap = memory.HeapAlloc
	return f
}

// wantLike compares with an earlier one. In a short run, buffers that are kept for reuse weigh more
// than a tenth.
func (f footprint) wantLike(t testing.TB, earlier footprint) {
	t.Helper()
	if f.heap > earlier.heap*11/10+stress.Scale[uint64](1<<20, 256<<10, 0) {
		t.Errorf("the heap grew from %d to %d bytes", earlier.heap, f.heap)
	}
	if f.goroutines > earlier.goroutines || f.descriptors > earlier.descriptors {
		t.Errorf("from %v to %v", earlier, f)
	}
}

func (f footprint) String() string {
	return fmt.Sprintf("%.2f MB, %d goroutines, %d descriptors", float64(f.heap)/1e6, f.goroutines, f.descriptors)
}
