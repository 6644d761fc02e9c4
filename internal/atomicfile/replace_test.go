package atomicfile_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/internal/atomicfile"
)

// Concurrent writers do not remove each other's new files as abandoned.
func TestManyWritersWithoutALock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 50 {
				if err := atomicfile.File(afero.NewOsFs(), path, []byte("whole"), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if text, err := os.ReadFile(path); string(text) != "whole" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if names, err := os.ReadDir(filepath.Dir(path)); len(names) != 1 || err != nil {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

// sweeping is a file system on which a logout happens just before a new file replaces the old one.
type sweeping struct {
	afero.Fs
	once sync.Once
}

func (s *sweeping) Rename(from, to string) error {
	s.once.Do(func() { atomicfile.Sweep(s.Fs, to) })
	return s.Fs.Rename(from, to)
}

func TestWhoIsTakenForDeadWritesOnceMore(t *testing.T) {
	disk := &sweeping{Fs: afero.NewMemMapFs()}
	if err := atomicfile.File(disk, "/file", []byte("whole"), nil); err != nil {
		t.Fatal(err)
	}
	if text, err := afero.ReadFile(disk, "/file"); string(text) != "whole" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
