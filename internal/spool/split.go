package spool

import (
	"bytes"
	"io"
)

// span is a part of an input.
type span struct{ offset, size int64 }

// searched is how much is searched for a line end at once.
const searched = 64 << 10

// split divides the first total bytes of an input into parts of at most size bytes. A part ends at
// a line end, unless a line is larger than a part.
func split(input io.ReaderAt, total, size int64) (parts []span, err error) {
	for offset := int64(0); offset < total; {
		end := offset + size
		if end >= total {
			end = total
		} else if end, err = lineEnd(input, offset, end); err != nil {
			return nil, err
		}
		parts = append(parts, span{offset, end - offset})
		offset = end
	}
	return parts, nil
}

// lineEnd returns the offset after the last line end between two offsets, or the second one if
// there is none.
func lineEnd(input io.ReaderAt, from, to int64) (int64, error) {
	buffer := make([]byte, searched)
	for end := to; end > from; {
		begin := max(from, end-searched)
		piece := buffer[:end-begin]
		if _, err := io.ReadFull(io.NewSectionReader(input, begin, end-begin), piece); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(piece, '\n'); i >= 0 {
			return begin + int64(i) + 1, nil
		}
		end = begin
	}
	return to, nil
}
