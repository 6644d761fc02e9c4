package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/filelock"
)

// DefaultLedger is how far back a [Dir] knows which records were delivered.
const DefaultLedger = 31 * 24 * time.Hour

// Dir is a [Store] in a folder, for one process at a time. It consists of a checkpoint, of a journal
// with the commits since then, and of a ledger of what was delivered.
type Dir struct {
	// Ledger is how far before the next window of a feed the store knows which records were delivered.
	// Zero means [DefaultLedger]. It takes 28 bytes a record.
	Ledger time.Duration

	path string
	lock *filelock.Lock

	mu      sync.Mutex
	state   checkpoint
	pending map[string]Marks // what is in the journal and not in the ledger, by feed
	journal *os.File
	size    int64 // of the journal
	failed  error // after an error of the disk, the state of the journal is not known
}

// OpenDir opens the store in a folder, which it creates if it is missing. It returns a
// [*core.FileError] if another process uses the folder, or if the state in it is damaged.
func OpenDir(ctx context.Context, path string) (*Dir, error) {
	if err := os.MkdirAll(filepath.Join(path, ledgerName), 0o700); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	lock, err := filelock.Try(filepath.Join(path, lockName), 0o600)
	if errors.Is(err, filelock.ErrLocked) {
		return nil, &core.FileError{
			Path: path, Reason: "another process exports with this state",
			HintText: "wait for it, or give another folder", Err: err,
		}
	}
	if err != nil {
		return nil, err
	}
	d := &Dir{path: path, lock: lock}
	if err := d.open(); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return d, nil
}

const (
	lockName   = "lock"
	ledgerName = "ledger"
)

// open reads the checkpoint and the journal, and cuts off what was not committed.
func (d *Dir) open() error {
	var length int64
	var err error
	if d.state, d.pending, length, err = read(d.path); err != nil {
		return err
	}
	path := journalPath(d.path, d.state.Journal)
	if d.journal, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	if err := d.journal.Truncate(length); err != nil {
		return errors.Join(err, d.journal.Close())
	}
	d.size = length
	if _, err := os.Stat(filepath.Join(d.path, checkpointName)); errors.Is(err, fs.ErrNotExist) {
		return d.checkpoint() // makes the files of the folder durable
	}
	return removeJournals(d.path, d.state.Journal)
}

// read reads the state in a folder, without changing it.
func read(path string) (state checkpoint, pending map[string]Marks, length int64, err error) {
	if state, err = readCheckpoint(path); err != nil {
		return state, nil, 0, err
	}
	pending = map[string]Marks{}
	length, err = readJournal(journalPath(path, state.Journal), func(c Commit) { state.apply(c, pending) })
	if errors.Is(err, fs.ErrNotExist) {
		return state, pending, 0, nil
	}
	return state, pending, length, err
}

// Close closes the store. Another process can then open it.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return errors.Join(d.journal.Close(), d.lock.Unlock())
}

// Position returns the position of the sink at the last commit.
func (d *Dir) Position(context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.Position, nil
}

// Load returns the progress of a feed.
func (d *Dir) Load(_ context.Context, id FeedID) (Progress, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, found := d.state.Feeds[id.Key()]
	return p, found, nil
}

// Feeds returns the progress of all feeds.
func (d *Dir) Feeds() []Progress {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.list()
}

// Marks returns the marks of the records of a feed that were delivered, as far as they are kept.
func (d *Dir) Marks(_ context.Context, id FeedID, from, to time.Time) (Marks, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return marksBetween(d.ledger(), id.Key(), d.pending, from, to)
}

func marksBetween(l *ledger, key string, pending map[string]Marks, from, to time.Time) (Marks, error) {
	var found Marks
	add := func(m Mark) {
		if m.within(from, to) {
			found = append(found, m)
		}
	}
	if err := l.each(key, add); err != nil {
		return nil, err
	}
	for _, m := range pending[key] {
		add(m)
	}
	return sorted(found), nil
}

// Commit appends a commit to the journal. Once in a while it writes a checkpoint.
func (d *Dir) Commit(_ context.Context, c Commit) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed != nil {
		return d.failed
	}
	if err := d.commit(c); err != nil {
		d.failed = fmt.Errorf("the state of the export in %s: %w", d.path, err)
		return d.failed
	}
	return nil
}

func (d *Dir) commit(c Commit) error {
	line, err := appendLine(nil, c)
	if err != nil {
		return err
	}
	if _, err := d.journal.WriteAt(line, d.size); err != nil {
		return err
	}
	if err := d.journal.Sync(); err != nil {
		return err
	}
	d.size += int64(len(line))
	d.state.apply(c, d.pending)
	if d.size < longestJournal {
		return nil
	}
	return d.checkpoint()
}

// Forget removes what the store knows of a feed: it then starts over.
func (d *Dir) Forget(_ context.Context, id FeedID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.state.Feeds, id.Key())
	delete(d.pending, id.Key())
	if err := d.checkpoint(); err != nil {
		return err
	}
	err := os.Remove(d.ledger().path(id.Key()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (d *Dir) ledger() *ledger {
	return &ledger{dir: filepath.Join(d.path, ledgerName), keep: cmp.Or(d.Ledger, DefaultLedger)}
}
