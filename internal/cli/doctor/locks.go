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

// How long locks are held when all is well: that of a file until it is rewritten, that of a
// login until a user has acted.
const (
	rewriteTime        = time.Second
	interactionTimeout = 10 * time.Minute
)

// locks checks who holds a lock, and whether there can be any.
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
			return ok("the token store needs none")
		}
		store = chosen
	}
	file, logins, err := store.Locks()
	if err == nil && logins == "" || e.chosen.Store == nil && e.homeErr != nil {
		return ok("the token store needs none")
	}
	if err != nil {
		return wrong(err, "")
	}
	if where, err := closed(logins); err != nil {
		return doubtful("ls -ld "+shellquote.Word(where), "%s: no lock can be made there (%v), so programs that start together each log in", where, cmdutil.Cause(err))
	}
	if err := fileperm.Folder(logins); errors.Is(err, fileperm.ErrUnsafe) {
		return doubtful(core.Hint(err), "%s, so it is not used, and programs that start together each log in", cmdutil.Problem(err))
	}
	if held, err := heldFor(ctx, file, rewriteTime); held || err != nil {
		return heldLock(file, err, rewriteTime)
	}
	names, _ := filepath.Glob(filepath.Join(logins, "*.lock")) // the pattern is well-formed but for odd folders
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
		return ok("%s", strings.Join(loggingIn, "; "))
	}
	return ok("nobody holds one in %s", logins)
}

// heldFor reports whether a lock is held all the time, looking several times: somebody else may
// look just now too, which takes the lock for a moment.
func heldFor(ctx context.Context, path string, patience time.Duration) (bool, error) {
	const looks, pause = 4, 15 * time.Millisecond
	end := time.Now().Add(patience)
	for look := 1; ; look++ {
		held, err := filelock.Locked(path)
		if !held || err != nil || look >= looks && !time.Now().Before(end) {
			return held, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return held, nil
		}
	}
}

// heldLock says who holds a lock, and since when.
func heldLock(path string, err error, usual time.Duration) finding {
	if err != nil {
		return doubtful("ls -l "+shellquote.Word(path), "%s: it cannot be locked (%v), so programs that start together each log in", path, cmdutil.Cause(err))
	}
	note, _ := filelock.Note(path) // without one its holder is not known
	pid, _ := strconv.Atoi(note)
	if pid <= 0 {
		return doubtful("lsof "+shellquote.Word(path), "%s: a program that is not known holds it for more than %v", path, usual)
	}
	since := "an unknown time"
	var age time.Duration
	if info, err := os.Stat(path); err == nil {
		age = max(time.Since(info.ModTime()), 0)
		since = age.Round(time.Second).String()
	}
	said := fmt.Sprintf("%s: process %d holds it for %s", path, pid, since)
	switch {
	case !alive(pid):
		return doubtful("lsof "+shellquote.Word(path), "%s, and does not run on this machine", said)
	case age > usual:
		return doubtful(processLine(pid), "%s, and still runs", said)
	}
	return ok("%s, and is logging in", said)
}

// processLine shows a process.
func processLine(pid int) string {
	if runtime.GOOS == "windows" {
		return fmt.Sprintf("Get-Process -Id %d", pid)
	}
	return fmt.Sprintf("ps -o pid,user,etime,args -p %d", pid)
}

// alive reports whether a process runs on this machine.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil || runtime.GOOS == "windows" { // where finding it means that it is there
		return err == nil
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, fs.ErrPermission)
}
