package file

import (
	"context"
	"io/fs"
	"log/slog"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/recordjson"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Compression is how closed files are compressed.
type Compression string

// The kinds of [Compression].
const (
	Uncompressed Compression = ""
	Gzip         Compression = "gzip"
	Zstd         Compression = "zstd"
)

// Sink appends records to a file, one on each line. It implements [ports.Sink] and [io.Closer]. All
// of its errors are [*core.SinkError]; those of a full disk are temporary, since the export can
// continue as soon as there is space.
type Sink struct {
	// Path is the path of the current file, in a folder that exists. If there is a file already
	// that no export has written, records are appended to it.
	Path string
	// MaxBytes is the size above which a file is rotated before the next record, in bytes. A file
	// is larger only if a single record is. 0 disables rotation by size.
	MaxBytes int64
	// Interval rotates files by time: a file has the records that were written within one interval,
	// for example within an hour. Intervals begin at midnight UTC if a day is a multiple of them.
	// The file of an interval is rotated when the first record after it arrives. 0 disables
	// rotation by time.
	Interval time.Duration
	// Compression compresses closed files in the background, when the export has stored a position
	// after them.
	Compression Compression
	// Keep is how many closed files are kept. 0 keeps all. A file that the export may still need
	// for cutting back is always kept.
	Keep int
	// Envelope writes an object with the stream, environment, tenant, id, version, time and data of
	// each record, instead of its data alone.
	Envelope bool
	// Mode is the mode of new files; 0 means 0600, since records may be confidential.
	Mode fs.FileMode
	// FS is the file system; nil means the operating system's. No lock keeps other processes away
	// on any other file system.
	FS afero.Fs
	// Logger logs failures of compression and removal, which are tried again later; nil means
	// [slog.Default].
	Logger *slog.Logger

	lock    *filelock.Lock
	current afero.File // nil if the sink is not open or has failed
	buffer  []byte     // lines that are not written yet
	number  int        // the number that the current file gets when it is closed
	size    int64      // of the current file, with the buffer
	period  time.Time  // the beginning of the current file's interval

	synced  *position // of the last Sync that succeeded, or of Open; nil if the sink is not open
	stored  *position // the last position that the export has surely stored
	isFresh bool      // the export has not stored a position, PATH.start exists
	isDirty bool      // there were records since synced
	cleaner cleaner
	cleaned int // the number below which closed files have been cleaned
}

// flushBytes is the size of the buffer at which it is written.
const flushBytes = 256 << 10

// Open cuts the files back to a position and locks them. Without a position it cuts them back to
// their sizes before the export began, if an earlier run was interrupted before it stored one.
func (s *Sink) Open(ctx context.Context, text string) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if err := s.takeLock(); err != nil {
		return err
	}
	if err := s.start(text); err != nil {
		s.unlock()
		return err
	}
	s.clean()
	return nil
}

// Deliver appends records. They are written when the buffer is full, and in Sync.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	if s.stored != s.synced { // the export goes on, so it has stored what Sync returned
		s.stored = s.synced
		s.settle()
	}
	for i := range records {
		if err := s.add(&records[i]); err != nil {
			return s.fail(err)
		}
	}
	s.isDirty = s.isDirty || len(records) > 0
	return nil
}

func (s *Sink) add(r *core.Record) error {
	before := len(s.buffer)
	s.buffer = append(recordjson.Append(s.buffer, r, s.Envelope), '\n')
	added := int64(len(s.buffer) - before)
	if now := s.now(); s.isDue(added, now) {
		line := append([]byte(nil), s.buffer[before:]...)
		s.buffer = s.buffer[:before]
		if err := s.rotate(); err != nil {
			return err
		}
		s.buffer, s.period = append(s.buffer, line...), now
	} else if s.size == 0 {
		s.period = now
	}
	s.size += added
	if len(s.buffer) >= flushBytes {
		return s.flush()
	}
	return nil
}

// now returns the beginning of the current interval.
func (s *Sink) now() time.Time {
	if s.Interval <= 0 {
		return time.Time{}
	}
	return time.Now().UTC().Truncate(s.Interval)
}

// isDue reports whether the current file must be rotated before that many more bytes. A clock that
// was set back does not rotate.
func (s *Sink) isDue(added int64, now time.Time) bool {
	return s.size > 0 && (s.MaxBytes > 0 && s.size+added > s.MaxBytes || now.After(s.period))
}

// Sync writes everything to the disk, and returns a position after it.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	err := s.flush()
	if err == nil {
		err = s.current.Sync()
	}
	if err != nil {
		return "", s.fail(err)
	}
	here, err := s.here()
	if err != nil {
		return "", s.fail(err)
	}
	s.synced, s.isDirty = here, false
	return here.String(), nil
}

// Close closes the file. What was delivered since the last Sync is cut off by the next Open.
func (s *Sink) Close() error {
	s.cleaner.stop()
	if s.isFresh && !s.isDirty && s.synced != s.stored {
		s.unmark() // all is synced, and the next run may not take it back
	}
	var err error
	if s.current != nil {
		err = s.current.Close()
	}
	s.unlock()
	s.current, s.buffer, s.synced, s.stored, s.isFresh, s.isDirty = nil, nil, nil, nil, false, false
	s.cleaned = 0
	if err != nil {
		return s.fault(err)
	}
	return nil
}

// ready returns an error if the sink is not open. After a failure it cuts the files back.
func (s *Sink) ready(ctx context.Context) error {
	switch {
	case s.synced == nil:
		return sinkfault.NotOpen(s.name())
	case ctx.Err() != nil:
		return s.fail(s.ended(ctx))
	case s.current == nil:
		return s.cutBack(s.synced)
	}
	return nil
}

// fail returns the error of the sink, and takes the records since the last Sync back.
func (s *Sink) fail(err error) error {
	if s.current != nil {
		_ = s.current.Close() // what it has after the position is of no use
	}
	s.current, s.buffer, s.isDirty = nil, nil, false
	_ = s.cutBack(s.synced) // if it fails here, ready repeats it
	return s.fault(err)
}

// flush writes the buffer.
func (s *Sink) flush() error {
	if len(s.buffer) == 0 {
		return nil
	}
	_, err := s.current.Write(s.buffer)
	s.buffer = s.buffer[:0]
	return err
}

func (s *Sink) disk() afero.Fs {
	if s.FS == nil {
		return afero.NewOsFs()
	}
	return s.FS
}

func (s *Sink) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.Default()
	}
	return s.Logger
}
