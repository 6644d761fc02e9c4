package text

import (
	"io"
	"sync"
	"unicode/utf8"
)

// Writer escapes what is written through it, as [Lines] does. It may be used concurrently.
type Writer struct {
	to   io.Writer
	mu   sync.Mutex
	rest []byte // the beginning of an incomplete character
}

// NewWriter returns a writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{to: w} }

// Write writes p escaped, except an incomplete character at its end, which waits for the rest.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	whole := append(w.rest, p...)
	end := len(whole) - unfinished(whole)
	w.rest = append([]byte(nil), whole[end:]...)
	if end == 0 {
		return len(p), nil
	}
	if _, err := io.WriteString(w.to, Lines(string(whole[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close writes what waits for the rest of a character. It does not close the writer behind it.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	rest := w.rest
	w.rest = nil
	if len(rest) == 0 {
		return nil
	}
	_, err := io.WriteString(w.to, Lines(string(rest)))
	return err
}

// unfinished is how many bytes at the end of p begin a character that is not complete.
func unfinished(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if tail := p[len(p)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
