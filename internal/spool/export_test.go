package spool

import (
	"os"
	"strings"
)

// SetStep sets what is called before and after each step of a job.
func SetStep(f func(name string)) { step = f }

// SetWrite sets what writes to the copies of inputs. It returns a function that sets it back.
func SetWrite(f func(*os.File, []byte) (int, error)) (back func()) {
	was := write
	write = f
	return func() { write = was }
}

// Split is split, with the parts as texts.
func Split(text string, size int64) ([]string, error) {
	spans, err := split(strings.NewReader(text), int64(len(text)), size)
	parts := make([]string, len(spans))
	for i, s := range spans {
		parts[i] = text[s.offset : s.offset+s.size]
	}
	return parts, err
}
