package plugins

import (
	"os"
	"syscall"
)

// detached gives a process no console.
func detached() *syscall.SysProcAttr {
	const detachedProcess = 0x00000008 // DETACHED_PROCESS of CreateProcess
	return &syscall.SysProcAttr{HideWindow: true, CreationFlags: detachedProcess}
}

func kill(p *os.Process) { _ = p.Kill() }
