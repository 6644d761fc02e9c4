package files

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/taegis-go/taegis/internal/redact"
)

// ContentError is returned if the content of an upload could not be read up to its size, for
// example because the file became shorter meanwhile. The host of the signed URL discards what has
// arrived.
type ContentError struct {
	Name string // the name of the file
	Read int64  // the bytes that could be read
	Size int64  // the bytes that were announced
	Err  error  // the cause, nil if the content ended
}

func (e *ContentError) Error() string {
	if e.Err == nil {
		return redact.Message(fmt.Sprintf("%s: the content has ended after %d of %d bytes", e.Name, e.Read, e.Size))
	}
	return redact.Message(fmt.Sprintf("%s: the content cannot be read after %d of %d bytes: %v", e.Name, e.Read, e.Size, e.Err))
}

// Unwrap returns the cause.
func (e *ContentError) Unwrap() error { return e.Err }

// content is what is uploaded.
type content struct {
	name string
	from io.ReaderAt
	size int64
}

// reading is the body of one request. A transport may read it after it has returned, so
// [reading.end] ends that.
type reading struct {
	of    *content
	alive func() // called at each read

	mu    sync.Mutex
	at    int64
	fault error // a *ContentError
	ended bool
}

var errEnded = errors.New("the request has ended")

// Read reads the next bytes of the content.
func (r *reading) Read(p []byte) (int, error) {
	r.alive()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ended:
		return 0, errEnded
	case r.fault != nil:
		return 0, r.fault
	case r.at == r.of.size:
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), r.of.size-r.at)]
	n, err := r.of.from.ReadAt(p, r.at)
	r.at += int64(n)
	if err != nil && n < len(p) {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		r.fault = &ContentError{Name: r.of.name, Read: r.at, Size: r.of.size, Err: err}
		return n, r.fault
	}
	return n, nil
}

// Close does nothing.
func (*reading) Close() error { return nil }

// end ends reading and returns the error of the content.
func (r *reading) end() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	return r.fault
}

// watchdog calls a function if nothing has happened for a time.
type watchdog struct {
	timer *time.Timer
	limit time.Duration
}

func newWatchdog(limit time.Duration, bite func()) *watchdog {
	return &watchdog{time.AfterFunc(limit, bite), limit}
}

func (w *watchdog) alive() { w.timer.Reset(w.limit) }
func (w *watchdog) stop()  { w.timer.Stop() }
