package file

import (
	"github.com/taegis-go/taegis/internal/atomicfile"
)

// rotate closes the current file under its number and begins the next one.
func (s *Sink) rotate() error {
	err := s.flush()
	if err == nil {
		err = s.current.Sync()
	}
	if err != nil {
		return err
	}
	if err := s.current.Close(); err != nil {
		return err
	}
	s.current = nil
	if err := s.disk().Rename(s.Path, s.closedPath(s.number)); err != nil {
		return err
	}
	if err := s.openCurrent(&position{File: s.number + 1, Digest: digestOf(nil)}); err != nil {
		return err
	}
	atomicfile.SyncFolder(s.disk(), s.Path)
	return nil
}
