package logs

import (
	"errors"
	"strconv"
	"strings"
)

// size is a flag with a number of bytes, for example "10MB".
type size int64

// The smallest and largest part.
const (
	smallestPart = 1 << 10
	largestPart  = 5 << 30 // of one PUT, as storage services limit it
)

var units = []struct {
	name  string
	bytes int64
}{
	{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1},
}

var errSize = errors.New("use a number and a unit from 1KiB to 5GiB, for example 10MB or 8MiB")

// Set parses a size.
func (s *size) Set(text string) error {
	text = strings.ToUpper(strings.TrimSpace(text))
	for _, unit := range units {
		digits, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n <= 0 || n > largestPart/unit.bytes || n*unit.bytes < smallestPart {
			return errSize
		}
		*s = size(n * unit.bytes)
		return nil
	}
	return errSize
}

// String returns the value that the help shows.
func (s *size) String() string {
	if *s%1e6 == 0 {
		return strconv.FormatInt(int64(*s)/1e6, 10) + "MB"
	}
	return strconv.FormatInt(int64(*s), 10) + "B"
}

// Type returns the type that the help shows.
func (*size) Type() string { return "size" }
