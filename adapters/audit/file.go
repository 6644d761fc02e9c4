package audit

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// file is a log file.
type file struct {
	path string
	file *os.File
	torn bool // the latest write ended within a line
}

func openFile(path string) (output, error) {
	f := &file{path: path}
	return f, f.open()
}

// open opens the file to append. It waits for no reader of a pipe, and follows no symbolic link in
// the last element: another user may have made it.
func (f *file) open() error {
	opened, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|openFlags, 0o600)
	if err != nil {
		return err
	}
	info, err := opened.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: f.path, Err: errIrregular}
	}
	if err != nil {
		_ = opened.Close()
		return err
	}
	f.file = opened
	return nil
}

var errIrregular = errors.New("it is no regular file")

// append writes the record and the end of its line at once, so that lines of several processes do
// not mix.
func (f *file) append(record []byte, _ bool) error {
	if f.file == nil || f.moved() {
		_ = f.Close() // of the file that was renamed
		if err := f.open(); err != nil {
			return err
		}
	}
	text := make([]byte, 0, len(record)+2)
	if f.torn {
		text = append(text, '\n')
	}
	text = append(append(text, record...), '\n')
	n, err := f.file.Write(text)
	if n > 0 {
		f.torn = err != nil
	}
	return err
}

// moved reports whether the path names another file than the open one, or none.
func (f *file) moved() bool {
	named, err := os.Lstat(f.path)
	if err != nil {
		return true
	}
	opened, err := f.file.Stat()
	return err != nil || !os.SameFile(named, opened)
}

// Close closes the file.
func (f *file) Close() error {
	if f.file == nil {
		return nil
	}
	opened := f.file
	f.file, f.torn = nil, false
	return opened.Close()
}

// reasonOf returns what an error says without its path.
func reasonOf(err error) string {
	if cause, ok := errors.AsType[syscall.Errno](err); ok {
		return cause.Error()
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}
