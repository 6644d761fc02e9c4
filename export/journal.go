package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/taegis-go/taegis/core"
)

// A journal is a file of lines. A line is the checksum of a JSON value in hex digits, a space, and the
// value. A line that is cut off at the end of the file was not committed; any other line with a wrong
// checksum is damage.

// appendLine appends a value as a line of a journal.
func appendLine(b []byte, value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	b = fmt.Appendf(b, "%08x ", crc32.Checksum(text, castagnoli))
	return append(append(b, text...), '\n'), nil
}

// sumSize is the length of a checksum and the space after it.
const sumSize = 9

// parseLine decodes a line without its line feed.
func parseLine(line []byte, value any) error {
	if len(line) < sumSize || string(line[:sumSize]) != fmt.Sprintf("%08x ", crc32.Checksum(line[sumSize:], castagnoli)) {
		return errors.New("its checksum is wrong")
	}
	return json.Unmarshal(line[sumSize:], value)
}

// readJournal calls use for each commit in a journal. It returns the length of what was committed.
func readJournal(path string, use func(Commit)) (length int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReaderSize(f, 1<<16)
	for number := 1; ; number++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return length, nil // what is left is cut off, or nothing
		}
		if err != nil {
			return 0, err
		}
		var c Commit
		if err := parseLine(bytes.TrimSuffix(line, []byte{'\n'}), &c); err != nil {
			if _, end := r.Peek(1); errors.Is(end, io.EOF) {
				return length, nil // the blocks of a line can reach the disk in any order
			}
			return 0, damaged(path, number, err)
		}
		use(c)
		length += int64(len(line))
	}
}

// damaged is the error of a file of the state that was not written so.
func damaged(path string, line int, err error) error {
	return &core.FileError{
		Path: path, Line: line, Reason: "the state of the export is damaged: " + err.Error(),
		HintText: "restore it from a copy, or start over with another folder and verify what is missing", Err: err,
	}
}
