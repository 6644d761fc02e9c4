package keyring

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// remove removes the sealed file, which has no valid token, and then its key: a key without a file
// opens nothing, but a file without its key would count as damaged. The caller holds the lock on the
// file.
func (s *Store) remove(ctx context.Context, p place, h header) error {
	if err := os.Remove(p.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return p.fault(p.file, err)
	}
	if err := s.dropKey(ctx, h); err != nil {
		s.logger().Warn("the key of tokens that were deleted is still in its keyring", "keyring", h.backend, "key", h.key, "error", err)
	}
	if h.backend == EncryptedFile {
		p.dropKeys()
	}
	return nil
}

// dropKey deletes the key of a file that was removed or replaced. A KeyStore that is not a
// [KeyDeleter] keeps it.
func (s *Store) dropKey(ctx context.Context, h header) error {
	ctx = context.WithoutCancel(ctx) // its file has gone already; the keyring has a time limit
	if err := s.keys.enter(ctx); err != nil {
		return err
	}
	defer s.keys.leave()
	delete(s.keys.known, h.key)
	keyStore, err := s.keyStore(h.backend)
	if err != nil {
		return err
	}
	if deleter, ok := keyStore.(KeyDeleter); ok {
		return deleter.Remove(ctx, h.key)
	}
	return nil
}

// keyDir is the folder with the keys that passphrases protect.
func (p place) keyDir() string { return p.file + ".keys" }

// dropKeys deletes keys that passphrases protect and that no file needs: a process that ended
// meanwhile has left them. Files that were set aside keep theirs. Deletion is tried once, as each
// of these keys opens nothing. The caller holds the lock on the file.
func (p place) dropKeys() {
	needed := []string{}
	files, _ := filepath.Glob(p.file + "*")
	for _, file := range files {
		data, err := os.ReadFile(file) // #nosec G304 -- next to the sealed file
		if h, _, _, splitErr := split(data); err == nil && splitErr == nil {
			needed = append(needed, h.key)
		}
	}
	keys, _ := os.ReadDir(p.keyDir())
	for _, key := range keys {
		if !slices.Contains(needed, key.Name()) {
			_ = os.Remove(filepath.Join(p.keyDir(), key.Name()))
		}
	}
	_ = os.Remove(p.keyDir()) // only if it is empty
}
