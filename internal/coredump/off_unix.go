//go:build unix

package coredump

import "syscall"

// Off lowers the limit of core files to nothing, for this process and those that it starts: they
// may raise it again. systemd-coredump and apport respect it, too, though the kernel hands them a
// core whatever the limit. The process stays one that its user can debug, unlike after
// PR_SET_DUMPABLE.
func Off() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &limit) // lowering is always allowed
	}
}
