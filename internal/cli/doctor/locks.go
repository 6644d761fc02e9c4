package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// The usual times that a lock is held: the lock of a file during a rewrite, the lock of a login until
// the user has answered.
const (
	rewriteTime        = time.Second
	interactionTimeout = 10 * time.Minute
)

// locks checks whether locks can be created and whether one is held for too long.
func (e *examination) locks(ctx context.Context) finding {
	if e.profilesErr != nil {
		return skip("the profiles cannot be used")
	}
	shared, err := e.app.ConfigFile()
	if err != nil && e.chosen.Store == nil {
		return skip("the configuration file cannot be used")
	}
	var store cmdutil.LockedStore = shared
	if e.chosen.Store != nil {
		chosen, isLocked := e.chosen.Store.(cmdutil.LockedStore)
		if !isLocked {
			return passed("the token store needs none")
		}
		store = chosen
	}
	file, logins, err := store.Locks()
	if err == nil && logins == "" || e.chosen.Store == nil && e.homeErr != nil {
		return passed("the token store needs none")
	}
	if err != nil {
		return wrong(err, "")
	}
	if path, err := unwritable(logins); err != nil {
		return doubtful("ls -ld "+shellquote.Word(path), "%s: no lock can be created there (%v), so processes that start together each log in", path, cmdutil.Cause(err))
	}
	if err := fileperm.Folder(logins); errors.Is(err, fileperm.ErrUnsafe) {
		return doubtful(core.Hint(err), "%s, so it is not used, and processes that start together each log in", cmdutil.Problem(err))
	}
	if held, err := heldFor(ctx, file, rewriteTime); held || err != nil {
		return heldLock(file, err, rewriteTime)
	}
	names, _ := filepath.Glob(filepath.Join(logins, "*.lock")) // the pattern is invalid only for a folder with brackets
	var loggingIn []string
	for _, name := range names {
		held, err := heldFor(ctx, name, 0)
		if !held && err == nil {
			continue
		}
		f := heldLock(name, err, interactionTimeout)
		if f.Status != fine {
			return f
		}
		loggingIn = append(loggingIn, f.Found)
	}
	if len(loggingIn) > 0 {
		return passed("%s", strings.Join(loggingIn, "; "))
	}
	return passed("no lock is held in %s", logins)
}

// heldFor reports whether a lock is held at each of several checks. Another process that checks the
// lock holds it for a moment too.
func heldFor(ctx context.Context, path string, usual time.Duration) (bool, error) {
	const checks, pause = 4, 15 * time.Millisecond
	end := time.Now().Add(usual)
	for check := 1; ; check++ {
		held, err := filelock.Locked(path)
		if !held || err != nil || check >= checks && !time.Now().Before(end) {
			return held, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return held, nil
		}
	}
}

// heldLock returns the finding for a held lock: its process and how long it has been held.
func heldLock(path string, err error, usual time.Duration) finding {
	if err != nil {
		return doubtful("ls -l "+shellquote.Word(path), "%s: cannot be locked (%v), so processes that start together each log in", path, cmdutil.Cause(err))
	}
	note, _ := filelock.Note(path) // without a note the process is unknown
	pid, _ := strconv.Atoi(note)
	if pid <= 0 {
		return doubtful("lsof "+shellquote.Word(path), "%s: an unknown process has held it for more than %v", path, usual)
	}
	since := "an unknown time"
	var age time.Duration
	if info, err := os.Stat(path); err == nil {
		age = max(time.Since(info.ModTime()), 0)
		since = age.Round(time.Second).String()
	}
	text := fmt.Sprintf("%s: process %d has held it for %s", path, pid, since)
	switch {
	case !alive(pid):
		return doubtful("lsof "+shellquote.Word(path), "%s and does not run on this machine", text)
	case age > usual:
		return doubtful(processLine(pid), "%s and still runs", text)
	}
	return passed("%s and is logging in", text)
}

// processLine returns the command that shows a process.
func processLine(pid int) string {
	if runtime.GOOS == "windows" {
		return fmt.Sprintf("Get-Process -Id %d", pid)
	}
	return fmt.Sprintf("ps -o pid,user,etime,args -p %d", pid)
}

// alive reports whether a process runs on this machine.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil || runtime.GOOS == "windows" { // on Windows it is found only if it runs
		return err == nil
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, fs.ErrPermission)
}
