package leaks

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// All that is written while everything is done once lies below one folder, which is read while that
// goes on, at its end, and where writers were killed.
func TestFiles(t *testing.T) {
	s := newFixture(t).asClient()
	s.env["TAEGIS_KEYRING_PASSPHRASE"] = passphrase
	s.acme("[profiles.p]\nchain = [\"plugin:acme\"]\n")
	s.env["ACME_TOKEN"], s.env["VAULT_TOKEN"], s.env["ACT"] = sideSecret, vaultToken, "exchange"
	w := s.watch(files)
	for _, run := range [][]string{
		{"auth", "login"},
		{"auth", "status", "--verify"},
		{"doctor"},
		{"quickstart"},
		{"call", "clients", "client", "--arg", "id=1"},
		{"api", "{ currentSubject { id } }"},
		{"--profile", "p", "auth", "login"},
		{"plugin", "run", "acme"},
		{"plugin", "verify"},
		{"--token-store", "encrypted-file", "auth", "login"},
		{"--token-store", "encrypted-file", "auth", "status"},
		{"--token-store", "auto", "auth", "login"},
		{"clients", "create", "more"},
		{"profile", "use", "p"},
		{"config", "set", "charlie", "colour", "blue"},
		{"auth", "logout", "--all"},
		{"auth", "login"},
	} {
		s.run(run...)
	}
	kills := stress.Scale(10, 100, 1000)
	for i := range kills {
		s.kill(i)
	}
	w.stop()
	s.harvest()
	s.secrets["the token"] = s.anyToken()

	outputs, tokens := w.written(holdsTokens)
	found := s.mustBeClean(outputs)
	wide := s.modes()
	stress.Report(t, stress.Leaks, "files while everything is done, also where writers are killed", "0 secrets but in token files of mode 0600; all else 0600 in folders of 0700",
		"%d states of files and %d of token files, %d kills, %d secrets x %d forms: %d; %d wide", len(outputs), tokens, kills, len(s.secrets), forms, found, wide)
	if tokens == 0 || len(outputs) < 10 {
		t.Errorf("too little was seen: %d files and %d with tokens", len(outputs), tokens)
	}
	all, _ := w.written(func(string) bool { return false })
	mustFind(t, s.secrets["the token"], all...)
}

// holdsTokens reports whether a file is the one that is shared with Python, or is to replace it.
func holdsTokens(path string) bool {
	return path == "home/.taegis_sdk_python/config" || strings.HasPrefix(path, "home/.taegis_sdk_python/.config-")
}

// anyToken is a token that is in the shared file.
func (s *fixture) anyToken() string {
	for line := range strings.Lines(read(s.root, "home/.taegis_sdk_python/config")) {
		if token, ok := strings.CutPrefix(line, "access_token = "); ok {
			return strings.TrimSpace(token)
		}
	}
	s.Fatal("there is no token")
	return ""
}

// kill kills a login at some moment.
func (s *fixture) kill(i int) {
	stores := []string{"file", "encrypted-file"}
	cmd := s.command(s.taegis, "--token-store", stores[i%len(stores)], "auth", "login")
	start(s, cmd)
	time.Sleep(time.Duration(i*7%40) * time.Millisecond) // any moment will do
	_ = cmd.Process.Signal(syscall.SIGKILL)
	_ = cmd.Wait() // it was killed, or was done
}

// modes counts what lies below the user's folders and is open to others, but for what Python makes
// as openly.
func (s *fixture) modes() (wide int) {
	_ = filepath.WalkDir(s.root, func(path string, entry fs.DirEntry, err error) error {
		below, _ := filepath.Rel(s.root, path)
		switch {
		case err != nil || below == "home/.taegis_sdk_python" || below == "home/.taegis_sdk_python/config.lock":
			return err
		case below == "bin" || below == "built":
			return fs.SkipDir
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 && info.Mode()&os.ModeSocket == 0 {
			wide++
			s.Errorf("%s has the mode %v", below, info.Mode())
		}
		return nil
	})
	return wide
}
