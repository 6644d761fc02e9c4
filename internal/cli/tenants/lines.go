package tenants

import (
	"bytes"
	"sync"
)

// longestLine is how much of a line is held back. What is longer is passed on in parts.
const longestLine = 1 << 20

// lines passes whole lines on, so that those of several programs do not mix.
type lines struct {
	mu    *sync.Mutex
	write func(text string) error

	rest   []byte // the beginning of a line
	failed error
}

// Write passes on the lines that p completes.
func (l *lines) Write(p []byte) (int, error) {
	if l.failed != nil {
		return 0, l.failed
	}
	l.rest = append(l.rest, p...)
	end := bytes.LastIndexByte(l.rest, '\n') + 1
	if end == 0 && len(l.rest) >= longestLine {
		end = len(l.rest)
	}
	if end > 0 {
		l.pass(string(l.rest[:end]))
		l.rest = append(l.rest[:0], l.rest[end:]...)
	}
	return len(p), l.failed
}

// close passes on a last line without its end, and ends it. It returns the error of writing.
func (l *lines) close() error {
	if len(l.rest) > 0 && l.failed == nil {
		l.pass(string(l.rest) + "\n")
		l.rest = nil
	}
	return l.failed
}

func (l *lines) pass(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = l.write(text)
}
