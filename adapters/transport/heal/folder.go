package heal

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/private"
	"github.com/taegis-go/taegis/internal/replace"
)

// list returns the names of the files in a folder, those that may still be believed. A folder that
// is not there, or not for us, holds nothing.
func list(dir string, now time.Time) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && now.Sub(info.ModTime()) > lifetime {
			_ = os.Remove(filepath.Join(dir, entry.Name())) // another time will do
			continue
		}
		names = append(names, entry.Name())
	}
	return names
}

// load reads a file; one that is old, damaged or about something else is removed.
func load(dir, name string, p place, now time.Time) *remembered {
	path := filepath.Join(dir, name)
	text, err := private.ReadFile(path)
	if err != nil {
		_ = os.Remove(path) // others could have written it
		return nil
	}
	var r remembered
	err = json.Unmarshal(text, &r)
	age := now.Sub(r.Made)
	if err != nil || r.Version != version || r.Host != p.host || r.Gateway != p.gateway || r.Operation != p.operation || age < 0 || age > lifetime {
		_ = os.Remove(path) // else it expires again the next time
		return nil
	}
	if _, err := parseSelection(r.Selection); err != nil {
		_ = os.Remove(path)
		return nil
	}
	return &r
}

// save writes a file, for which the oldest make room.
func (r *remembered) save(dir, name string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := private.MakeFolder(dir); err != nil {
		return err
	}
	if err := replace.File(afero.NewOsFs(), filepath.Join(dir, name), text, nil); err != nil {
		return err
	}
	trim(dir)
	return nil
}

// trim removes the oldest files where there are too many.
func trim(dir string) {
	entries, _ := os.ReadDir(dir)
	if len(entries) <= most {
		return
	}
	var files []fs.FileInfo
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil { // else another process was faster
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	for _, info := range files[min(most, len(files)):] {
		_ = os.Remove(filepath.Join(dir, info.Name())) // another time will do
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
	return hex.EncodeToString(h.Sum(nil)[:16]) + ".json"
}
