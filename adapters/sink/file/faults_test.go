package file_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/adapters/sink/file"
	"github.com/taegis-go/taegis/ports"
)

// export3 delivers three records.
func export3(sink ports.Sink) (position string, err error) {
	if err := sink.Open(context.Background(), ""); err != nil {
		return "", err
	}
	if err := sink.Deliver(context.Background(), makeRecords(0, 3)); err != nil {
		return "", err
	}
	return sink.Sync(context.Background())
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	if err := errors.Join(os.WriteFile(path("plain"), nil, 0o600), os.Mkdir(path("dir"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		sink file.Sink
		want string // FOLDER is the folder
	}{
		"no path":           {file.Sink{}, "file : there is no path: set Path to the file to write"},
		"a negative size":   {file.Sink{Path: path("a"), MaxBytes: -1}, "file FOLDER/a: MaxBytes, Interval or Keep is negative: use 0 to disable it"},
		"a negative time":   {file.Sink{Path: path("a"), Interval: -1}, "file FOLDER/a: MaxBytes, Interval or Keep is negative: use 0 to disable it"},
		"a negative number": {file.Sink{Path: path("a"), Keep: -1}, "file FOLDER/a: MaxBytes, Interval or Keep is negative: use 0 to disable it"},
		"no compression": {
			file.Sink{Path: path("a"), Compression: "lz4"},
			`file FOLDER/a: the compression "lz4" is unknown: use "gzip" or "zstd", or leave it empty`,
		},
		"a mode without writing": {
			file.Sink{Path: path("a"), Mode: 0o444},
			"file FOLDER/a: files of mode -r--r--r-- cannot be used: let the owner read and write, for example 0640",
		},
		"a mode with more": {
			file.Sink{Path: path("a"), Mode: os.ModeDir | 0o600},
			"file FOLDER/a: files of mode drw------- cannot be used: let the owner read and write, for example 0640",
		},
		"no folder": {
			file.Sink{Path: path("none/a")},
			"file FOLDER/none/a: there is no folder FOLDER/none: create the folder, or choose another path",
		},
		"a file as a folder": {file.Sink{Path: path("plain/a")}, "file FOLDER/plain/a: FOLDER/plain is not a folder: choose a path in a folder"},
		"a directory":        {file.Sink{Path: path("dir")}, "file FOLDER/dir: it is a directory: name a file in it"},
		"a device": {
			file.Sink{Path: os.DevNull},
			"file " + os.DevNull + ": it is no regular file: name a regular file; for a pipe or a device use the sink stdout",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := export3(&test.sink)
			isFault(t, err, true, strings.ReplaceAll(test.want, "FOLDER", folder))
		})
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 2 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}

func TestASymbolicLinkIsNotReplaced(t *testing.T) {
	folder := t.TempDir()
	link := filepath.Join(folder, "link")
	if err := os.Symlink(filepath.Join(folder, "target"), link); err != nil {
		t.Skip(err)
	}
	_, err := export3(&file.Sink{Path: link})
	isFault(t, err, true, "file "+link+": it is a symbolic link, which rotation would replace: name the file that it leads to")
}

func TestASecondProcessIsKeptAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	first := &file.Sink{Path: path}
	open(t, first, "")
	second := &file.Sink{Path: path}
	isFault(t, second.Open(t.Context(), ""), true,
		"file "+path+": another process is writing the file: end that process, or choose another path")
	_ = first.Close()
	open(t, second, "")
}

func TestASinkThatIsNotOpen(t *testing.T) {
	sink := &file.Sink{Path: filepath.Join(t.TempDir(), "out")}
	want := "file " + sink.Path + ": it is not open: call Open first"
	isFault(t, sink.Deliver(t.Context(), makeRecords(0, 1)), true, want)
	_, err := sink.Sync(t.Context())
	isFault(t, err, true, want)
}

// Files that are not those of the position are an error, and stay as they are.
func TestOtherFiles(t *testing.T) {
	for name, test := range map[string]struct {
		change func(path string) error
		want   string
	}{
		"missing": {os.Remove, "PATH is not the one that the export has written: it is missing"},
		"shorter": {
			func(path string) error { return os.Truncate(path, 5) },
			"PATH is not the one that the export has written: it is shorter than 11 bytes",
		},
		"another content": {
			func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("x\n", 100)), 0o600) },
			"PATH is not the one that the export has written: its content before byte 11 differs",
		},
		"another closed file": {
			func(path string) error { return os.WriteFile(path+".3", []byte(strings.Repeat("x\n", 100)), 0o600) },
			"PATH.3 is not the one that the export has written: its content before byte 11 differs",
		},
		"a damaged compressed file": {
			func(path string) error { return os.WriteFile(path+".3.gz", []byte(strings.Repeat("x\n", 100)), 0o600) },
			"PATH.3.gz is not the one that the export has written: gzip: invalid header",
		},
		"a compressed file that ends early": {
			func(path string) error {
				return os.WriteFile(path+".3.gz", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"), 0o600)
			},
			"PATH.3.gz is not the one that the export has written: it is shorter than 11 bytes",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out")
			sink := &file.Sink{Path: path, MaxBytes: 1}
			open(t, sink, "")
			position := write(t, sink, makeRecords(0, 3))
			_ = sink.Close()
			if err := test.change(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadDir(filepath.Dir(path))
			isFault(t, sink.Open(t.Context(), position), true, "file "+path+": "+strings.ReplaceAll(test.want, "PATH", path)+
				": put the file back as the export has left it, or begin another export with another path")
			if after, _ := os.ReadDir(filepath.Dir(path)); len(after) != len(before) {
				t.Errorf("files %v became %v", before, after)
			}
		})
	}
}

// fullDisk has space for some more bytes.
type fullDisk struct {
	afero.Fs
	space atomic.Int64
}

func (d *fullDisk) OpenFile(name string, flag int, mode os.FileMode) (afero.File, error) {
	f, err := d.Fs.OpenFile(name, flag, mode)
	if err != nil {
		return nil, err
	}
	return &fullFile{f, d}, nil
}

type fullFile struct {
	afero.File
	disk *fullDisk
}

func (f *fullFile) Write(p []byte) (int, error) {
	left := f.disk.space.Add(-int64(len(p)))
	if left >= 0 {
		return f.File.Write(p)
	}
	n, err := f.File.Write(p[:max(0, int64(len(p))+left)])
	if err == nil {
		err = &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	f.disk.space.Store(0)
	return n, err
}

func TestAFullDisk(t *testing.T) {
	for _, space := range []int64{0, 5, 11, 40, 100} {
		path := filepath.Join(t.TempDir(), "out")
		full := &fullDisk{Fs: afero.NewOsFs()}
		full.space.Store(1 << 20)
		sink := &file.Sink{Path: path, FS: full, MaxBytes: 40}
		open(t, sink, "")
		write(t, sink, makeRecords(0, 2))
		full.space.Store(space)
		var err error
		for range 2 { // it stays full
			err = sink.Deliver(t.Context(), makeRecords(2, 20))
			if err == nil {
				_, err = sink.Sync(t.Context())
			}
			isFault(t, err, false, "file "+path+": the disk is full: free some space; the export then continues")
			isContent(t, disk, path, linesOf(makeRecords(0, 2)))
		}
		full.space.Store(1 << 20)
		write(t, sink, makeRecords(2, 20))
		isContent(t, disk, path, linesOf(makeRecords(0, 22)))
		_ = sink.Close()
	}
}
