package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/taegis-go/taegis/core"
)

// echo is whether the terminal shows what the user types.
type echo bool

const (
	shown  echo = true
	hidden echo = false
)

// turn holds one element while a question is asked, because a process has one terminal. It is a
// channel because waiting for a mutex cannot be cancelled.
var turn = make(chan struct{}, 1)

// ask asks for one line at the controlling terminal.
func ask(ctx context.Context, label string, e echo) (answer string, err error) {
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	d, err := openDevice()
	if err != nil {
		return "", fmt.Errorf("the terminal is not available: %w: %w", core.ErrCancelled, err)
	}
	defer d.close()
	q := &question{device: d, label: label, echo: e}
	return q.ask(ctx)
}

// question is one question being asked.
type question struct {
	*device
	label string
	echo  echo
}

func (q *question) ask(ctx context.Context) (answer string, err error) {
	before, err := q.modes()
	if err != nil {
		return "", fmt.Errorf("the terminal's modes: %w", err)
	}
	// Signals are caught before the modes change, so that none leaves the terminal without echo.
	ctx, stop := q.catchSignals(ctx)
	defer func() {
		stop()
		if err != nil && q.echo == hidden {
			q.discardInput() // half a secret must not reach the shell
		}
		if e := q.setModes(before); err == nil && e != nil {
			err = fmt.Errorf("restoring the terminal: %w", e)
		}
	}()
	if err := q.show(); err != nil {
		return "", err
	}
	answer, err = readLine(ctx, q.device)
	if err != nil || q.echo == hidden {
		_, _ = q.Write([]byte("\n")) // in place of the hidden Enter; the answer is valid without it
	}
	return answer, err
}

// show sets the modes and then prints the label, so that a fast answer is not echoed.
func (q *question) show() error {
	modes, err := q.modes()
	if err == nil {
		err = q.setModes(lineModes(modes, q.echo))
	}
	if err == nil {
		_, err = io.WriteString(q, q.label)
	}
	if err != nil {
		return fmt.Errorf("asking at the terminal: %w", err)
	}
	return nil
}

// catchSignals returns a context that a termination signal cancels with [core.ErrCancelled]. After
// the process was stopped and continued it shows the question again, because the shell has changed
// the modes. The returned function stops both.
func (q *question) catchSignals(ctx context.Context) (caught context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	ends, continues := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(ends, endSignals...)
	if len(continueSignals) > 0 { // without signals Notify would catch all
		signal.Notify(continues, continueSignals...)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case s := <-ends:
				cancel(fmt.Errorf("%w by %v", core.ErrCancelled, s))
				return
			case <-continues:
				_ = q.show() // if it fails, so does the read
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-done
		signal.Stop(ends)
		signal.Stop(continues)
	}
}

// readLine reads up to the next line break. The terminal returns one line at a time, so no input of
// the next line is lost.
func readLine(ctx context.Context, d *device) (string, error) {
	var line []byte
	chunk := make([]byte, 4096)
	for {
		n, err := d.read(ctx, chunk)
		line = append(line, chunk[:n]...)
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			return string(bytes.TrimSuffix(line[:i], []byte("\r"))), nil
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return "", context.Cause(ctx)
		case errors.Is(err, io.EOF):
			return "", fmt.Errorf("%w: end of input", core.ErrCancelled)
		default:
			return "", fmt.Errorf("%w: reading the terminal: %w", core.ErrCancelled, err)
		}
	}
}

// onDevice writes to the terminal.
func onDevice(text string) error {
	d, err := openDevice()
	if err != nil {
		return fmt.Errorf("the terminal is not available: %w", err)
	}
	defer d.close()
	_, err = io.WriteString(d, text)
	return err
}
