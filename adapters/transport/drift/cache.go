package drift

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// ownName matches the names of this package's files, and of the temporary files of
// internal/atomicfile. The caller chooses the folder, which may contain other files.
var ownName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(taegis-adaptation-[0-9a-f]{32}\.json|\.taegis-adaptation-[0-9a-f]{32}\.json-[0-9]+\.new)$`)
})

// ownFiles returns the regular files in a folder that have a name of this package. It returns none
// if the folder is missing or cannot be read.
func ownFiles(dir string) (files []fs.FileInfo) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !ownName().MatchString(entry.Name()) {
			continue
		}
		if info, err := entry.Info(); err == nil { // otherwise another process has removed it
			files = append(files, info)
		}
	}
	return files
}

// drop removes a file of this package if it is a regular file. If that fails, the next use of the
// file tries again.
func drop(path string) {
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		_ = os.Remove(path)
	}
}

// listFiles returns the names of the files in a folder that have not expired. It removes the
// others.
func listFiles(dir string, now time.Time) (names []string) {
	for _, info := range ownFiles(dir) {
		if now.Sub(info.ModTime()) > lifetime {
			drop(filepath.Join(dir, info.Name()))
			continue
		}
		names = append(names, info.Name())
	}
	return names
}

// load reads a file. It removes a file that is expired, damaged or for another operation, and
// returns nil.
func load(dir, name string, key operationKey, now time.Time) *remembered {
	path := filepath.Join(dir, name)
	text, err := fileperm.ReadFile(path)
	if err != nil {
		drop(path) // other users could have written it
		return nil
	}
	var r remembered
	err = json.Unmarshal(text, &r)
	if err != nil || r.Version != version || r.Host != key.host || r.Gateway != key.gateway ||
		r.Operation != key.operation || r.expired(now) {
		drop(path)
		return nil
	}
	if _, err := parseSelection(r.Selection); err != nil {
		drop(path)
		return nil
	}
	return &r
}

// save writes a file and removes the oldest ones if there are too many.
func save(dir, name string, text []byte) error {
	if err := fileperm.MakeFolder(dir); err != nil {
		return err
	}
	if err := atomicfile.File(afero.NewOsFs(), filepath.Join(dir, name), text, nil); err != nil {
		return err
	}
	trim(dir)
	return nil
}

// trim removes the oldest files if there are too many.
func trim(dir string) {
	files := ownFiles(dir)
	if len(files) <= maxAdaptations {
		return
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	for _, info := range files[maxAdaptations:] {
		drop(filepath.Join(dir, info.Name()))
	}
}

// fileName returns the name of an operation's file. It contains a digest of the server and of all
// parts of the operation that its documents consist of, without the arguments' values.
func fileName(key operationKey, op *core.Operation) string {
	h := sha256.New()
	for _, text := range []string{key.host, key.gateway, string(key.kind), key.operation, key.selection} {
		h.Write([]byte(text + "\x00"))
	}
	for _, a := range op.Arguments {
		h.Write([]byte(a.Name + ":" + a.Declared() + "\x00"))
	}
	return "taegis-adaptation-" + hex.EncodeToString(h.Sum(nil)[:16]) + ".json" // see ownName
}
