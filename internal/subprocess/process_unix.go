//go:build unix

package subprocess

import (
	"os"
	"os/exec"
	"syscall"
)

// Detach gives a program that is about to start a session of its own: it has no terminal to read
// from, gets no signals from there, and heads a group that can be killed as one.
func Detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// Kill ends a detached program and all its descendants, except those that have left its group.
func Kill(p *os.Process) {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // a group that has gone needs nothing
	_ = p.Kill()
}
