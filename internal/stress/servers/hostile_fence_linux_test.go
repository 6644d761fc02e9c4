//go:build linux && !race

package servers_test

import (
	"fmt"
	"os"
	"syscall"
)

// runtimeOwn is what the run time maps for its arenas and the stacks of threads, used or not.
const runtimeOwn = 512 << 20

// fence lets the process map so many bytes beyond what it has mapped already; 0 means no fence.
func fence(more int64) error {
	if more == 0 {
		return nil
	}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return err
	}
	var pages int64
	if _, err := fmt.Sscan(string(text), &pages); err != nil {
		return err
	}
	most := uint64(pages*int64(os.Getpagesize()) + runtimeOwn + more)
	return syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most})
}
