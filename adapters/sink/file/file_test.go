package file_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/adapters/sink/file"
)

var disk = afero.NewOsFs()

func TestRotatesBySize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	sink := &file.Sink{Path: path, MaxBytes: 30} // a record has 11 or 12 bytes
	open(t, sink, "")
	records := makeRecords(0, 9)
	records[4].Data = []byte(`{"id":"` + strings.Repeat("4", 50) + `"}`) // larger than a file
	write(t, sink, records)
	names := isContent(t, disk, path, linesOf(records))
	if want := []string{"out.1", "out.2", "out.3", "out.4", "out"}; !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	for _, name := range names {
		info, err := os.Stat(filepath.Join(filepath.Dir(path), name))
		if err != nil || info.Size() > 30 && name != "out.3" || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has %d bytes, mode %v, %v", name, info.Size(), info.Mode(), err)
		}
	}
}

func TestRotatesByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "out")
		config := file.Sink{Path: path, Interval: time.Hour}
		sink := config
		open(t, &sink, "")
		time.Sleep(50 * time.Minute) // synctest begins at midnight
		write(t, &sink, makeRecords(0, 2))
		time.Sleep(9 * time.Minute)
		position := write(t, &sink, makeRecords(2, 1))
		_ = sink.Close()
		again := config // another process continues the file of this hour
		open(t, &again, position)
		position = write(t, &again, makeRecords(3, 1))
		time.Sleep(2 * time.Minute)
		isContent(t, disk, path, linesOf(makeRecords(0, 4)))
		write(t, &again, makeRecords(4, 1))
		_ = again.Close()
		third := config // and takes the file of the next hour back
		open(t, &third, position)
		time.Sleep(3 * time.Hour)
		write(t, &third, makeRecords(4, 2))
		if names := isContent(t, disk, path, linesOf(makeRecords(0, 6))); !slices.Equal(names, []string{"out.1", "out"}) {
			t.Errorf("files %q", names)
		}
		_ = third.Close()
	})
}

func TestCompressesAndKeepsWhatItMust(t *testing.T) {
	for compression, suffix := range map[file.Compression]string{file.Gzip: ".gz", file.Zstd: ".zst"} {
		synctest.Test(t, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out")
			sink := &file.Sink{Path: path, MaxBytes: 1, Compression: compression, Keep: 3}
			open(t, sink, "")
			write(t, sink, makeRecords(0, 6))
			synctest.Wait()
			isContent(t, disk, path, linesOf(makeRecords(0, 6))) // no position is stored yet
			position := write(t, sink, makeRecords(6, 2))
			synctest.Wait()
			write(t, sink, makeRecords(8, 1))
			synctest.Wait()
			names := isContent(t, disk, path, linesOf(makeRecords(4, 5)))
			want := []string{"out.5" + suffix, "out.6" + suffix, "out.7" + suffix, "out.8", "out"}
			if !slices.Equal(names, want) {
				t.Errorf("files %q, want %q", names, want)
			}
			_ = sink.Close()
			open(t, sink, position)
			isContent(t, disk, path, linesOf(makeRecords(4, 4)))
			_ = sink.Close()
		})
	}
}

func TestNumbersAreNotUsedTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	sink := &file.Sink{Path: path, MaxBytes: 1}
	open(t, sink, "")
	position := write(t, sink, makeRecords(0, 3))
	_ = sink.Close()
	for _, name := range []string{path + ".1", path + ".2"} { // taken away
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	open(t, sink, position)
	write(t, sink, makeRecords(3, 1))
	names := isContent(t, disk, path, linesOf(makeRecords(2, 2)))
	if !slices.Equal(names, []string{"out.3", "out"}) {
		t.Errorf("files %q", names)
	}
}

func TestFilesOfOthersAreKept(t *testing.T) {
	for name, before := range map[string]string{"lines": "a line\n", "half a line": "a line\nhalf", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out")
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			old := strings.Split(strings.TrimSuffix(before, "\n"), "\n")
			if before == "" {
				old = nil
			}
			sink := &file.Sink{Path: path}
			open(t, sink, "")
			if err := sink.Deliver(t.Context(), makeRecords(0, 2)); err != nil {
				t.Fatal(err)
			}
			_ = sink.Close() // interrupted before the first position
			open(t, sink, "")
			write(t, sink, makeRecords(0, 3))
			isContent(t, disk, path, append(old, linesOf(makeRecords(0, 3))...))
			_ = sink.Close()
			open(t, sink, "") // another export into the same file
			write(t, sink, makeRecords(0, 1))
			isContent(t, disk, path, append(old, `{"id":"0"}`, `{"id":"1"}`, `{"id":"2"}`, `{"id":"0"}`))
		})
	}
}

// An export that was reset begins after what an earlier one has written, even if that has left the
// mark of its beginning.
func TestAChangedFileIsNotCutBackToItsBeginning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, []byte("a line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sink := &file.Sink{Path: path}
	open(t, sink, "")
	if err := sink.Deliver(t.Context(), makeRecords(0, 2)); err != nil {
		t.Fatal(err)
	}
	_ = sink.Close()
	if err := os.WriteFile(path, []byte("another file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, sink, "")
	write(t, sink, makeRecords(0, 1))
	isContent(t, disk, path, []string{"another file", `{"id":"0"}`})
}

func TestAnEnvelope(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	sink := &file.Sink{Path: path, Envelope: true}
	open(t, sink, "")
	write(t, sink, makeRecords(7, 1))
	isContent(t, disk, path, []string{
		`{"stream":"alerts","environment":"charlie","tenant":"145831","id":"7","time":"1970-01-01T00:00:07Z","data":{"id":"7"}}`,
	})
}
