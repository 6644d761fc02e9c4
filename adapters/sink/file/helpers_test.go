package file_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/adapters/sink/file"
	"github.com/taegis-go/taegis/core"
)

// makeRecords returns records with the numbers from first to first+n-1.
func makeRecords(first, n int) []core.Record {
	var records []core.Record
	for i := first; i < first+n; i++ {
		records = append(records, core.Record{
			Stream: "alerts", Environment: "charlie", Tenant: "145831", ID: strconv.Itoa(i),
			Time: time.Unix(int64(i), 0), Data: json.RawMessage(fmt.Sprintf(`{"id":"%d"}`, i)),
		})
	}
	return records
}

func linesOf(records []core.Record) []string {
	var lines []string
	for _, r := range records {
		lines = append(lines, string(r.Data))
	}
	return lines
}

// content returns the lines of all files of a sink, in order, and the names of the files. It reads
// them again if closed files are compressed meanwhile.
func content(t testing.TB, disk afero.Fs, path string) (lines, names []string) {
	t.Helper()
	for {
		before := fileNames(t, disk, path)
		lines, names = nil, nil
		for _, name := range before {
			data, err := unpacked(disk, name)
			if errors.Is(err, fs.ErrNotExist) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(data) > 0 && data[len(data)-1] != '\n' {
				t.Errorf("%s ends within a line: %q", name, data[max(0, len(data)-40):])
			}
			lines = append(lines, strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' })...)
			names = append(names, filepath.Base(name))
		}
		if slices.Equal(before, fileNames(t, disk, path)) {
			return lines, names
		}
	}
}

// fileNames returns the files of a sink, in order. Of a file that has two forms it returns the one
// without compression.
func fileNames(t testing.TB, disk afero.Fs, path string) []string {
	t.Helper()
	names, err := afero.Glob(disk, path+"*")
	if err != nil {
		t.Fatal(err)
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains([]string{".lock", ".start", ".unfinished"}, filepath.Ext(name))
	})
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(number(t, path, a)-number(t, path, b), len(a)-len(b))
	})
	return slices.CompactFunc(names, func(a, b string) bool { return number(t, path, a) == number(t, path, b) })
}

// number returns the number of a file; that of the current file is the largest.
func number(t testing.TB, path, name string) int {
	t.Helper()
	if name == path {
		return 1 << 30
	}
	digits, _, _ := strings.Cut(strings.TrimPrefix(name, path+"."), ".")
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatalf("a file %s", name)
	}
	return n
}

func unpacked(disk afero.Fs, name string) ([]byte, error) {
	data, err := afero.ReadFile(disk, name)
	if err != nil {
		return nil, err
	}
	var r io.Reader = bytes.NewReader(data)
	switch filepath.Ext(name) {
	case ".gz":
		r, err = gzip.NewReader(r)
	case ".zst":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func isContent(t testing.TB, disk afero.Fs, path string, want []string) (names []string) {
	t.Helper()
	lines, names := content(t, disk, path)
	if !slices.Equal(lines, want) {
		t.Errorf("the files %q have the lines\n%q, want\n%q", names, lines, want)
	}
	return names
}

func open(t testing.TB, sink *file.Sink, position string) {
	t.Helper()
	if err := sink.Open(t.Context(), position); err != nil {
		t.Fatalf("Open of position %q: %v", position, err)
	}
	t.Cleanup(func() { _ = sink.Close() })
}

func write(t testing.TB, sink *file.Sink, records []core.Record) (position string) {
	t.Helper()
	if err := sink.Deliver(t.Context(), records); err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	position, err := sink.Sync(t.Context())
	if err != nil {
		t.Fatalf("Sync: %v", err)
	}
	return position
}

// isFault checks an error of the sink.
func isFault(t testing.TB, err error, permanent bool, want string) {
	t.Helper()
	fault, ok := errors.AsType[*core.SinkError](err)
	switch {
	case !ok:
		t.Errorf("the error is %#v, want a *core.SinkError", err)
	case fault.Permanent != permanent:
		t.Errorf("permanent: %v, want %v: %v", fault.Permanent, permanent, err)
	case fault.Error() != want:
		t.Errorf("got  %v\nwant %v", fault, want)
	}
}
