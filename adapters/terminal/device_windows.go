package terminal

import (
	"context"
	"os"

	"golang.org/x/sys/windows"
)

var (
	endSignals      = []os.Signal{os.Interrupt}
	continueSignals []os.Signal
)

// device is the console: keyboard and screen, whatever the standard streams are.
type device struct{ in, out *os.File }

func openDevice() (*device, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		_ = in.Close() // nothing was done with it
		return nil, err
	}
	d := &device{in, out}
	if _, err := d.modes(); err != nil {
		d.close()
		return nil, err
	}
	d.acceptColours()
	return d, nil
}

func (d *device) close() {
	_, _ = d.in.Close(), d.out.Close() // everything has been written without a buffer
}

func (d *device) Write(p []byte) (int, error) { return d.out.Write(p) }

// acceptColours makes the screen understand the colours of a QR code; older consoles show the
// sequences as they are.
func (d *device) acceptColours() {
	var mode uint32
	screen := windows.Handle(d.out.Fd())
	if windows.GetConsoleMode(screen, &mode) == nil {
		_ = windows.SetConsoleMode(screen, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
	}
}

func (d *device) modes() (mode uint32, err error) {
	err = windows.GetConsoleMode(windows.Handle(d.in.Fd()), &mode)
	return mode, err
}

func (d *device) setModes(mode uint32) error {
	return windows.SetConsoleMode(windows.Handle(d.in.Fd()), mode)
}

// discardInput forgets what was typed and not read.
func (d *device) discardInput() {
	_ = windows.FlushConsoleInputBuffer(windows.Handle(d.in.Fd())) // where that fails nothing else can be done
}

// lineModes returns mode with line editing, Ctrl-C as an interrupt, and echo as e says.
func lineModes(mode uint32, e echo) uint32 {
	mode |= windows.ENABLE_LINE_INPUT | windows.ENABLE_PROCESSED_INPUT | windows.ENABLE_ECHO_INPUT
	if e == hidden {
		mode &^= windows.ENABLE_ECHO_INPUT
	}
	return mode
}

// read reads what was typed, until ctx ends. A console read cannot be cancelled: one that is
// given up ends with the next Enter.
func (d *device) read(ctx context.Context, p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	typed, done := make([]byte, len(p)), make(chan result, 1)
	go func() {
		n, err := d.in.Read(typed)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return copy(p, typed[:r.n]), r.err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}
