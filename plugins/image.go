package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/taegis-go/taegis/internal/fileperm"
)

// Checksum returns the SHA-256 of a program, in hex, for Config.SHA256; of a folder, it is the
// SHA-256 of the list of its files with their names, modes and contents. The error is that of
// reading it.
func Checksum(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		list, err := listFolder(path)
		if err != nil {
			return "", err
		}
		return list.checksum(), nil
	}
	file, err := openProgram(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	return pour(io.Discard, file)
}

// openProgram opens a regular file: anything else may never end. It does not wait for the writer of
// a pipe, and half a second at most for a process that has to give up its lease on the file.
func openProgram(path string) (*os.File, error) {
	var program *os.File
	var err error
	for range 50 {
		program, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if !errors.Is(err, syscall.EAGAIN) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		return nil, err
	}
	info, err := program.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "start", Path: path, Err: errors.New("it is no regular file")}
	}
	if err != nil {
		_ = program.Close()
		return nil, err
	}
	return program, nil
}

// pour copies what it hashes, from the beginning, and returns the SHA-256 in hex.
func pour(to io.Writer, program *os.File) (string, error) {
	sum := sha256.New()
	from := io.NewSectionReader(program, 0, math.MaxInt64)
	if _, err := io.CopyBuffer(io.MultiWriter(sum, to), from, make([]byte, 256<<10)); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// image is a program that cannot change before it runs: the very bytes that were compared
// with the pin are those that run.
type image struct {
	path    string     // what to execute
	files   []*os.File // what the process has to inherit for that
	release func()     // ends what is not needed once the program runs; nil for nothing
	remove  func()     // ends what is not needed once it has been loaded; nil for nothing
	finish  func()     // ends what is needed for as long as it runs; nil for nothing

	script bool                   // an interpreter opens the program, and has to do so by path
	intact func() bool            // reports whether writers are still kept out; nil for always
	copy   func() (*image, error) // makes an image that writers do not disturb; nil if this is one
}

// started takes note that the program runs.
func (i *image) started() {
	if i.release != nil {
		i.release()
	}
}

// loaded takes note that nothing of the program will be opened any more, as of one that has said
// something: when the process has just been started its interpreter may not have read the script.
func (i *image) loaded() {
	if i.remove != nil {
		i.remove()
	}
}

// ended takes note that the program runs no more, or never did.
func (i *image) ended() {
	i.started()
	i.loaded() // on Windows, where a program that runs cannot be removed, it could not before
	if i.finish != nil {
		i.finish()
	}
}

// newImage secures the program and asks permit whether the program with that SHA-256 may run. It
// returns permit's error, and leaves nothing behind then.
func newImage(path string, permit func(sum string) error) (*image, error) {
	program, err := openProgram(path)
	if err != nil {
		return nil, err
	}
	if err := executable(program); err != nil {
		_ = program.Close()
		return nil, err
	}
	image, sum, err := secure(program)
	if err != nil {
		return nil, err
	}
	if err := permit(sum); err != nil {
		image.ended()
		return nil, err
	}
	return image, nil
}

// secure makes the image of a program in the best way that there is, and returns its SHA-256.
// The program is the image's to close, or closed already.
//
// Of the programs that users can change, only one that the system loads itself is run from its
// file: the system keeps writers out for as long as such a program runs. An interpreter opens its
// script later, and reads on while the script runs, so a script is copied.
func secure(program *os.File) (*image, string, error) {
	if image, sum, err := fromPath(program); err == nil {
		return image, sum, nil
	}
	if image, sum, err := inPlace(program); err == nil {
		return image, sum, nil
	}
	defer func() { _ = program.Close() }()
	return copied(program)
}

// fromPath makes the image of a program that root alone can change, with its folders: its path. The
// rules of the system for programs, for example of endpoint protection, hold for it then, and what
// root changes between the comparison and the start is root's.
func fromPath(program *os.File) (*image, string, error) {
	if runtime.GOOS == "windows" {
		return nil, "", errors.ErrUnsupported
	}
	if _, err := fileperm.Administered(program.Name()); err != nil {
		return nil, "", err
	}
	sum, err := pour(io.Discard, program)
	if err != nil {
		return nil, "", err
	}
	return &image{path: program.Name()}, sum, program.Close()
}

// copied makes the image of a program from a copy.
func copied(program *os.File) (*image, string, error) {
	if image, sum, err := inMemory(program); err == nil {
		return image, sum, nil
	}
	return privateCopy(program)
}

// copies is how the names of the folders of private copies begin.
const copies = "taegis-plugin-copy-"

// privateCopy copies the program into a folder that is closed to other users. Programs of the
// same user could change it; they could as well change the host.
func privateCopy(program *os.File) (*image, string, error) {
	if runtime.GOOS == "windows" {
		sweep()
	}
	folder, err := copyDir()
	if err != nil {
		return nil, "", err
	}
	dir, err := os.MkdirTemp(folder, copies)
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

// sweep removes the copies of hosts that were killed while their plugins ran. The system keeps it
// from removing those that run, and their age those that are about to.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), copies+"*"))
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err == nil && info.IsDir() && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(dir)
		}
	}
}

func pourInto(path string, program *os.File) (sum string, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o500) //nolint:gosec // a program has to be executable, here by its owner alone
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return pour(file, program)
}
