package atomicfile

import (
	"time"

	"github.com/spf13/afero"
)

// Reading calls read, which opens a file that other processes replace, and returns its error.
// Windows cannot open a file while it is being replaced; Reading then repeats read for at most half
// a second. A file that this user may not open is therefore denied after that time.
func Reading(read func() error) error { return patiently(inUse, read) }

// rename waits for readers: Windows cannot replace a file that is open.
func rename(disk afero.Fs, from, to string) error {
	return patiently(inUse, func() error { return disk.Rename(from, to) })
}

// patiently repeats do while another process has the file open, for no longer than reading or
// writing a small file takes.
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
