package search

import (
	"os"
	"path/filepath"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/internal/digest"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// absentFor is how long the command line assumes that a server lacks an operation. It is remembered
// between processes, in the folder of the adaptations of operations.
const absentFor = 24 * time.Hour

// absentPath returns the path of the file that says that the client's server lacks an operation, ""
// if there is no folder for it.
func absentPath(client *taegis.Client, operation string) string {
	dir := drift.DefaultDir()
	if dir == "" || fileperm.MakeFolder(dir) != nil {
		return ""
	}
	return filepath.Join(dir, "taegis-absent-"+digest.Of(client.Environment().APIURL, operation))
}

// isAbsent reports whether the server lacked the operation a short time ago.
func isAbsent(client *taegis.Client, operation string) bool {
	path := absentPath(client, operation)
	if path == "" {
		return false
	}
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	age := time.Since(info.ModTime())
	return age >= 0 && age < absentFor
}

// setAbsent remembers whether the server lacks the operation. That it cannot be remembered costs a
// request, and is no error.
func setAbsent(client *taegis.Client, operation string, absent bool) {
	path := absentPath(client, operation)
	if path == "" {
		return
	}
	_ = os.Remove(path)
	if !absent {
		return
	}
	if file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		_ = file.Close()
	}
}
