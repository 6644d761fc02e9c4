package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// Target is where the parts of a job are sent to.
type Target struct {
	// Environment is the base URL of the API.
	Environment string `json:"environment"`
	Tenant      string `json:"tenant"`
	SensorID    string `json:"sensor_id,omitempty"`
	Service     string `json:"service,omitempty"`
}

// Job is one input in the spool, with its journal.
type Job struct {
	ID string `json:"id"`
	// Source is the path of the input, "-" for a pipe.
	Source string `json:"source"`
	// Name is what the names of the parts are made of; see [BaseName].
	Name string `json:"name"`
	Target
	Created time.Time `json:"created"`
	// Complete is set once the input was spooled to its end, or was taken as it is.
	Complete bool `json:"complete"`
	// PartSize is the largest size of a part, in bytes.
	PartSize int64 `json:"part_size"`
	// Size and Digest are those of the whole input.
	Size   int64   `json:"size"`
	Digest string  `json:"sha256,omitempty"`
	Parts  []*Part `json:"parts,omitempty"`
	// Again makes [Spool.Add] forget that the same input was sent.
	Again bool `json:"-"`
	// Busy is set if a process works on the job when it was found.
	Busy bool `json:"-"`

	dir    string
	locked *filelock.Lock
}

// State is the state of a part.
type State string

// The states of a part.
const (
	StateSpooled State = "spooled" // it is on the disk, and was not sent
	StateSigned  State = "signed"  // it may have been sent to its URL
	StateSent    State = "sent"    // it was sent
)

// Part is a part of a job: whole lines, or a piece of a line that is larger than a part.
type Part struct {
	// Name is the name of the object.
	Name   string `json:"name"`
	Offset int64  `json:"offset"` // in the input
	Size   int64  `json:"size"`
	Digest string `json:"sha256"`
	State  State  `json:"state"`
	// URL and Header are those of a signed part. The URL is a secret.
	URL    string      `json:"url,omitempty"`
	Header http.Header `json:"header,omitempty"`
	Sent   time.Time   `json:"sent,omitzero"`
}

// Left returns the number of parts that were not sent, and their size in bytes.
func (j *Job) Left() (parts int, size int64) {
	for _, p := range j.Parts {
		if p.State != StateSent {
			parts++
			size += p.Size
		}
	}
	return parts, size
}

// Done reports whether all parts were sent.
func (j *Job) Done() bool {
	left, _ := j.Left()
	return j.Complete && left == 0
}

// SentAt returns when the last part was sent.
func (j *Job) SentAt() (at time.Time) {
	for _, p := range j.Parts {
		if p.Sent.After(at) {
			at = p.Sent
		}
	}
	return at
}

// CutOff reports whether the job is what was read of a pipe before a process ended.
func (j *Job) CutOff() bool { return !j.Complete && !j.Busy && j.Source == Pipe }

// Pipe is the source of a job that was read from a pipe.
const Pipe = "-"

// OnDisk returns how many bytes of the input the spool has.
func (j *Job) OnDisk() int64 {
	info, err := os.Stat(j.inputPath())
	if err != nil {
		return 0
	}
	return info.Size()
}

// abandoned reports whether nothing of the job is needed any more. A file can be spooled again.
func (j *Job) abandoned(now time.Time) bool {
	if !j.Complete {
		return j.Source != Pipe || j.OnDisk() == 0
	}
	return j.Done() && now.Sub(j.SentAt()) > Retention
}

// sameInput reports whether both are the same bytes under the same name for the same target.
func (j *Job) sameInput(other *Job) bool {
	return j.Complete && j.Digest == other.Digest && j.Size == other.Size && j.Name == other.Name && j.Target == other.Target
}

// take locks the job.
func (j *Job) take() error {
	lock, err := filelock.Try(filepath.Join(j.dir, lockName), fileperm.FileMode)
	switch {
	case errors.Is(err, filelock.ErrLocked):
		return fmt.Errorf("%s: %w", j.ID, ErrBusy)
	case err != nil:
		return spoolError(j.dir, err)
	}
	j.locked, j.Busy = lock, false
	return nil
}

// Release unlocks the job.
func (j *Job) Release() error {
	if j.locked == nil {
		return nil
	}
	lock := j.locked
	j.locked = nil
	return lock.Unlock()
}

// inputPath returns the path of the copy of the input.
func (j *Job) inputPath() string { return filepath.Join(j.dir, "input") }

// save replaces the journal.
func (j *Job) save() error {
	text, err := json.MarshalIndent(j, "", " ")
	if err != nil {
		return err
	}
	step("journal")
	path := filepath.Join(j.dir, journalName)
	if err := atomicfile.File(afero.NewOsFs(), path, append(text, '\n'), nil); err != nil {
		return spoolError(path, err)
	}
	step("journaled")
	return nil
}

// load reads the journal of a job. It returns an error that wraps [fs.ErrNotExist] if there is none
// yet.
func load(dir string) (*Job, error) {
	path := filepath.Join(dir, journalName)
	text, err := fileperm.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, spoolError(path, err)
	}
	job := &Job{dir: dir}
	if err := json.Unmarshal(text, job); err != nil {
		return nil, spoolError(path, fmt.Errorf("it is damaged: %w", err))
	}
	return job, nil
}
