package tokenstore_test

import (
	"path/filepath"
	"testing"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

func TestMemory(t *testing.T) {
	portstest.TokenStore(t, func(*testing.T) func() ports.TokenStore {
		store := &tokenstore.Memory{}
		return func() ports.TokenStore { return store }
	})
}

func TestFile(t *testing.T) {
	portstest.TokenStore(t, func(t *testing.T) func() ports.TokenStore {
		path := filepath.Join(t.TempDir(), "home", "config")
		return func() ports.TokenStore { return &tokenstore.File{Path: path} }
	})
}

// fileSystems are the file systems of afero without locks. Each returns a function that opens the
// same files again: by the same file system, or by another view of it.
var fileSystems = map[string]func(dir string) func() afero.Fs{
	"memory": func(string) func() afero.Fs {
		files := afero.NewMemMapFs()
		return func() afero.Fs { return files }
	},
	"a base path in memory": func(string) func() afero.Fs {
		files := afero.NewMemMapFs()
		return func() afero.Fs { return afero.NewBasePathFs(files, "/base") }
	},
	"a base path on the disk": func(dir string) func() afero.Fs {
		return func() afero.Fs { return afero.NewBasePathFs(afero.NewOsFs(), dir) }
	},
	"copy on write": func(string) func() afero.Fs {
		base, layer := afero.NewReadOnlyFs(afero.NewMemMapFs()), afero.NewMemMapFs()
		return func() afero.Fs { return afero.NewCopyOnWriteFs(base, layer) }
	},
	"cache on read": func(string) func() afero.Fs {
		base, layer := afero.NewMemMapFs(), afero.NewMemMapFs()
		return func() afero.Fs { return afero.NewCacheOnReadFs(base, layer, 0) }
	},
	"a file system that cannot be compared": func(string) func() afero.Fs {
		files := afero.NewMemMapFs()
		return func() afero.Fs { return odd{Fs: files} }
	},
}

// odd is a file system that panics if it is compared.
type odd struct {
	afero.Fs
	_ []int
}

func TestFileWithoutLocks(t *testing.T) {
	for name, prepare := range fileSystems {
		t.Run(name, func(t *testing.T) {
			portstest.TokenStore(t, func(t *testing.T) func() ports.TokenStore {
				open := prepare(t.TempDir())
				shared := open() // else each store of a view logs in
				first := &tokenstore.File{Path: "/home/config", FS: shared}
				return func() ports.TokenStore {
					if _, isOdd := shared.(odd); isOdd {
						return first
					}
					return &tokenstore.File{Path: "/home/config", FS: shared}
				}
			})
		})
	}
}
