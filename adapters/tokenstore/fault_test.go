package tokenstore_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/filelock"
)

// wantFault checks that err is one sentence with the path and what to do about it.
func wantFault(t *testing.T, err error, path string, parts ...string) {
	t.Helper()
	fault, ok := errors.AsType[*core.FileError](err)
	if !ok {
		t.Errorf("error %v, want a core.FileError", err)
		return
	}
	text := fault.Error()
	if !strings.HasPrefix(text, path) || fault.HintText == "" || strings.Contains(text, "\n") || strings.Count(text, path) > 2 {
		t.Errorf("not one clear sentence: %s", text)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in: %s", part, text)
		}
	}
}

// wantUnusable checks that everything that is done with the file fails in the same way, and
// that a token is not lost where it cannot be saved.
func wantUnusable(t *testing.T, f *tokenstore.File, parts ...string) {
	t.Helper()
	ctx := t.Context()
	_, err := f.Load(ctx, anybody)
	wantFault(t, err, f.Path, parts...)
	_, err = f.Update(ctx, clientKey("mine"), func(context.Context, core.Token) (core.Token, error) {
		t.Error("a user would have logged in for nothing")
		return core.Token{}, nil
	})
	wantFault(t, err, f.Path, parts...)
	_, _, err = f.Get(ctx, "s", "k")
	wantFault(t, err, f.Path, parts...)
	_, err = f.Snapshot(ctx)
	wantFault(t, err, f.Path, parts...)
	for _, err := range f.List(ctx) {
		wantFault(t, err, f.Path, parts...)
	}
	wantFault(t, f.Delete(ctx, anybody), f.Path, parts...)
	wantFault(t, f.Unset(ctx, "s", "k"), f.Path, parts...)
	wantFault(t, f.Set(ctx, "s", "k", "v"), f.Path, parts...)
}

// wantUnwritable checks that the file can be read but not written, and stays as it is.
func wantUnwritable(t *testing.T, f *tokenstore.File, parts ...string) {
	t.Helper()
	before := textOf(t, f)
	access := ofClient("new")
	token, err := f.Update(t.Context(), clientKey("new"), func(context.Context, core.Token) (core.Token, error) {
		return core.NewToken(access, time.Now()), nil
	})
	unsaved, ok := errors.AsType[*core.SaveError](err)
	if !ok || unsaved.Store != f.Path || token.AccessToken.Reveal() != access || strings.Contains(err.Error(), access) {
		t.Errorf("Update: %v, want the token and a core.SaveError", err)
	}
	wantFault(t, errors.Unwrap(err), f.Path, parts...)
	wantFault(t, f.Set(t.Context(), "s", "k", "v"), f.Path, parts...)
	if after := textOf(t, f); after != before {
		t.Errorf("the file was changed to %q", after)
	}
	names, err := filepath.Glob(filepath.Join(filepath.Dir(f.Path), ".*"))
	if err != nil || len(names) != 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

func TestRubbish(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no section": {"s3cr3t\n", ":1: "},
		"zeros":      {strings.Repeat("\x00", 100), ":1: "},
		"binary":     {"\x7fELF\x02\x01\x01\n\x00\xff\xfe", ":1: "},
		"key first":  {"# a comment\naccess_token = s3cr3t\n[charlie]\n", ":2: "},
	} {
		t.Run(name, func(t *testing.T) {
			f := fileWith(t, c.text)
			wantUnusable(t, f, f.Path+c.want)
			if _, err := f.Load(t.Context(), anybody); strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("what stands in the file is shown: %v", err)
			}
			if textOf(t, f) != c.text {
				t.Errorf("the file was changed to %q", textOf(t, f))
			}
		})
	}
}

