package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/internal/atomicfile"
)

// cutBack removes everything after a position and opens the current file there. A process that is
// killed meanwhile leaves files that cutBack accepts again.
func (s *Sink) cutBack(at *position) error {
	s.cleaner.stop()
	closed, err := s.closedFiles()
	if err != nil {
		return s.fault(err)
	}
	source, later := s.find(closed, at.File)
	if err := s.verify(source, at); err != nil {
		return s.fault(err)
	}
	if source.number != 0 {
		err = s.reopen(source, later, at)
	} else {
		err = s.truncate(s.Path, at.Size)
	}
	if err == nil {
		err = s.openCurrent(at)
	}
	if err != nil {
		return s.fault(err)
	}
	atomicfile.SyncFolder(s.disk(), s.Path)
	return nil
}

// find returns the file with the number of a position, and all closed files after it. The file is
// the current one if no closed one has the number.
func (s *Sink) find(closed []closedFile, number int) (source closedFile, later []closedFile) {
	source = closedFile{path: s.Path}
	for _, f := range closed {
		switch {
		case f.number < number:
		case f.number == number && source.number == 0:
			source = f
		default: // also a second form of the source, left by an interrupted compression
			later = append(later, f)
		}
	}
	return source, later
}

// errOther is wrapped by the error of a file that cannot be the one of the position.
var errOther = errors.New("is not the one that the export has written")

// verify returns an error if a file does not have the content that leads to a position.
func (s *Sink) verify(source closedFile, at *position) error {
	file, err := s.disk().Open(source.path)
	if errors.Is(err, fs.ErrNotExist) {
		if at.Size == 0 {
			return nil
		}
		return fmt.Errorf("%s %w: it is missing", source.path, errOther)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	content, err := decompressor(file, source.suffix)
	if err != nil {
		return fmt.Errorf("%s %w: %w", source.path, errOther, err)
	}
	defer content.Close()
	tail := min(at.Size, digestBytes)
	if source.suffix == "" {
		_, err = file.Seek(at.Size-tail, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, content, at.Size-tail)
	}
	last := make([]byte, tail)
	if err == nil {
		_, err = io.ReadFull(content, last)
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s %w: it is shorter than %d bytes", source.path, errOther, at.Size)
	case err != nil:
		return err
	case digestOf(last) != at.Digest:
		return fmt.Errorf("%s %w: its content before byte %d differs", source.path, errOther, at.Size)
	}
	return nil
}

// reopen makes a closed file the current one again, cut at the position. A closed file with the
// position's number exists until all else is done, so that an interrupted reopen is repeated.
func (s *Sink) reopen(source closedFile, later []closedFile, at *position) error {
	for _, f := range later {
		if err := s.disk().Remove(f.path); err != nil {
			return err
		}
	}
	if err := s.disk().Remove(s.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if source.suffix == "" {
		if err := s.truncate(source.path, at.Size); err != nil {
			return err
		}
		return s.disk().Rename(source.path, s.Path)
	}
	if err := s.unpack(source, at.Size); err != nil {
		return err
	}
	return s.disk().Remove(source.path)
}

// truncate cuts a file to a size that it has at least, or creates it. The change is durable.
func (s *Sink) truncate(path string, size int64) error {
	file, err := s.disk().OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) && size == 0 {
		return nil // openCurrent creates it
	}
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Size() > size {
		if err = file.Truncate(size); err == nil {
			err = file.Sync()
		}
	}
	return errors.Join(err, file.Close())
}

// unpack decompresses the first bytes of a closed file into the current one.
func (s *Sink) unpack(source closedFile, size int64) error {
	packed, err := s.disk().Open(source.path)
	if err != nil {
		return err
	}
	defer packed.Close()
	content, err := decompressor(packed, source.suffix)
	if err != nil {
		return err
	}
	defer content.Close()
	info, err := packed.Stat()
	if err != nil {
		return err
	}
	return s.replace(s.Path, info.Mode(), func(file afero.File) error {
		_, err := io.CopyN(file, content, size)
		return err
	})
}

// replace writes a new file next to path and then renames it, so that path is whole or missing.
func (s *Sink) replace(path string, mode fs.FileMode, write func(afero.File) error) error {
	file, err := s.disk().OpenFile(path+unfinished, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode.Perm())
	if err != nil {
		return err
	}
	if err = write(file); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = s.disk().Rename(path+unfinished, path)
	}
	if err != nil {
		_ = s.disk().Remove(path + unfinished) // the next attempt overwrites it as well
		return err
	}
	atomicfile.SyncFolder(s.disk(), path)
	return nil
}
