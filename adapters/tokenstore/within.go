package tokenstore

import (
	"path/filepath"
	"reflect"

	"github.com/taegis-go/taegis/core"
)

// The locks within this process, which all its stores share. On the operating system's file system
// they come in addition to lock files; on any other one they are all that there is.
var (
	// rewriting has a lock for each file name without its folder. A file system can be a view of
	// another one under another path, as [afero.BasePathFs] is, and does not tell. So files of the
	// same name in different places share a lock, which is held only to read and rewrite one.
	rewriting keyed[string]
	// loggingIn has a lock for each login. It is held while a user logs in, so only stores with the
	// same file system and path share it.
	loggingIn keyed[loginKey]
)

// loginKey names a login within this process.
type loginKey struct {
	files any // the file system; or the store, if its file system cannot be compared
	path  string
	token core.TokenKey
}

// nameOf returns the name under which the file at path is locked to be rewritten.
func nameOf(path string) string { return filepath.Base(path) }

// loginOf returns the name of a login within this process.
func (f *File) loginOf(path string, key core.TokenKey) loginKey {
	if files := f.fs(); reflect.ValueOf(files).Comparable() {
		return loginKey{files, path, key}
	}
	return loginKey{f, path, key}
}
