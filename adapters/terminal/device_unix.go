//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package terminal

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

var (
	endSignals      = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
	continueSignals = []os.Signal{syscall.SIGCONT}
)

var errBackground = errors.New("the process is a background job")

// device is the controlling terminal.
type device struct {
	*os.File
	deadlines bool // whether reads support a deadline
}

// openDevice opens the terminal with a descriptor of its own, so that changes to the descriptor do
// not affect others.
func openDevice() (*device, error) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	d := &device{File: f, deadlines: f.SetReadDeadline(time.Time{}) == nil}
	var foreground int
	err = d.control(func(fd int) (err error) {
		foreground, err = unix.IoctlGetInt(fd, unix.TIOCGPGRP)
		return err
	})
	if err == nil && foreground != unix.Getpgrp() {
		err = errBackground
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *device) close() { _ = d.Close() } // writes are not buffered, so no error is lost

// control runs f on the descriptor. Fd would make the descriptor blocking, and reads would then
// ignore their deadline.
func (d *device) control(f func(fd int) error) error {
	raw, err := d.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func (d *device) modes() (modes unix.Termios, err error) {
	err = d.control(func(fd int) error {
		t, err := unix.IoctlGetTermios(fd, getModes)
		if err == nil {
			modes = *t
		}
		return err
	})
	return modes, err
}

func (d *device) setModes(modes unix.Termios) error {
	return d.control(func(fd int) error { return unix.IoctlSetTermios(fd, setModes, &modes) })
}

// discardInput discards input that was typed and not read.
func (d *device) discardInput() {
	_ = d.control(discardInput) // there is no fallback
}

// lineModes returns modes with line editing, signals from keys, and the echo e.
func lineModes(modes unix.Termios, e echo) unix.Termios {
	modes.Lflag |= unix.ICANON | unix.ISIG
	modes.Iflag |= unix.ICRNL
	if e == shown {
		modes.Lflag |= unix.ECHO
	} else {
		modes.Lflag &^= unix.ECHO | unix.ECHONL
	}
	return modes
}

// read reads what the user types, until ctx ends.
func (d *device) read(ctx context.Context, p []byte) (int, error) {
	if !d.deadlines {
		if err := d.awaitInput(ctx); err != nil {
			return 0, err
		}
		return d.Read(p)
	}
	stop := context.AfterFunc(ctx, func() { _ = d.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	return d.Read(p)
}

// awaitInput waits until a read would not block. It serves systems on which deadlines do not work
// for terminals, for example macOS, because kqueue does not support them; select does.
func (d *device) awaitInput(ctx context.Context) error {
	for ctx.Err() == nil {
		ready := 0
		err := d.control(func(fd int) (err error) {
			if fd >= unix.FD_SETSIZE {
				ready = 1 // too large for select: the question cannot be cancelled
				return nil
			}
			var set unix.FdSet
			set.Set(fd)
			tenth := unix.NsecToTimeval(int64(100 * time.Millisecond))
			ready, err = unix.Select(fd+1, &set, nil, nil, &tenth)
			return err
		})
		if ready > 0 || err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
	return context.Cause(ctx)
}
