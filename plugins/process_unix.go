//go:build unix

package plugins

import (
	"os"
	"syscall"
)

// detached gives a process a session of its own: it has no terminal to read from, gets no
// signals from there, and heads a group that can be killed as one.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func kill(p *os.Process) {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // a group that has gone needs nothing
	_ = p.Kill()
}
