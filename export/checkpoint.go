package export

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
)

// longestJournal is the length of a journal after which a checkpoint is written.
const longestJournal = 4 << 20

// checkpointVersion is the version of the format of the state.
const checkpointVersion = 1

// checkpoint is the state of an export at the beginning of a journal.
type checkpoint struct {
	Version  int                 `json:"version"`
	Journal  int                 `json:"journal"` // number of the journal that continues it
	Position string              `json:"position,omitempty"`
	Feeds    map[string]Progress `json:"feeds"`
}

const (
	checkpointName = "checkpoint"
	journalPrefix  = "journal-"
)

func journalPath(dir string, number int) string {
	return filepath.Join(dir, fmt.Sprintf("%s%d", journalPrefix, number))
}

func readCheckpoint(dir string) (checkpoint, error) {
	c := checkpoint{Version: checkpointVersion, Journal: 1, Feeds: map[string]Progress{}}
	path := filepath.Join(dir, checkpointName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if err := parseLine(bytes.TrimSuffix(text, []byte{'\n'}), &c); err != nil {
		return c, damaged(path, 1, err)
	}
	if c.Version != checkpointVersion {
		return c, &core.FileError{
			Path:     path,
			Reason:   fmt.Sprintf("the state has version %d of the format, and this program writes version %d", c.Version, checkpointVersion),
			HintText: "use the program that wrote it, or another folder",
		}
	}
	return c, nil
}

// apply makes the changes of a commit.
func (c *checkpoint) apply(commit Commit, pending map[string]Marks) {
	c.Position = commit.Position
	for _, change := range commit.Feeds {
		key := change.Progress.Feed.Key()
		c.Feeds[key] = change.Progress
		pending[key] = append(pending[key], change.Marks...)
	}
}

// list returns the progress of all feeds in their order.
func (c *checkpoint) list() []Progress {
	return slices.SortedFunc(maps.Values(c.Feeds), func(a, b Progress) int { return compareIDs(a.Feed, b.Feed) })
}

// checkpoint moves what is pending to the ledger, writes the state, and begins a new journal. Until the
// new state has replaced the old one, the old journal is valid.
func (d *Dir) checkpoint() error {
	l := d.ledger()
	for key, marks := range d.pending {
		if err := errors.Join(l.add(key, marks), l.prune(key, d.state.Feeds[key].From)); err != nil {
			return err
		}
	}
	next := d.state
	next.Journal++
	journal, err := os.OpenFile(journalPath(d.path, next.Journal), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	line, err := appendLine(nil, next)
	if err == nil {
		err = atomicfile.File(afero.NewOsFs(), filepath.Join(d.path, checkpointName), line, nil)
	}
	if err != nil {
		return errors.Join(err, journal.Close())
	}
	old := d.journal
	d.journal, d.size, d.state, d.pending = journal, 0, next, map[string]Marks{}
	return errors.Join(old.Close(), removeJournals(d.path, next.Journal))
}

// removeJournals removes all journals but one.
func removeJournals(dir string, kept int) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if strings.HasPrefix(entry.Name(), journalPrefix) && path != journalPath(dir, kept) {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}
