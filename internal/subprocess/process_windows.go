package subprocess

import (
	"os"
	"os/exec"
	"syscall"
)

// Detach starts a program without a console.
func Detach(cmd *exec.Cmd) {
	const detachedProcess = 0x00000008 // DETACHED_PROCESS of CreateProcess
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: detachedProcess}
}

// Kill ends a program. Its descendants continue, because Windows has no process groups of that
// kind.
func Kill(p *os.Process) { _ = p.Kill() }
