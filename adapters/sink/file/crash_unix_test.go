//go:build unix

package file_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/adapters/sink/file"
)

// TestMain lets the test binary be an export that kills itself, instead of running the tests.
func TestMain(m *testing.M) {
	if step := os.Getenv("FILESINK_KILL_AT"); step != "" {
		if err := export(step, os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	crashRecords = 36
	crashBatch   = 6
)

// export delivers records to a file, and stores its position by printing it. Each step, an
// operation of the file system or a stored position, counts; in the given one the process kills
// itself. It prints the number of steps at its end.
func export(step, path, compression, position, first string) error {
	killAt, err := strconv.ParseInt(step, 10, 64)
	if err != nil {
		return err
	}
	from, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	disk := &killingDisk{Fs: afero.NewOsFs(), killAt: killAt}
	sink := &file.Sink{Path: path, MaxBytes: 50, Compression: file.Compression(compression), FS: disk}
	if err := sink.Open(context.Background(), position); err != nil {
		return err
	}
	for ; from < crashRecords; from += crashBatch {
		batch := makeRecords(from, crashBatch)
		if err := errors.Join(sink.Deliver(context.Background(), batch[:2]), sink.Deliver(context.Background(), batch[2:])); err != nil {
			return err
		}
		position, err := sink.Sync(context.Background())
		if err != nil {
			return err
		}
		disk.step(nil)
		fmt.Println(from+crashBatch, position)
	}
	if err := sink.Close(); err != nil {
		return err
	}
	fmt.Println("steps", disk.steps.Load())
	return nil
}

// killingDisk kills the process in an operation of the file system.
type killingDisk struct {
	afero.Fs
	steps  atomic.Int64
	killAt int64
}

// step counts a step, and kills the process if it is the one, after it has done a part of it.
func (d *killingDisk) step(part func()) {
	if d.steps.Add(1) != d.killAt {
		return
	}
	if part != nil {
		part()
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

func (d *killingDisk) OpenFile(name string, flag int, mode fs.FileMode) (afero.File, error) {
	d.step(nil)
	f, err := d.Fs.OpenFile(name, flag, mode)
	return &killingFile{f, d}, err
}

func (d *killingDisk) Open(name string) (afero.File, error) { return d.OpenFile(name, os.O_RDONLY, 0) }

func (d *killingDisk) Rename(from, to string) error { d.step(nil); return d.Fs.Rename(from, to) }

func (d *killingDisk) Remove(name string) error { d.step(nil); return d.Fs.Remove(name) }

type killingFile struct {
	afero.File
	disk *killingDisk
}

func (f *killingFile) Write(p []byte) (int, error) {
	f.disk.step(func() { _, _ = f.File.Write(p[:len(p)/2]) })
	return f.File.Write(p)
}

func (f *killingFile) Truncate(size int64) error { f.disk.step(nil); return f.File.Truncate(size) }

func (f *killingFile) Sync() error { f.disk.step(nil); return f.File.Sync() }

func (f *killingFile) Close() error { f.disk.step(nil); return f.File.Close() }

// exporter is the state of an export that is run by processes which are killed.
type exporter struct {
	*testing.T
	path, compression string
	position, next    string
}

// run runs a process that is killed in a step, and returns the number of steps if it is not.
func (e *exporter) run(killAt int) (steps int) {
	e.Helper()
	cmd := exec.Command(os.Args[0], e.path, e.compression, e.position, e.next)
	cmd.Env = append(os.Environ(), "FILESINK_KILL_AT="+strconv.Itoa(killAt))
	var failure strings.Builder
	cmd.Stderr = &failure
	out, err := cmd.Output()
	lines := bufio.NewScanner(strings.NewReader(string(out)))
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		if word == "steps" {
			steps, _ = strconv.Atoi(rest)
			continue
		}
		e.next, e.position = word, rest
	}
	killed := false
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		status, _ := ended.Sys().(syscall.WaitStatus)
		killed = status.Signal() == syscall.SIGKILL
	}
	if err != nil && !killed {
		e.Fatalf("the export that is killed in step %d: %v: %s", killAt, err, failure.String())
	}
	return steps
}

// An export that is killed in any of its steps, and again in a step of its second run, delivers
// each record exactly once.
func TestKilledInAnyStep(t *testing.T) {
	for compression, stride := range map[string]int{"": 1, "gzip": 3, "zstd": 3} { // every run has the steps without compression
		t.Run("compression "+compression, func(t *testing.T) {
			t.Parallel()
			begin := func(t *testing.T) *exporter {
				return &exporter{T: t, path: filepath.Join(t.TempDir(), "out"), compression: compression, next: "0"}
			}
			steps := begin(t).run(0)
			if steps < 50 {
				t.Fatalf("an export has only %d steps", steps)
			}
			if testing.Short() {
				stride = 7
			}
			for step := 1; step <= steps; step += stride {
				e := begin(t)
				e.run(step)
				e.run(1 + step*7%steps)
				e.run(0)
				isContent(t, afero.NewOsFs(), e.path, linesOf(makeRecords(0, crashRecords)))
				if t.Failed() {
					t.Fatalf("after a kill in step %d", step)
				}
			}
			t.Logf("killed in each of %d steps, %d apart", steps, stride)
		})
	}
}
