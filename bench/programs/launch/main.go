//go:build unix

// Launch runs a program and prints its duration in nanoseconds and its peak memory in bytes. It is
// small, because the peak that the kernel reports for a child includes the parent's memory at the
// fork.
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
