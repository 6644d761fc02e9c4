//go:build unix

package audit

import "syscall"

// openFlags are further flags for opening a log file.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
