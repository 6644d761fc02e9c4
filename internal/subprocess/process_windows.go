package subprocess

import (
	"os"
	"os/exec"
	"syscall"
)

// Detach gives a program that is to be started no console.
func Detach(cmd *exec.Cmd) {
	const detachedProcess = 0x00000008 // DETACHED_PROCESS of CreateProcess
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: detachedProcess}
}

// Kill ends a program. What it has started goes on: Windows knows no groups of that kind.
func Kill(p *os.Process) { _ = p.Kill() }
