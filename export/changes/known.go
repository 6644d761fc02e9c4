package changes

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"github.com/taegis-go/taegis/internal/digest"
)

// known is the file of the last versions of records: a line of JSON for each version.
type known struct {
	file    *os.File
	length  int64 // of what is durable
	pending []byte
	last    map[string]version // by digest
}

// line is a line of the file.
type line struct {
	Key    string    `json:"k"`
	At     time.Time `json:"t"`
	Closed bool      `json:"c,omitzero"`
}

// openKnown opens the file, which it creates if it is missing, and cuts it back to a length.
func openKnown(path string, length int64) (*known, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	k := &known{file: file, length: length, last: map[string]version{}}
	if err := k.read(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return k, nil
}

// read reads the file up to its length.
func (k *known) read() error {
	info, err := k.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < k.length {
		return errors.New("it is shorter than it was")
	}
	if err := k.file.Truncate(k.length); err != nil {
		return err
	}
	lines := bufio.NewScanner(io.NewSectionReader(k.file, 0, k.length))
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return err
		}
		k.last[l.Key] = version{l.At, l.Closed}
	}
	return lines.Err()
}

func (k *known) get(key string) (version, bool) {
	v, found := k.last[digest.Of(key)]
	return v, found
}

func (k *known) set(key string, v version) {
	short := digest.Of(key)
	k.last[short] = v
	text, _ := json.Marshal(line{short, v.at, v.closed}) // always has a form
	k.pending = append(append(k.pending, text...), '\n')
}

// sync writes what is pending, and returns the length of the file.
func (k *known) sync() (int64, error) {
	if len(k.pending) == 0 {
		return k.length, nil
	}
	if _, err := k.file.WriteAt(k.pending, k.length); err != nil {
		return 0, err
	}
	if err := k.file.Sync(); err != nil {
		return 0, err
	}
	k.length += int64(len(k.pending))
	k.pending = k.pending[:0]
	return k.length, nil
}

func (k *known) close() error { return k.file.Close() }
