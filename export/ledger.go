package export

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/internal/atomicfile"
)

// ledger is a folder with a file for each feed: the marks of the records that were delivered. Marks are
// appended, and may be there twice. A mark that was not written as a whole is ignored: the journal has
// it still.
type ledger struct {
	dir string
	// keep is how far before the next window of its feed a mark is kept.
	keep time.Duration
}

func (l *ledger) path(key string) string { return filepath.Join(l.dir, key) }

// each calls use for each mark of a feed.
func (l *ledger) each(key string, use func(Mark)) error {
	f, err := os.Open(l.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReaderSize(f, 1<<16)
	var b [ledgerSize]byte
	for {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil
			}
			return err
		}
		if mark, whole := readChecked(b[:]); whole {
			use(mark)
		}
	}
}

// add appends marks durably.
func (l *ledger) add(key string, marks Marks) error {
	f, err := os.OpenFile(l.path(key), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	err = l.append(f, marks)
	return errors.Join(err, f.Close())
}

func (l *ledger) append(f *os.File, marks Marks) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	whole := info.Size() - info.Size()%ledgerSize
	b := make([]byte, 0, len(marks)*ledgerSize)
	for _, mark := range marks {
		b = mark.appendChecked(b)
	}
	if _, err := f.WriteAt(b, whole); err != nil {
		return err
	}
	return f.Sync()
}

// prune removes the marks of a feed that are older than what is kept before the next window, once the
// oldest is much older.
func (l *ledger) prune(key string, from time.Time) error {
	oldest, found, err := l.oldest(key)
	if err != nil || !found || oldest >= from.Add(-l.keep*3/2).Unix() {
		return err
	}
	limit := from.Add(-l.keep).Unix()
	kept := []byte{}
	err = l.each(key, func(m Mark) {
		if m.Second >= limit {
			kept = m.appendChecked(kept)
		}
	})
	if err != nil {
		return err
	}
	return atomicfile.File(afero.NewOsFs(), l.path(key), kept, nil)
}

// oldest returns the time of the first mark of a feed, which is about the oldest.
func (l *ledger) oldest(key string) (second int64, found bool, err error) {
	f, err := os.Open(l.path(key))
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = f.Close() }()
	var b [ledgerSize]byte
	if _, err := io.ReadFull(f, b[:]); err != nil {
		return 0, false, nil // there is no whole mark
	}
	mark, found := readChecked(b[:])
	return mark.Second, found, nil
}
