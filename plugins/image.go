package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// PinError says that a program is not the one that was pinned. It was not started.
type PinError struct {
	Path string
	Want string // the SHA-256 that was pinned, in hex; empty where none was
	Got  string // the program's own
}

func (e *PinError) Error() string {
	if e.Want == "" {
		return fmt.Sprintf("%s is not pinned; its SHA-256 is %s", e.Path, e.Got)
	}
	return fmt.Sprintf("%s has the SHA-256 %s, pinned is %s", e.Path, e.Got, e.Want)
}

// Pin returns the SHA-256 of a program, in hex, for Config.SHA256. The error is that of reading it.
func Pin(path string) (string, error) {
	file, err := openProgram(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	return pour(io.Discard, file)
}

// openProgram opens a regular file: anything else may never end.
func openProgram(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "start", Path: path, Err: errors.New("it is no regular file")}
	}
	return os.Open(path)
}

// pour copies what it hashes, and returns the SHA-256 in hex. It does both at once, which
// saves a sixth of the time where there is a second core.
func pour(to io.Writer, from io.Reader) (string, error) {
	sum, buffer, written := sha256.New(), make([]byte, 1<<20), make(chan error)
	for {
		n, err := io.ReadFull(from, buffer)
		go func() {
			_, err := to.Write(buffer[:n])
			written <- err
		}()
		sum.Write(buffer[:n])
		if err := <-written; err != nil {
			return "", err
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return hex.EncodeToString(sum.Sum(nil)), nil
		default:
			return "", err
		}
	}
}

// image is a copy of a program that nobody else can change: the very bytes that were compared
// with the pin are those that run.
type image struct {
	path   string     // what to execute
	files  []*os.File // what the process has to inherit for that
	remove func()     // ends the copy; the process that runs from it may go on
}

// newImage copies the program and compares the copy with the pin. It returns a [*PinError] where
// they differ, and leaves nothing behind then.
func newImage(path, pin string) (*image, error) {
	program, err := openProgram(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = program.Close() }()
	image, sum, err := copyProgram(program)
	if err != nil {
		return nil, err
	}
	if sum != pin {
		image.remove()
		return nil, &PinError{Path: path, Want: pin, Got: sum}
	}
	return image, nil
}

// privateCopy copies the program into a folder that is closed to other users. Programs of the
// same user could change it; they could as well change the host.
func privateCopy(program *os.File) (*image, string, error) {
	dir, err := os.MkdirTemp("", "taegis-plugin-")
	if err != nil {
		return nil, "", err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	path := filepath.Join(dir, filepath.Base(program.Name()))
	sum, err := pourInto(path, program)
	if err != nil {
		remove()
		return nil, "", err
	}
	return &image{path: path, remove: remove}, sum, nil
}

func pourInto(path string, program *os.File) (sum string, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o500) //nolint:gosec // a program has to be executable, here by its owner alone
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return pour(file, program)
}
