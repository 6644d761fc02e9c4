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
	portstest.TokenStore(t, func(*testing.T) ports.TokenStore { return &tokenstore.Memory{} })
}

func TestFile(t *testing.T) {
	portstest.TokenStore(t, func(t *testing.T) ports.TokenStore {
		return &tokenstore.File{Path: filepath.Join(t.TempDir(), "home", "config")}
	})
}

func TestFileInMemory(t *testing.T) {
	portstest.TokenStore(t, func(*testing.T) ports.TokenStore {
		return &tokenstore.File{Path: "/home/ann/.taegis_sdk_python/config", FS: afero.NewMemMapFs()}
	})
}
