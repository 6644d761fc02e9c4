package leaks

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis/internal/testutil"
)

// watcher reads, again and again, what others of the same user could read: the arguments and the
// environment of every process that descends from this one or has the stage in its environment, and
// every file below the stage.
type watcher struct {
	fixture *fixture
	end     chan struct{}
	done    sync.WaitGroup

	mu        sync.Mutex             // guards processes
	processes map[string]sighting    // by number and arguments
	files     map[string]observation // by path and contents
	strangers map[string]bool        // processes that have nothing to do with us
}

// sighting is a process as it was seen.
type sighting struct{ program, arguments, environment string }

// observation is a file as it was seen.
type observation struct {
	path string // below the stage
	mode fs.FileMode
	text string
}

func (s *fixture) watch(what ...func(*watcher)) *watcher {
	w := &watcher{fixture: s, end: make(chan struct{}), processes: map[string]sighting{}, files: map[string]observation{}, strangers: map[string]bool{}}
	look := func() {
		for _, at := range what {
			at(w)
		}
	}
	w.done.Go(func() {
		for {
			look()
			select {
			case <-w.end:
				look()
				return
			case <-time.After(4 * time.Millisecond): // or one of the two cores does nothing else
			}
		}
	})
	return w
}

// What a watcher looks at.
var (
	processes = (*watcher).lookAtProcesses
	files     = (*watcher).lookAtFiles
)

// stop ends the watch after one more look.
func (w *watcher) stop() {
	close(w.end)
	w.done.Wait()
}

func (w *watcher) lookAtProcesses() {
	parents, births := map[int]int{}, map[int]string{}
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if _, rest, ok := strings.Cut(read("/proc", entry.Name(), "stat"), ") "); ok {
			fields := strings.Fields(rest) // from the third on, see proc(5)
			parents[pid], _ = strconv.Atoi(fields[1])
			births[pid] = fmt.Sprint(pid, " ", fields[19])
		}
	}
	for pid, birth := range births {
		if pid == os.Getpid() || w.strangers[birth] {
			continue
		}
		ancestor := pid
		for ancestor > 1 && ancestor != os.Getpid() {
			ancestor = parents[ancestor]
		}
		environment := read("/proc", strconv.Itoa(pid), "environ")
		if ancestor != os.Getpid() && !strings.Contains(environment, w.fixture.root) {
			w.strangers[birth] = true
			continue
		}
		w.see(pid, read("/proc", strconv.Itoa(pid), "cmdline"), environment)
	}
}

func (w *watcher) see(pid int, arguments, environment string) {
	words := strings.Split(arguments, "\x00")
	if len(words) > 1 && strings.HasSuffix(words[0], "sh") && filepath.IsAbs(words[1]) {
		words = words[1:] // a script
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if words[0] != "" {
		w.processes[fmt.Sprint(pid, arguments)] = sighting{filepath.Base(words[0]), arguments, environment}
	}
}

func (w *watcher) lookAtFiles() {
	_ = filepath.WalkDir(w.fixture.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.HasPrefix(path, filepath.Join(w.fixture.root, "bin")) {
			return nil //nolint:nilerr // it has gone
		}
		info, err := entry.Info()
		if err != nil || info.Size() > 1<<20 {
			return nil //nolint:nilerr // it has gone, or is a program
		}
		text := read(path)
		below, _ := filepath.Rel(w.fixture.root, path)
		w.files[below+"\x00"+text] = observation{below, info.Mode().Perm(), text}
		return nil
	})
}

// read returns what is in a file, "" where it has gone.
func read(path ...string) string {
	text, _ := os.ReadFile(filepath.Join(path...))
	return string(bytes.TrimSpace(text))
}

// names counts the processes that were seen by the names of their programs.
func (w *watcher) names() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := map[string]int{}
	for _, p := range w.processes {
		names[p.program]++
	}
	return names
}

// count is how many of the programs were seen.
func (w *watcher) count(programs ...string) (seen int) {
	names := w.names()
	for _, name := range programs {
		if names[name] > 0 {
			seen++
		}
	}
	return seen
}

// written are the files that were seen, but those that granted names, with the mode 0600.
func (w *watcher) written(granted func(path string) bool) (outputs []testutil.Output, tokens int) {
	for _, f := range w.files {
		if granted(f.path) {
			tokens++
			if f.mode != 0o600 {
				w.fixture.Errorf("%s has the mode %#o", f.path, f.mode)
			}
			continue
		}
		outputs = append(outputs, testutil.Output{Run: "file " + f.path, Text: f.text})
	}
	return outputs, tokens
}
