package processes_test

import (
	"encoding/binary"
	"os"
	"time"
)

// clock is one that several processes read: a file with the time.
type clock struct{ file *os.File }

func newClock(path string, start time.Time) (*clock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	c := &clock{file}
	return c, c.set(start)
}

func openClock(path string) (*clock, error) {
	file, err := os.Open(path)
	return &clock{file}, err
}

func (c *clock) set(t time.Time) error {
	_, err := c.file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(t.UnixNano())), 0)
	return err
}

func (c *clock) time() time.Time {
	var text [8]byte
	if _, err := c.file.ReadAt(text[:], 0); err != nil {
		panic(err) // there is no time without it
	}
	return time.Unix(0, int64(binary.NativeEndian.Uint64(text[:])))
}
