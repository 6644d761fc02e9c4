package profile

import (
	"context"
	"io/fs"
	"os"
	"time"
)

// fileState tells one content of a regular file from another, without reading it. It is zero for
// other files.
type fileState struct {
	info fs.FileInfo
	read time.Time // when the state was taken
}

// raceTime is how old a change has to be for the time of the file to tell it from the next one.
const raceTime = 2 * time.Second

// stateOf returns the state of the file at path. It comes before reading the file, so that a change
// meanwhile is noticed.
func stateOf(path string) fileState {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return fileState{}
	}
	return fileState{info: info, read: time.Now()}
}

// equal reports whether the file is the same one with the same size and time.
func (s fileState) equal(now fileState) bool {
	return s.same(now) && s.info.Size() == now.info.Size() && s.info.ModTime().Equal(now.info.ModTime())
}

// same reports whether the file is the same one, whatever it holds: it was not replaced as a whole.
func (s fileState) same(now fileState) bool {
	return s.info != nil && now.info != nil && os.SameFile(s.info, now.info)
}

// settled reports whether a later change has another time than the file had.
func (s fileState) settled() bool { return s.read.Sub(s.info.ModTime()) > raceTime }

// The time for which a file that is overwritten in place, as editors do, has to be unchanged before it
// is read, and the longest wait for that.
const (
	quietTime   = 100 * time.Millisecond
	longestWait = 500 * time.Millisecond
)

// quiet returns the state of the file at path. If it is the file of before, overwritten just now, quiet
// waits until no more is written: what is there may be a part.
func quiet(ctx context.Context, path string, before fileState) fileState {
	for waited := time.Duration(0); ; waited += quietTime {
		now := stateOf(path)
		if !before.same(now) || before.equal(now) || now.read.Sub(now.info.ModTime()) > quietTime || waited >= longestWait {
			return now
		}
		select {
		case <-time.After(quietTime):
		case <-ctx.Done():
			return now
		}
	}
}
