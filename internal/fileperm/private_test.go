package fileperm_test

import (
	"path/filepath"
	"testing"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// A reader always finds the file, also on Windows, regardless of how often it is replaced.
func TestReadingWhatIsBeingReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write := func() {
		if err := atomicfile.File(afero.NewOsFs(), path, []byte("whole"), nil); err != nil {
			t.Error(err)
		}
	}
	write()
	written := make(chan struct{})
	go func() {
		defer close(written)
		for range 200 {
			write()
		}
	}()
	for reads := 1; ; reads++ {
		if text, err := fileperm.ReadFile(path); string(text) != "whole" || err != nil {
			t.Errorf("%q, %v", text, err)
		}
		select {
		case <-written:
			t.Logf("%d times", reads)
			return
		default:
		}
	}
}