func TestLinesThatPythonRejectsBecomeComments(t *testing.T) {
	var log bytes.Buffer
	f := fileWith(t, "[charlie]\nclient_id = A\nrubbish s3cr3t\nclient_id = B\n[charlie]\nx = y\n")
	f.Logger = newLogger(&log)
	if value, ok, err := f.Get(t.Context(), "charlie", "client_id"); value != "A" || !ok || err != nil {
		t.Errorf("%q, %v, %v", value, ok, err)
	}
	if want := f.Path + ":3: "; strings.Count(log.String(), want) != 1 {
		t.Errorf("log %q, want %q in it", log.String(), want)
	}
	if err := f.Set(t.Context(), "charlie", "k", "v"); err != nil {
		t.Fatal(err)
	}
	want := "[charlie]\nclient_id = A\nk = v\n# rubbish s3cr3t\n# client_id = B\n# [charlie]\n# x = y\n"
	if got := textOf(t, f); got != want {
		t.Errorf("the file became %q", got)
	}
	if strings.Contains(log.String(), "s3cr3t") || !strings.Contains(log.String(), "lines=4") {
		t.Errorf("log %q", log.String())
	}
}

func TestADirectoryInPlaceOfTheFile(t *testing.T) {
	wantUnusable(t, &tokenstore.File{Path: t.TempDir()}, "it is a directory")
}

func TestAFileInPlaceOfTheFolder(t *testing.T) {
	f := fileWith(t, "")
	f.Path = filepath.Join(f.Path, "config")
	wantUnusable(t, f, "is not a folder")
}

func TestALinkIsFollowedAndKept(t *testing.T) {
	target := fileWith(t, "# mine\n")
	link := &tokenstore.File{Path: linkTo(t, target.Path)}
	access := ofClient("mine")
	keep(t, link, clientKey("mine"), access)
	if to, err := os.Readlink(link.Path); err != nil || to != target.Path {
		t.Errorf("the link: %q, %v", to, err)
	}
	if text := textOf(t, target); !strings.HasPrefix(text, "# mine\n") || !strings.Contains(text, access) {
		t.Errorf("the file behind the link: %q", text)
	}
	if loaded(t, link, clientKey("mine")) != access {
		t.Error("the token is not found through the link")
	}
}

// The locks of logins lie where all meet who share the file, whatever they call it.
func TestALinkLeadsToTheLocksOfTheFile(t *testing.T) {
	target := fileWith(t, "")
	link := &tokenstore.File{Path: linkTo(t, linkTo(t, target.Path))}
	keep(t, link, clientKey("mine"), ofClient("mine"))
	_, logins, err := link.Locks()
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{logins, target.Path + ".logins"} {
		if names, err := filepath.Glob(filepath.Join(folder, "*.lock")); err != nil || len(names) != 1 {
			t.Errorf("in %s: %v, %v", folder, names, err)
		}
	}
	if names, err := filepath.Glob(link.Path + ".*"); err != nil || len(names) != 0 {
		t.Errorf("in the folder of the link: %v, %v", names, err)
	}
}

func TestADanglingLink(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	if err := os.Symlink("nowhere", f.Path); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	wantUnusable(t, f, "link to nowhere, which does not exist")
	if _, err := os.Lstat(filepath.Join(filepath.Dir(f.Path), "nowhere")); !os.IsNotExist(err) {
		t.Errorf("the target: %v", err)
	}
}

// broken is a disk on which something fails.
type broken struct {
	afero.Fs
	open  func(name string, flag int) error
	write error
}

