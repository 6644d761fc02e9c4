package export

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"slices"
	"time"
)

// Mark recognizes a record, or a version of it, without containing it.
type Mark struct {
	// Second is the time of the record, in seconds since 1970.
	Second int64
	// Digest is the beginning of the SHA-256 of its id and version.
	Digest [16]byte
}

// newMark returns the mark of a record with an id.
func newMark(second int64, id, version string) Mark {
	h := sha256.New()
	_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(id))))
	_, _ = h.Write([]byte(id))
	_, _ = h.Write([]byte(version))
	m := Mark{Second: second}
	copy(m.Digest[:], h.Sum(nil))
	return m
}

// within reports whether the mark is of a record between two times, both included; zero is no bound.
func (m Mark) within(from, to time.Time) bool {
	return (from.IsZero() || m.Second >= from.Unix()) && (to.IsZero() || m.Second <= to.Unix())
}

// sorted returns marks by their time, each once.
func sorted(marks Marks) Marks {
	slices.SortFunc(marks, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(a.Second, b.Second), slices.Compare(a.Digest[:], b.Digest[:]))
	})
	return slices.Compact(marks)
}

// Marks are a list of marks, which encodes to a JSON string.
type Marks []Mark

const (
	markSize   = 8 + 16       // of a mark in a commit
	ledgerSize = markSize + 4 // of a mark with its checksum in the ledger
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (m Mark) appendTo(b []byte) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(m.Second)), m.Digest[:]...)
}

func readMark(b []byte) (m Mark) {
	m.Second = int64(binary.BigEndian.Uint64(b))
	copy(m.Digest[:], b[8:])
	return m
}

// appendChecked appends the mark and its checksum.
func (m Mark) appendChecked(b []byte) []byte {
	start := len(b)
	b = m.appendTo(b)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// readChecked reads a mark of the ledger. It reports false for one that was not written as a whole.
func readChecked(b []byte) (Mark, bool) {
	return readMark(b), crc32.Checksum(b[:markSize], castagnoli) == binary.BigEndian.Uint32(b[markSize:])
}

// MarshalJSON encodes the marks as one string.
func (m Marks) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, len(m)*markSize)
	for _, mark := range m {
		b = mark.appendTo(b)
	}
	return json.Marshal(b)
}

// UnmarshalJSON decodes what MarshalJSON has encoded.
func (m *Marks) UnmarshalJSON(text []byte) error {
	var b []byte
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	if len(b)%markSize != 0 {
		return errors.New("marks of records are cut off")
	}
	*m = make(Marks, 0, len(b)/markSize)
	for ; len(b) > 0; b = b[markSize:] {
		*m = append(*m, readMark(b))
	}
	return nil
}
