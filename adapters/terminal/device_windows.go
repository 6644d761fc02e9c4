package terminal

import (
	"context"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	endSignals      = []os.Signal{os.Interrupt}
	continueSignals []os.Signal
)

// device is the console, keyboard and screen, independent of the standard streams.
type device struct{ in, out *os.File }

func openDevice() (*device, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		_ = in.Close() // it was not used
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
	_, _ = d.in.Close(), d.out.Close() // writes are not buffered, so no error is lost
}

func (d *device) Write(p []byte) (int, error) { return d.out.Write(p) }

// acceptColours enables the escape sequences of a QR code; older consoles print them as text.
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

// discardInput discards input that was typed and not read.
func (d *device) discardInput() {
	_ = windows.FlushConsoleInputBuffer(windows.Handle(d.in.Fd())) // there is no fallback
}

// lineModes returns mode with line editing, Ctrl-C as an interrupt, and the echo e.
func lineModes(mode uint32, e echo) uint32 {
	mode |= windows.ENABLE_LINE_INPUT | windows.ENABLE_PROCESSED_INPUT | windows.ENABLE_ECHO_INPUT
	if e == hidden {
		mode &^= windows.ENABLE_ECHO_INPUT
	}
	return mode
}

// read reads what the user types, until ctx ends. A console read cannot be cancelled, and closing
// the console waits for it. read therefore types an Enter and discards the rest: half a line, or
// the Enter if the read had ended before.
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
		if d.pressEnter() == nil { // otherwise the user has to press it
			<-done
			d.discardInput()
		}
		return 0, context.Cause(ctx)
	}
}

var writeConsoleInput = windows.NewLazySystemDLL("kernel32.dll").NewProc("WriteConsoleInputW")

// pressEnter types an Enter in place of the user.
func (d *device) pressEnter() error {
	enter := struct { // an INPUT_RECORD that holds a KEY_EVENT_RECORD
		eventType       uint16
		_               uint16
		keyDown         int32
		repeatCount     uint16
		virtualKeyCode  uint16
		virtualScanCode uint16
		char            uint16
		controlKeyState uint32
	}{eventType: windows.KEY_EVENT, keyDown: 1, repeatCount: 1, virtualKeyCode: windows.VK_RETURN, char: '\r'}
	var written uint32
	ok, _, err := writeConsoleInput.Call(d.in.Fd(), uintptr(unsafe.Pointer(&enter)), 1, uintptr(unsafe.Pointer(&written)))
	if ok == 0 {
		return err
	}
	return nil
}
