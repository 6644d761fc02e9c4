//go:build linux

package week_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/inifile"
)

// The key that another process counts its rewrites in.
const peerSection, peerKey = "peer", "rewrites"

// rewrite rewrites the shared file as the Python SDK does: in place, under a lock that it removes.
func (s *server) rewrite(w http.ResponseWriter, _ *http.Request) {
	if err := s.addToFile(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (s *server) addToFile() error {
	name := strings.TrimSuffix(s.File, filepath.Ext(s.File)) + ".lock"
	held, err := filelock.Wait(context.Background(), name, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		_ = held.Unlock()
		_ = os.Remove(name)
	}()
	text, err := os.ReadFile(s.File)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	content, err := inifile.Parse(text)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.counters.Rewrites++
	count := s.counters.Rewrites
	s.mu.Unlock()
	if err := content.Set(peerSection, peerKey, strconv.Itoa(count)); err != nil {
		return err
	}
	return os.WriteFile(s.File, content.Bytes(), 0o600)
}
