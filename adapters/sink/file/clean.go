package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/spf13/afero"
)

// cleaner runs at most one goroutine that compresses and removes closed files.
type cleaner struct {
	cancel context.CancelFunc // nil if there is no goroutine
	busy   chan struct{}      // closed when the goroutine ends
}

// stopWait is how long stop waits for a file that is almost done.
const stopWait = 300 * time.Millisecond

// stop ends the goroutine. What it has begun is left to the next run.
func (c *cleaner) stop() {
	if c.cancel == nil {
		return
	}
	timer := time.NewTimer(stopWait)
	defer timer.Stop()
	select {
	case <-c.busy:
	case <-timer.C:
	}
	c.cancel()
	<-c.busy
	c.cancel = nil
}

func (c *cleaner) isBusy() bool {
	if c.cancel == nil {
		return false
	}
	select {
	case <-c.busy:
		c.cancel()
		c.cancel = nil
		return false
	default:
		return true
	}
}

func (c *cleaner) start(run func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	busy := make(chan struct{})
	c.cancel, c.busy = cancel, busy
	go func() {
		defer close(busy)
		run(ctx)
	}()
}

// clean starts to compress and remove the closed files that the export needs no more. It does
// nothing while the last ones are still being compressed.
func (s *Sink) clean() {
	if s.Compression == Uncompressed && s.Keep <= 0 || s.cleaned >= s.stored.File || s.cleaner.isBusy() {
		return
	}
	before := s.stored.File
	s.cleaned = before
	s.cleaner.start(func(ctx context.Context) {
		if err := s.cleanFiles(ctx, before); err != nil && ctx.Err() == nil {
			s.logger().Warn("closed files of an export could not be compressed or removed", "file", s.Path, "error", err)
		}
	})
}

// cleanFiles compresses and removes closed files with a number below before.
func (s *Sink) cleanFiles(ctx context.Context, before int) error {
	closed, err := s.closedFiles()
	if err != nil {
		return err
	}
	var failed error
	for _, f := range closed {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case f.number >= before:
		case s.Keep > 0 && f.number < before-s.Keep:
			if err := s.disk().Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				failed = errors.Join(failed, err)
			}
		case f.suffix == "" && s.Compression != Uncompressed:
			failed = errors.Join(failed, s.compress(ctx, f))
		}
	}
	return failed
}

// compress replaces a closed file by a compressed one. If both exist, the file without compression
// counts.
func (s *Sink) compress(ctx context.Context, f closedFile) error {
	file, err := s.disk().Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was taken away
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	err = s.replace(f.path+s.Compression.suffix(), info.Mode(), func(packed afero.File) error {
		writer, err := compressor(packed, s.Compression)
		if err != nil {
			return err
		}
		_, err = io.Copy(writer, &endingReader{ctx, file})
		return errors.Join(err, writer.Close())
	})
	if err != nil {
		return fmt.Errorf("compressing %s: %w", f.path, err)
	}
	return s.disk().Remove(f.path)
}

// endingReader ends with its context.
type endingReader struct {
	ctx  context.Context
	file io.Reader
}

func (r *endingReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.file.Read(p)
}
