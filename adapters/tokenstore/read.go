package tokenstore

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/inifile"
)

// reading is one reading of the file.
type reading struct {
	data    []byte
	missing bool
	content *inifile.File // nil if the data is not an INI file
	err     error         // the syntax error that configparser would report
}

// look passes the file to seen. It takes no lock, unless the file looks incomplete or seen returns
// false: then another process may be writing in place, and look reads the file again under the
// lock. A missing file counts as empty without a second look, because no program removes it.
func (f *File) look(ctx context.Context, seen func(*inifile.File) (found bool)) error {
	path, err := f.path()
	if err != nil {
		f.memory(err) // which logs a warning
		path = os.DevNull
	}
	r, err := f.read(path)
	if err != nil {
		return err
	}
	if r.content != nil && seen(r.content) && !r.isTorn() || r.missing {
		return nil
	}
	switch unlock, err := f.lockFile(ctx, path, readPatience); {
	case errors.Is(err, errBusy):
		f.warn("another program keeps the configuration file locked; it is read as it is", "file", path)
	case err != nil:
		return err
	default:
		defer unlock()
	}
	r, err = f.settle(ctx, path)
	if err != nil {
		return err
	}
	if r.content == nil {
		return syntaxFault(path, r.err)
	}
	if r.err != nil {
		f.warn("a part of the configuration file cannot be read", "error", syntaxFault(path, r.err))
	}
	seen(r.content)
	return nil
}

// read reads the file once.
func (f *File) read(path string) (reading, error) {
	if f.isNull(path) {
		r := reading{missing: true}
		r.content, _ = inifile.Parse(nil)
		return r, nil
	}
	var data []byte
	var info fs.FileInfo
	err := atomicfile.Reading(func() (err error) {
		data, info, err = readFile(f.fs(), path)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		r := reading{missing: true}
		r.content, _ = inifile.Parse(nil)
		return r, f.dangling(path)
	}
	if err != nil {
		return reading{}, fault(path, err)
	}
	r := reading{data: data}
	r.content, r.err = inifile.Parse(data)
	if r.content != nil && len(keysIn(r.content)) > 0 {
		f.warnExposed(path, info)
	}
	return r, nil
}

// warnExposed logs once per process that other users can access a file with tokens. The mode is the
// user's choice, as with Python: a group may share the file.
func (f *File) warnExposed(path string, info fs.FileInfo) {
	if !f.onDisk() {
		return
	}
	if exposed := fileperm.Exposed(path, info); exposed != nil {
		if _, told := toldExposed.LoadOrStore(path, true); !told {
			f.logger().Warn("the file holds access tokens", "error", exposed)
		}
	}
}

// toldExposed holds the paths that were logged, because a program may open a file several times.
var toldExposed sync.Map

// readFile returns an error for anything but a regular file: opening a pipe would block.
func readFile(files afero.Fs, path string) ([]byte, fs.FileInfo, error) {
	info, err := files.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if err := checkRegular(info); err != nil {
		return nil, nil, err
	}
	file, err := files.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	var text bytes.Buffer
	text.Grow(int(min(info.Size(), usualSize)) + bytes.MinRead) // which ReadFrom needs to find the end
	_, err = text.ReadFrom(file)
	return text.Bytes(), info, err
}

// usualSize is larger than a file with a few tokens.
const usualSize = 64 << 10

// isTorn reports whether the file may be incomplete: every writer ends the file with a line break.
func (r reading) isTorn() bool { return r.isBroken() || !bytes.HasSuffix(r.data, []byte("\n")) }

// isBroken reports whether the file may have been read between its truncation and its last byte
// although the lock is held: another process that waited for a lock file that was removed can hold
// a lock on that removed file.
func (r reading) isBroken() bool { return !r.missing && (r.err != nil || len(r.data) == 0) }

// settle reads the file until it is complete or no longer changes.
func (f *File) settle(ctx context.Context, path string) (reading, error) {
	r, err := f.read(path)
	for same := 0; err == nil && r.isBroken() && same < r.settled(); {
		select {
		case <-time.After(settlePause):
		case <-ctx.Done():
			return r, context.Cause(ctx)
		}
		var next reading
		next, err = f.read(path)
		if same++; !bytes.Equal(r.data, next.data) {
			same = 0
		}
		r = next
	}
	return r, err
}

// settled returns the number of equal consecutive readings after which a broken file counts as not
// being written. If the file cannot be parsed at all, settle waits longer: on a busy machine a
// writer may be suspended between truncation and last byte.
func (r reading) settled() int {
	if r.content == nil {
		return 10
	}
	return 3
}

const settlePause = 10 * time.Millisecond
