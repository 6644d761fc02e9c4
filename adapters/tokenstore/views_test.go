package tokenstore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
)

// Stores that reach one file by different views of a file system keep each other's tokens.
func TestTwoViewsOfOneFile(t *testing.T) {
	views := map[string]func(dir string) (one, other *tokenstore.File){}
	for name, prepare := range fileSystems {
		views[name] = func(dir string) (one, other *tokenstore.File) {
			open := prepare(dir)
			return &tokenstore.File{Path: "/home/config", FS: open()}, &tokenstore.File{Path: "/home/config", FS: open()}
		}
	}
	views["a base path and the disk"] = func(dir string) (one, other *tokenstore.File) {
		return &tokenstore.File{Path: "/home/config", FS: afero.NewBasePathFs(afero.NewOsFs(), dir)},
			&tokenstore.File{Path: filepath.Join(dir, "home", "config")}
	}
	views["a base path in a base path"] = func(string) (one, other *tokenstore.File) {
		files := afero.NewMemMapFs()
		return &tokenstore.File{Path: "/ann/config", FS: afero.NewBasePathFs(files, "/home")},
			&tokenstore.File{Path: "/config", FS: afero.NewBasePathFs(afero.NewBasePathFs(files, "/home"), "/ann")}
	}
	for name, open := range views {
		t.Run(name, func(t *testing.T) {
			one, other := open(t.TempDir())
			stores := []*tokenstore.File{one, other}
			tokens := make([]string, 20)
			var writers sync.WaitGroup
			for i := range tokens {
				tokens[i] = ofClient(fmt.Sprint(i))
				writers.Go(func() { keep(t, stores[i%2], clientKey(fmt.Sprint(i)), tokens[i]) })
			}
			writers.Wait()
			for i, token := range tokens {
				if loaded(t, one, clientKey(fmt.Sprint(i))) != token || loaded(t, other, clientKey(fmt.Sprint(i))) != token {
					t.Errorf("token %d is lost", i)
				}
			}
		})
	}
}

// Tokens on a file system that is read-only are read, and a new one works without being stored.
func TestReadOnlyView(t *testing.T) {
	files := afero.NewMemMapFs()
	old := ofClient("mine")
	keep(t, &tokenstore.File{Path: "/home/config", FS: files}, clientKey("mine"), old)
	f := &tokenstore.File{Path: "/home/config", FS: afero.NewReadOnlyFs(files), Logger: newLogger(t.Output())}
	if loaded(t, f, clientKey("mine")) != old {
		t.Error("the token is not read")
	}
	fresh := core.NewToken(ofClient("mine"), time.Now())
	got, err := f.Update(t.Context(), clientKey("mine"), func(context.Context, core.Token) (core.Token, error) { return fresh, nil })
	if _, unsaved := errors.AsType[*core.SaveError](err); !unsaved || !got.AccessToken.Equal(fresh.AccessToken) || !errors.Is(err, syscall.EPERM) {
		t.Errorf("Update: %v", err)
	}
	if loaded(t, f, clientKey("mine")) != old {
		t.Error("the stored token is lost")
	}
}
