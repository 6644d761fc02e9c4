// Package spool keeps log files on the disk until they are sent, so that a process that is killed
// at any moment loses nothing, and a later one continues.
//
// A job is one input. It is copied into the spool first, because a log file can be rotated while it
// is sent, and a pipe can be read only once. It is sent in parts that end at line ends. Its journal
// has the state of each part: spooled, signed with the URL that it goes to, or sent. The journal is
// replaced before and after each step that cannot be undone:
//
//   - killed before the journal is complete: nothing was sent. A file is spooled again, and what was read
//     of a pipe stays until it is resumed or discarded.
//   - killed while a part is sent: it goes to the same URL again. A host that has it already refuses it
//     before the bytes are sent.
//   - killed after a part was recorded as sent: it is not sent again, also if the same input is given
//     again within [Retention].
package spool

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/diskfull"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// Retention is how long the spool remembers what was sent.
const Retention = 30 * 24 * time.Hour

// The names of files in the spool and in the folder of a job.
const (
	lockName    = "lock"
	journalName = "journal.json"
)

// step is called before and after each step of a job. Tests end the process there.
var step = func(string) {}

// write writes to the copy of an input. Tests replace it by a disk that is full.
var write = (*os.File).Write

// Spool is a folder of jobs, which only its user can read.
type Spool struct{ dir string }

// Open returns the spool in a folder, which it creates if it is missing. If other users can use the
// folder, it returns a [*core.FileError].
func Open(dir string) (*Spool, error) {
	if err := fileperm.MakeFolder(dir); err != nil {
		return nil, spoolError(dir, err)
	}
	return &Spool{dir}, nil
}

// ErrBusy means that another process works on the job.
var ErrBusy = errors.New("another process works on it")

// ErrUnknown means that the spool has no job with the ID.
var ErrUnknown = errors.New("the spool has no job with this id")

// Jobs returns all jobs, the oldest first. They are not locked. It removes jobs that were sent
// longer than [Retention] ago, and what is left of files that were not spooled to their end.
func (s *Spool) Jobs(ctx context.Context) ([]*Job, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return s.scan()
}

// scan is Jobs for a caller that holds the lock of the spool.
func (s *Spool) scan() ([]*Job, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, spoolError(s.dir, err)
	}
	var jobs []*Job
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		dir := filepath.Join(s.dir, entry.Name())
		job, err := load(dir)
		busy, _ := filelock.Locked(filepath.Join(dir, lockName)) // without locks there is no other process
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, err
		case busy && job == nil:
		case job == nil, !busy && job.abandoned(time.Now()):
			if err := os.RemoveAll(dir); err != nil {
				return nil, spoolError(dir, err)
			}
		default:
			if job.Busy = busy; job.Done() && !busy {
				_ = os.Remove(job.inputPath()) // it is only larger than necessary otherwise
			}
			jobs = append(jobs, job)
		}
	}
	slices.SortStableFunc(jobs, func(a, b *Job) int { return a.Created.Compare(b.Created) })
	return jobs, nil
}

// Take returns a job by its ID or the beginning of its ID, locked until [Job.Release]. It returns
// [ErrUnknown] or [ErrBusy].
func (s *Spool) Take(ctx context.Context, id string) (*Job, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	jobs, err := s.scan()
	if err != nil {
		return nil, err
	}
	var found []*Job
	for _, job := range jobs {
		if id != "" && strings.HasPrefix(job.ID, id) {
			found = append(found, job)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s: %w", id, ErrUnknown)
	}
	if err := found[0].take(); err != nil {
		return nil, err
	}
	return found[0], nil
}

// Discard removes a job that the caller has taken, with what was not sent of it.
func (s *Spool) Discard(job *Job) error {
	// Without its journal it is removed by the next process, if this one ends now.
	journal := filepath.Join(job.dir, journalName)
	if err := os.Remove(journal); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return spoolError(journal, err)
	}
	step("discard")
	err := job.Release() // Windows does not remove a file that is open
	if err = errors.Join(err, os.RemoveAll(job.dir)); err != nil {
		return spoolError(job.dir, err)
	}
	return nil
}

// lock takes the lock of the spool, for a moment in which jobs are found, made or removed.
func (s *Spool) lock(ctx context.Context) (unlock func(), err error) {
	lock, err := filelock.Wait(ctx, filepath.Join(s.dir, lockName), fileperm.FileMode)
	if err != nil {
		return nil, spoolError(s.dir, err)
	}
	return func() { _ = lock.Unlock() }, nil // closing a file that was not written
}

// create returns a new, locked job with an incomplete journal.
func (s *Spool) create(ctx context.Context, job Job) (*Job, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	job.ID = strings.ToLower(rand.Text()[:idLength])
	job.dir = filepath.Join(s.dir, job.ID)
	step("create")
	if err := os.Mkdir(job.dir, fileperm.FolderMode); err != nil {
		return nil, spoolError(job.dir, err)
	}
	if err := job.take(); err != nil {
		return nil, err
	}
	return &job, job.save()
}

const idLength = 10

// spoolError returns the error of a file of the spool.
func spoolError(path string, err error) error {
	if fault, ok := errors.AsType[*core.FileError](err); ok {
		return fault
	}
	fault := &core.FileError{Path: path, Reason: reasonOf(err), Err: err}
	if diskfull.Is(err) {
		fault.HintText = "free space on the disk, or choose another folder for the spool"
	}
	return fault
}

// reasonOf returns err without the path.
func reasonOf(err error) string {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		return "cannot " + inner.Op + " it: " + inner.Err.Error()
	}
	return err.Error()
}
