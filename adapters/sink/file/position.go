package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"time"
)

// position is a place in the files: an offset in the file that has, or will get, a number.
type position struct {
	File int   `json:"file"`
	Size int64 `json:"size"`
	// Digest identifies the file by the bytes before the offset.
	Digest string `json:"digest"`
	// Period is the beginning of the file's interval.
	Period time.Time `json:"period,omitzero"`
}

func (p *position) String() string {
	text, _ := json.Marshal(p) // numbers, text and a time always can be
	return string(text)
}

var errForeign = errors.New("the position is not one of this sink")

func parsePosition(text string) (*position, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	var p position
	if decoder.Decode(&p) != nil || p.File < 1 || p.Size < 0 || len(p.Digest) != digestLength || p.String() != text {
		return nil, errForeign
	}
	return &p, nil
}

// The digest covers digestBytes before the offset, and has digestLength hexadecimal digits.
const (
	digestBytes  = 4 << 10
	digestLength = 32
)

func digestOf(tail []byte) string {
	sum := sha256.Sum256(tail)
	return hex.EncodeToString(sum[:digestLength/2])
}

// digestAt returns the digest of a file at an offset, which it has.
func digestAt(file io.ReaderAt, size int64) (string, error) {
	tail := make([]byte, min(size, digestBytes))
	if n, err := file.ReadAt(tail, size-int64(len(tail))); n < len(tail) {
		return "", err
	}
	return digestOf(tail), nil
}

// here returns the position at the end of the current file, which has no buffer.
func (s *Sink) here() (*position, error) {
	digest, err := digestAt(s.current, s.size)
	if err != nil {
		return nil, err
	}
	return &position{File: s.number, Size: s.size, Digest: digest, Period: s.period}, nil
}
