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

// echo says whether what is typed is shown.
type echo bool

const (
	shown  echo = true
	hidden echo = false
)

// turn is held by the question being asked: there is one terminal a process. It is a channel
// because waiting for a mutex cannot be cancelled.
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
		return "", fmt.Errorf("the terminal is gone: %w: %w", core.ErrCancelled, err)
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
	// Signals are caught before the modes change, so that none leaves the terminal mute.
	ctx, ignore := q.heedSignals(ctx)
	defer func() {
		ignore()
		if err != nil && q.echo == hidden {
			q.discardInput() // half a secret must not come up in the shell
		}
		if e := q.setModes(before); err == nil && e != nil {
			err = fmt.Errorf("restoring the terminal: %w", e)
		}
	}()
	if err := q.pose(); err != nil {
		return "", err
	}
	answer, err = readLine(ctx, q.device)
	if err != nil || q.echo == hidden {
		_, _ = q.Write([]byte("\n")) // the Enter that was not shown; the answer counts without it
	}
	return answer, err
}

// pose prints the label, once the modes are right: a fast answer would be shown otherwise.
func (q *question) pose() error {
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

// heedSignals returns a context that a signal to end cancels with [core.ErrCancelled]. A process
// that is stopped and continued poses its question anew, since the shell has changed the modes.
// After ignore the question is not posed any more.
func (q *question) heedSignals(ctx context.Context) (heeding context.Context, ignore func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	ends, continues := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(ends, endSignals...)
	if len(continueSignals) > 0 { // Notify takes none to mean all
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
				_ = q.pose() // reading will fail where this did
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

// readLine reads up to the next line break. The terminal hands out one line at a time, so
// nothing of the next one is lost.
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

// onDevice writes to the terminal itself.
func onDevice(text string) error {
	d, err := openDevice()
	if err != nil {
		return fmt.Errorf("the terminal is gone: %w", err)
	}
	defer d.close()
	_, err = io.WriteString(d, text)
	return err
}
