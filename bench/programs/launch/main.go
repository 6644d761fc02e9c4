//go:build unix

// Launch runs a program and prints how many nanoseconds it took and how many bytes of memory it had
// at most. It does nothing else, and so stays small: what the kernel tells of a child is never less
// than what its parent had when it forked.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

func main() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	took := time.Since(start)
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" {
		peak *= 1024 // the others count in KiB
	}
	fmt.Println(took.Nanoseconds(), peak)
}
