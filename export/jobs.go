package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/digest"
	"github.com/taegis-go/taegis/internal/filelock"
)

// Job is a span of time that a running export is asked to export again.
type Job struct {
	// Stream is the name of a stream, "" for all.
	Stream string    `json:"stream,omitempty"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`

	id string
}

const jobsName = "jobs"

// IsBusy reports whether a process exports with the state in a folder.
func IsBusy(path string) (bool, error) {
	busy, err := filelock.Locked(filepath.Join(path, lockName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return busy, err
}

// Request asks the process that exports with the state in a folder to run a job. It looks for jobs
// after each pass over a feed. A job that is not finished when the process ends is run by the next one.
func Request(path string, job Job) error {
	dir := filepath.Join(path, jobsName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	return atomicfile.File(afero.NewOsFs(), filepath.Join(dir, digest.Of(string(text))+".json"), append(text, '\n'), nil)
}

// jobStore is a [Store] that takes requests.
type jobStore interface {
	// Jobs returns the jobs that are not finished.
	Jobs(ctx context.Context) ([]Job, error)
	// Finish removes a job.
	Finish(ctx context.Context, job Job) error
}

// Jobs returns the jobs that were requested and are not finished.
func (d *Dir) Jobs(context.Context) ([]Job, error) {
	entries, err := os.ReadDir(filepath.Join(d.path, jobsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var jobs []Job
	for _, entry := range entries {
		id, isJob := strings.CutSuffix(entry.Name(), ".json")
		if !isJob {
			continue
		}
		path := filepath.Join(d.path, jobsName, entry.Name())
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		job := Job{id: id}
		if err := json.Unmarshal(text, &job); err != nil {
			return nil, damaged(path, 1, err)
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}

// Finish removes a job.
func (d *Dir) Finish(_ context.Context, job Job) error {
	return os.Remove(filepath.Join(d.path, jobsName, job.id+".json"))
}

// jobs runs what was requested for a feed. The last feed that a job is for finishes it.
func (r *reader) jobs(ctx context.Context) error {
	store, ok := r.run.Store.(jobStore)
	if !ok || r.feed.Stream.snapshot {
		return nil
	}
	jobs, err := store.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if job.Stream != "" && job.Stream != r.feed.Stream.Name() || r.run.hasRun(job, r.feed.id()) {
			continue
		}
		if err := r.backfill(ctx, Window{job.From, job.To}); err != nil {
			return fmt.Errorf("the records from %s to %s: %w", job.From.Format(time.RFC3339), job.To.Format(time.RFC3339), err)
		}
		if r.run.ran(job, r.feed.id()) {
			if err := store.Finish(ctx, job); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasRun reports whether this process has run a job for a feed.
func (e *exporter) hasRun(job Job, feed FeedID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.jobsRun[job.id][feed.Key()]
}

// ran notes that a job has run for a feed, and reports whether it has run for all.
func (e *exporter) ran(job Job, feed FeedID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.jobsRun[job.id] == nil {
		e.jobsRun[job.id] = map[string]bool{}
	}
	e.jobsRun[job.id][feed.Key()] = true
	for i := range e.Feeds {
		f := &e.Feeds[i]
		if !f.Stream.snapshot && (job.Stream == "" || job.Stream == f.Stream.Name()) && !e.jobsRun[job.id][f.id().Key()] {
			return false
		}
	}
	delete(e.jobsRun, job.id)
	return true
}
