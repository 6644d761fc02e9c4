package crash_test

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// checker says what a crash has done, and counts. Many may ask it at once.
type checker struct {
	testing.TB
	python *python
	// What must be 0: unreadable files, losses of what others have in a file, losses of finished
	// writes, and next writers that did not get through, or not without a word.
	unreadable, foreign, lost, stuck atomic.Int64
	slowest                          atomic.Int64 // of the next writers, in nanoseconds
	problems                         atomic.Int64
}

func newChecker(t testing.TB) *checker { return &checker{TB: t, python: startPython(t)} }

// Errorf fails the test. It does not say so more than a few times: one defect can show in each of a
// thousand states.
func (j *checker) Errorf(format string, args ...any) {
	j.Helper()
	if j.Fail(); j.problems.Add(1) <= maxProblems {
		j.Logf(format, args...)
	}
}

const maxProblems = 5

// versions returns the states that a writer leaves behind: the first is there before it begins.
func (j *checker) versions(w writer) []state {
	j.Helper()
	dir := j.TempDir()
	var all []state
	add := func(err error) {
		s, lookErr := w.look(j.Context(), dir, silent)
		if err := errors.Join(err, lookErr); err != nil {
			j.Fatalf("%s undisturbed: %v", w.name, err)
		}
		if lines := s[foreignLines]; len(all) > 0 && all[0][foreignLines] != "" && lines != allForeign {
			j.Fatalf("%s undisturbed: of what others have in the file %s lines are left", w.name, lines)
		}
		all = append(all, s)
	}
	add(w.setup(dir))
	for _, step := range w.steps {
		add(step(j.Context(), dir))
	}
	return all
}

// look returns what is found in dir by this SDK and by Python; nil if it cannot be read.
func (j *checker) look(what, name string, look looking, dir string) state {
	j.Helper()
	found, err := look(j.Context(), dir, silent)
	if err == nil {
		err = j.python.agrees(j.Context(), dir)
	}
	if err != nil {
		j.unreadable.Add(1)
		j.Errorf("%s: %s: it cannot be read: %v", name, what, err)
		return nil
	}
	return found
}

// check looks at what a writer has left behind that had finished so many steps.
func (j *checker) check(what string, w writer, dir string, versions []state, finished int) {
	j.Helper()
	found := j.look(what, w.name, w.look, dir)
	if found == nil {
		return
	}
	allowed := versions[finished:min(finished+2, len(versions))]
	for _, version := range allowed {
		if maps.Equal(found, version) {
			return
		}
	}
	if lines := found[foreignLines]; lines != "" && lines != allowed[0][foreignLines] {
		j.foreign.Add(1)
	} else {
		j.lost.Add(1)
	}
	j.Errorf("%s: %s: found %v, want one of %v", w.name, what, found, allowed)
}

// proceed lets another process write, which must succeed without a warning. It returns how many new
// files of killed writers were left; a moment later than it takes to call them abandoned, that
// write must have removed them.
func (j *checker) proceed(what, name string, next writing, dir string) (left int) {
	j.Helper()
	files := j.leftovers(what, dir)
	for _, path := range files {
		if before := time.Now().Add(-time.Minute); os.Chtimes(path, before, before) != nil {
			j.Errorf("%s cannot be made older", path)
		}
	}
	var said bytes.Buffer
	begin := time.Now()
	err := next(j.Context(), dir, slog.New(slog.NewTextHandler(&said, nil)))
	raise(&j.slowest, int64(time.Since(begin)))
	if err != nil || said.Len() > 0 {
		j.stuck.Add(1)
		j.Errorf("%s: %s: the next writer: %v\n%s", name, what, err, said.String())
	}
	if still := j.leftovers(what, dir); len(still) > 0 {
		j.Errorf("%s: %s: left after the next write: %q", name, what, still)
	}
	return len(files)
}

// raise makes the value at most as large as it has to be.
func raise(most *atomic.Int64, value int64) {
	for now := most.Load(); value > now && !most.CompareAndSwap(now, value); now = most.Load() {
	}
}

// prepared returns a folder with what a writer finds.
func (j *checker) prepared(w writer) string {
	j.Helper()
	dir, err := filepath.EvalSymlinks(j.TempDir()) // as the system calls it
	if err := errors.Join(err, w.setup(dir)); err != nil {
		j.Errorf("%s: %v", w.name, err)
	}
	return dir
}

// leftovers returns the new files that never took the place of the old one. They may hold tokens,
// so no other user may read them.
func (j *checker) leftovers(what, dir string) (paths []string) {
	j.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Size() == 0 && strings.HasSuffix(entry.Name(), ".lock") {
			return nil // it stays: a lock on a file that is removed locks nothing
		}
		paths = append(paths, path)
		if err == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
			j.Errorf("%s: %s can be read by others: %v", what, path, info.Mode())
		}
		return err
	})
	if err != nil {
		j.Errorf("%v", err)
	}
	return paths
}

// report reports a case.
func (j *checker) report(t testing.TB, name, figure string, args ...any) {
	t.Helper()
	slowest := time.Duration(j.slowest.Load())
	t.Logf("the next writer got through after %v at most", slowest)
	if slowest > 10*time.Second {
		t.Errorf("the next writer waited for %v, want 1 s", slowest)
	}
	args = append(args, j.unreadable.Load(), j.foreign.Load(), j.lost.Load(), j.stuck.Load())
	stress.Report(t, stress.Crash, name,
		"0 unreadable files, 0 lost foreign keys, 0 lost finished writes, 0 next writers held up", figure+": %d, %d, %d, %d", args...)
}

// inParallel calls work with 0 to n-1.
func inParallel(n int, work func(int)) {
	const lanes = 4
	var next atomic.Int64
	var all sync.WaitGroup
	for range lanes {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	all.Wait()
}
