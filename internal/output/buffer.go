package output

import (
	"io"
	"sync"
	"time"
)

// bufferBytes is how much is collected before it is written.
const bufferBytes = 64 << 10

// flushAfter is how long output waits for more, so that a slow list is seen as it comes.
const flushAfter = 100 * time.Millisecond

// buffer collects output. It writes when it is full, when its content has waited, and on flush.
type buffer struct {
	to io.Writer

	mu      sync.Mutex
	data    []byte
	err     error // of an earlier write
	timer   *time.Timer
	waiting bool // the timer runs
	closed  bool
}

func newBuffer(to io.Writer) *buffer { return &buffer{to: to} }

// append calls add to append output. It returns the error of the last write.
func (b *buffer) append(add func(dst []byte) []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = add(b.data)
	if len(b.data) >= bufferBytes {
		return b.flushLocked()
	}
	if !b.waiting {
		b.waiting = true
		if b.timer == nil {
			b.timer = time.AfterFunc(flushAfter, b.expire)
		} else {
			b.timer.Reset(flushAfter)
		}
	}
	return b.err
}

// Write implements [io.Writer].
func (b *buffer) Write(p []byte) (int, error) {
	err := b.append(func(dst []byte) []byte { return append(dst, p...) })
	return len(p), err
}

// expire writes what has waited.
func (b *buffer) expire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = false
	if !b.closed {
		_ = b.flushLocked() // the next call returns it
	}
}

func (b *buffer) flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.flushLocked()
}

func (b *buffer) flushLocked() error {
	if b.err == nil && len(b.data) > 0 {
		_, b.err = b.to.Write(b.data)
	}
	b.data = b.data[:0]
	return b.err
}

// close stops the timer. The buffer is not flushed.
func (b *buffer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.timer != nil {
		b.timer.Stop()
	}
}
