package cli_test

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/taegis-go/taegis/internal/filelock"
)

// forLock is the lock that is shared with the Python SDK.
const forLock waited = "a lock that another program holds"

func init() {
	for _, command := range []string{"config set", "config unset"} {
		w := commandWaits[command]
		w.on, w.never = append(w.on, forLock), ""
		commandWaits[command] = w
	}
	blocks[forLock] = (*wait).holdLock
}

// holdLock holds the lock. The command waits when it has opened the lock's file.
func (w *wait) holdLock() {
	dir := filepath.Join(w.dir, "shared")
	w.check(os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "config.lock")
	held, err := filelock.Try(path, 0o600)
	w.check(err)
	w.check(os.WriteFile(filepath.Join(dir, "config"), []byte("[charlie]\nkey = before\n"), 0o600))
	events, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	w.check(err)
	_, err = unix.InotifyAddWatch(events, path, unix.IN_OPEN|unix.IN_ATTRIB)
	w.check(err)
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = unix.Read(events, make([]byte, 1<<12))
		close(w.begun)
	}()
	w.t.Cleanup(func() {
		w.check(os.Chmod(path, 0o600)) // ends the read if the command has not opened the file
		<-read
		unix.Close(events)
		w.check(held.Unlock())
	})
}
