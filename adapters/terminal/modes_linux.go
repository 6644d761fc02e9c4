package terminal

import "golang.org/x/sys/unix"

// The requests that read and write a terminal's modes.
const (
	getModes = unix.TCGETS
	setModes = unix.TCSETS
)

func discardInput(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }
