package file

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// closedFile is a closed file: PATH.NUMBER with the suffix of its compression.
type closedFile struct {
	path   string
	number int
	suffix string // "", ".gz" or ".zst"
}

const (
	gzipSuffix  = ".gz"
	zstdSuffix  = ".zst"
	unfinished  = ".unfinished" // the end of the name of a file that is being written
	lockSuffix  = ".lock"
	startSuffix = ".start"
)

// closedFiles returns the closed files in the order of their numbers, for each number the file
// without compression first.
func (s *Sink) closedFiles() ([]closedFile, error) {
	names, err := s.names()
	if err != nil {
		return nil, err
	}
	var files []closedFile
	for _, name := range names {
		if f, ok := s.closedFile(name); ok {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b closedFile) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.suffix, b.suffix))
	})
	return files, nil
}

// names returns the names in the folder of the file.
func (s *Sink) names() ([]string, error) {
	folder, err := s.disk().Open(filepath.Dir(s.Path))
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return folder.Readdirnames(-1)
}

// sweep removes what an interrupted compression or decompression has left.
func (s *Sink) sweep() error {
	names, err := s.names()
	for _, name := range names {
		if strings.HasPrefix(name, filepath.Base(s.Path)+".") && strings.HasSuffix(name, unfinished) {
			err = errors.Join(err, s.disk().Remove(filepath.Join(filepath.Dir(s.Path), name)))
		}
	}
	return err
}

func (s *Sink) closedFile(name string) (closedFile, bool) {
	rest, ok := strings.CutPrefix(name, filepath.Base(s.Path)+".")
	if !ok {
		return closedFile{}, false
	}
	f := closedFile{path: filepath.Join(filepath.Dir(s.Path), name)}
	for _, suffix := range []string{gzipSuffix, zstdSuffix} {
		if digits, ok := strings.CutSuffix(rest, suffix); ok {
			rest, f.suffix = digits, suffix
		}
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n < 1 || strconv.Itoa(n) != rest {
		return closedFile{}, false
	}
	f.number = n
	return f, true
}

func (s *Sink) closedPath(number int) string { return s.Path + "." + strconv.Itoa(number) }
