package atomicfile

import (
	"time"

	"github.com/spf13/afero"
)

// Reading calls read, which opens a file that others replace, and returns its error. Windows opens no file
// that is being replaced at that very moment; read is then called again, for half a second at most. So a
// file that this user may not open there is refused after that time.
func Reading(read func() error) error { return patiently(inUse, read) }

// rename waits for readers: Windows replaces no file that somebody has open.
func rename(disk afero.Fs, from, to string) error {
	return patiently(inUse, func() error { return disk.Rename(from, to) })
}

// patiently repeats what fails while somebody else has the file in hand, which takes them no longer than
// a small file does.
func patiently(busy func(error) bool, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if try == tries || !busy(err) {
			return err
		}
		time.Sleep(pause)
	}
}

const (
	tries = 50
	pause = 10 * time.Millisecond
)
