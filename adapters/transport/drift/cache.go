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
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// ownName matches the names that this package gives to files, and those that internal/atomicfile gives
// to their new versions. The folder is the caller's choice and may hold anything else.
var ownName = regexp.MustCompile(`^(taegis-adaptation-[0-9a-f]{32}\.json|\.taegis-adaptation-[0-9a-f]{32}\.json-[0-9]+\.new)$`)

// ownFiles returns the regular files of a folder that have a name of this package. A folder that
// is missing or cannot be read has none.
func ownFiles(dir string) (files []fs.FileInfo) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !ownName.MatchString(entry.Name()) {
			continue
		}
		if info, err := entry.Info(); err == nil { // else another process has removed it
			files = append(files, info)
		}
	}
	return files
}

// drop removes a file of this package, and nothing else that has its name. If that fails, the file
// is found to be of no use again, and removed, the next time.
func drop(path string) {
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		_ = os.Remove(path)
	}
}

// list returns the names of the files in a folder that may still be trusted. It removes older ones.
func list(dir string, now time.Time) (names []string) {
	for _, info := range ownFiles(dir) {
		if now.Sub(info.ModTime()) > lifetime {
			drop(filepath.Join(dir, info.Name()))
			continue
		}
		names = append(names, info.Name())
	}
	return names
}

// load reads a file; one that is old, damaged or about something else is removed.
func load(dir, name string, p place, now time.Time) *remembered {
	path := filepath.Join(dir, name)
	text, err := fileperm.ReadFile(path)
	if err != nil {
		drop(path) // others could have written it
		return nil
	}
	var r remembered
	err = json.Unmarshal(text, &r)
	if err != nil || r.Version != version || r.Host != p.host || r.Gateway != p.gateway || r.Operation != p.operation || r.over(now) {
		drop(path)
		return nil
	}
	if _, err := parseSelection(r.Selection); err != nil {
		drop(path)
		return nil
	}
	return &r
}

// save writes a file, for which the oldest make room.
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
	if len(files) <= most {
		return
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	for _, info := range files[most:] {
		drop(filepath.Join(dir, info.Name()))
	}
}

// fileName is a digest of where and what: of the operation all that its documents are made of,
// before values are written into them.
func fileName(p place, op *core.Operation) string {
	h := sha256.New()
	for _, text := range []string{p.host, p.gateway, string(p.kind), p.operation, p.selection} {
		h.Write([]byte(text + "\x00"))
	}
	for _, a := range op.Arguments {
		h.Write([]byte(a.Name + ":" + a.Type + "\x00"))
	}
	return "taegis-adaptation-" + hex.EncodeToString(h.Sum(nil)[:16]) + ".json" // as ownName says
}