func (b *broken) OpenFile(name string, flag int, mode fs.FileMode) (afero.File, error) {
	if b.open != nil {
		if err := b.open(name, flag); err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
	file, err := b.Fs.OpenFile(name, flag, mode)
	return &brokenFile{file, b.write}, err
}

func (b *broken) Open(name string) (afero.File, error) { return b.OpenFile(name, os.O_RDONLY, 0) }

type brokenFile struct {
	afero.File
	write error
}

// Write gets half of it to the disk.
func (f *brokenFile) Write(p []byte) (int, error) {
	if f.write == nil {
		return f.File.Write(p)
	}
	n, _ := f.File.Write(p[:len(p)/2])
	return n, &fs.PathError{Op: "write", Path: f.Name(), Err: f.write}
}

func TestBrokenDisks(t *testing.T) {
	const text = "[charlie]\nclient_id = A\n"
	writing := func(err error) func(string, int) error {
		return func(_ string, flag int) error {
			if flag&(os.O_WRONLY|os.O_RDWR) != 0 {
				return err
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		disk broken
		want string
	}{
		"full":      {broken{write: syscall.ENOSPC}, "disk is full"},
		"read-only": {broken{open: writing(syscall.EROFS)}, "read-only"},
		"forbidden": {broken{open: writing(syscall.EACCES)}, "permission denied"},
		"defective": {broken{write: syscall.EIO}, syscall.EIO.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			f := fileWith(t, text)
			c.disk.Fs = afero.NewOsFs()
			f.FS = &c.disk
			wantUnwritable(t, f, c.want)
		})
	}
	t.Run("unreadable", func(t *testing.T) {
		f := fileWith(t, text)
		f.FS = &broken{Fs: afero.NewOsFs(), open: func(string, int) error { return syscall.EACCES }}
		wantUnusable(t, f, "permission denied")
	})
}

func TestALockThatIsNotReleased(t *testing.T) {
	var log bytes.Buffer
	f := fileWith(t, "[s]\nk = v\n")
	f.Logger = newLogger(&log)
	held, err := filelock.Try(f.Path+".lock", 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	synctest.Test(t, func(t *testing.T) {
		wantFault(t, f.Set(t.Context(), "s", "k", "w"), f.Path, "another program keeps it locked", f.Path+".lock")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("gave up"))
		if err := f.Set(ctx, "s", "k", "w"); err == nil || err.Error() != "gave up" {
			t.Errorf("Set: %v, want the cause of its context", err)
		}
		if loaded(t, f, anybody) != "" { // a reader goes on without the lock
			t.Error("a token from nowhere")
		}
	})
	if n := strings.Count(log.String(), "keeps the configuration file locked"); n != 1 {
		t.Errorf("%d warnings, want one: %s", n, log.String())
	}
	if text := textOf(t, f); text != "[s]\nk = v\n" {
		t.Errorf("the file became %q", text)
	}
}

// Any local user can hold the lock that is shared with Python. That prevents no logout:
// clearing goes on after the wait, which is made once.
func TestALogoutGoesOnWithoutTheLock(t *testing.T) {
	for name, clear := range map[string]func(context.Context, *tokenstore.File) error{
		"all of the environment": func(ctx context.Context, f *tokenstore.File) error { return f.Delete(ctx, anybody) },
		"one account":            func(ctx context.Context, f *tokenstore.File) error { return f.Delete(ctx, clientKey("mine")) },
		"one token": func(ctx context.Context, f *tokenstore.File) error {
			token, err := f.Load(ctx, clientKey("mine"))
			if err != nil {
				return err
			}
			_, err = f.CompareAndDelete(ctx, clientKey("mine"), token)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			f := fileWith(t, "[other]\nk = v\n")
			f.Logger = newLogger(&log)
			access := ofClient("mine")
			keep(t, f, clientKey("mine"), access)
			held, err := filelock.Try(f.Path+".lock", 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer held.Unlock()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				if err := clear(t.Context(), f); err != nil {
					t.Error(err)
				}
				first := time.Since(began)
				if err := f.Delete(t.Context(), anybody); err != nil {
					t.Error(err)
				}
				if second := time.Since(began) - first; first < 10*time.Second || first > 11*time.Second || second > 2*time.Second {
					t.Errorf("waited for %v, then for %v", first, second)
				}
			})
			if text := textOf(t, f); strings.Contains(text, access) || !strings.Contains(text, "k = v") {
				t.Errorf("the file is %q", text)
			}
			if n := strings.Count(log.String(), "cleared without the lock"); n != 1 {
				t.Errorf("%d warnings, want one: %s", n, log.String())
			}
		})
	}
}

func TestReadingAgainEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fileWith(t, "").Load(ctx, anybody); !errors.Is(err, context.Canceled) {
		t.Errorf("Load of a file that may be torn: %v", err)
	}
}

func TestWithoutLocksTheWorkGoesOn(t *testing.T) {
	var log bytes.Buffer
	f := fileWith(t, "")
	f.Logger = newLogger(&log)
	if err := os.Mkdir(f.Path+".lock", 0o755); err != nil { // cannot be opened as a file
		t.Fatal(err)
	}
	if err := os.WriteFile(f.Path+".logins", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	access := ofClient("mine")
	keep(t, f, clientKey("mine"), access)
	if loaded(t, f, clientKey("mine")) != access {
		t.Error("the token was not stored")
	}
	if n := strings.Count(log.String(), "no lock can be had"); n != 1 {
		t.Errorf("%d warnings, want one: %s", n, log.String())
	}
}
