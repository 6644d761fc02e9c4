package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// takeLock keeps other processes away from the files.
func (s *Sink) takeLock() error {
	if _, isReal := s.disk().(*afero.OsFs); !isReal {
		return nil
	}
	lock, err := filelock.Try(s.Path+lockSuffix, 0o600)
	if errors.Is(err, filelock.ErrNone) {
		return nil // the file system has no locks
	}
	if err != nil {
		return s.fault(err)
	}
	s.lock = lock
	return nil
}

func (s *Sink) unlock() {
	if s.lock != nil {
		_ = s.lock.Unlock() // the end of the process does it too
	}
	s.lock = nil
}

// start opens the files at the position of an export, or begins an export.
func (s *Sink) start(text string) error {
	if err := s.sweep(); err != nil {
		return s.fault(err)
	}
	if text == "" {
		return s.begin()
	}
	at, err := parsePosition(text)
	if err != nil {
		return sinkfault.Position(s.name())
	}
	if err := s.cutBack(at); err != nil {
		return err
	}
	s.synced, s.stored, s.isFresh = at, at, s.exists(s.Path+startSuffix)
	s.settle()
	return nil
}

// begin starts an export. If an earlier run of it was interrupted, it cuts back what that has
// written.
func (s *Sink) begin() error {
	at, err := s.interrupted(), errOther
	if at != nil {
		err = s.cutBack(at)
	}
	if errors.Is(err, errOther) { // the files are others since then: leave them as they are
		at, err = s.mark()
	}
	if err != nil {
		return s.fault(err)
	}
	s.synced, s.stored, s.isFresh = at, at, true
	return nil
}

// mark marks the end of the files as the beginning of an export, and opens the current one there.
func (s *Sink) mark() (*position, error) {
	at, err := s.end()
	if err == nil {
		err = atomicfile.File(s.disk(), s.Path+startSuffix, []byte(at.String()), nil)
	}
	if err == nil {
		err = s.cutBack(at)
	}
	return at, err
}

// interrupted returns the position at which an export began that has not stored one since, nil if
// there is none.
func (s *Sink) interrupted() *position {
	text, err := afero.ReadFile(s.disk(), s.Path+startSuffix)
	if err != nil {
		return nil
	}
	at, err := parsePosition(string(text))
	if err != nil {
		return nil
	}
	return at
}

// end returns the position at the end of the files.
func (s *Sink) end() (*position, error) {
	closed, err := s.closedFiles()
	if err != nil {
		return nil, err
	}
	at := &position{File: 1, Digest: digestOf(nil), Period: s.now()}
	if n := len(closed); n > 0 {
		at.File = closed[n-1].number + 1
	}
	file, err := s.disk().Open(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return at, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	at.Size = info.Size()
	at.Digest, err = digestAt(file, at.Size)
	return at, err
}

// settle removes the mark of an export's beginning, because the export has stored a position, and
// cleans up closed files.
func (s *Sink) settle() {
	s.unmark()
	s.clean()
}

func (s *Sink) unmark() {
	if s.isFresh {
		err := s.disk().Remove(s.Path + startSuffix)
		s.isFresh = err != nil && !errors.Is(err, fs.ErrNotExist)
	}
}

func (s *Sink) exists(path string) bool {
	_, err := s.disk().Stat(path)
	return err == nil
}

// openCurrent opens the current file at its end, which is that of a position.
func (s *Sink) openCurrent(at *position) error {
	mode := s.Mode
	if mode == 0 {
		mode = 0o600
	}
	file, err := s.disk().OpenFile(s.Path, os.O_RDWR|os.O_CREATE, mode)
	if err != nil {
		return err
	}
	if _, err := file.Seek(at.Size, 0); err != nil {
		return errors.Join(err, file.Close())
	}
	s.current, s.number, s.size, s.period, s.buffer = file, at.File, at.Size, at.Period, nil
	return s.endLine()
}

// endLine completes a last line that another program has left without its end.
func (s *Sink) endLine() error {
	if s.size == 0 {
		return nil
	}
	last := make([]byte, 1)
	if n, err := s.current.ReadAt(last, s.size-1); n == 0 {
		return fmt.Errorf("the last byte of the file: %w", err)
	}
	if last[0] != '\n' {
		s.buffer, s.size = []byte{'\n'}, s.size+1
	}
	return nil
}
