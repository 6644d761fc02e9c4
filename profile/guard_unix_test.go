//go:build unix

package profile_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

const guarded = "profile = \"work\"\n[profiles.work]\ntenant = \"1\"\n"

// other is the uid of a user that is neither this one nor the administrator.
const other = 1234

// asRoot skips a test that changes the owner of files if it cannot.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can change the owner of a file")
	}
}

// TestGuard loads profile files that other users can and cannot have written. Each case gets a
// folder that is closed to others, and returns the path to load.
func TestGuard(t *testing.T) {
	put := func(t *testing.T, path string, mode fs.FileMode) string {
		t.Helper()
		must(t, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(guarded), 0o600), os.Chmod(path, mode))
		return path
	}
	folder := func(t *testing.T, path string, mode fs.FileMode) string {
		t.Helper()
		must(t, os.MkdirAll(path, 0o700), os.Chmod(path, mode))
		return path
	}
	symlink := func(t *testing.T, target, path string) string {
		t.Helper()
		must(t, os.Symlink(target, path))
		return path
	}
	for name, c := range map[string]struct {
		root   bool
		path   func(t *testing.T, dir string) string
		reason string // "" if it is loaded
	}{
		"a file":                      {false, func(t *testing.T, dir string) string { return put(t, dir+"/c", 0o600) }, ""},
		"a file that others can read": {false, func(t *testing.T, dir string) string { return put(t, dir+"/c", 0o644) }, ""},
		"a file of the group's":       {false, func(t *testing.T, dir string) string { return put(t, dir+"/c", 0o660) }, "others can write it"},
		"a folder that the group can write": {false, func(t *testing.T, dir string) string {
			return put(t, folder(t, dir+"/f", 0o775)+"/c", 0o600)
		}, "others can put files there"},
		"a folder that all can write": {false, func(t *testing.T, dir string) string {
			return put(t, folder(t, dir+"/f", 0o777)+"/c", 0o600)
		}, "others can put files there"},
		"a sticky folder": {false, func(t *testing.T, dir string) string {
			return put(t, folder(t, dir+"/f", 0o777|fs.ModeSticky)+"/c", 0o600)
		}, ""},
		"a file of two names in a sticky folder": {false, func(t *testing.T, dir string) string {
			shared := folder(t, dir+"/f", 0o777|fs.ModeSticky) + "/c"
			must(t, os.Link(put(t, dir+"/own", 0o600), shared))
			return shared
		}, "another name"},
		"a file of two names": {false, func(t *testing.T, dir string) string {
			must(t, os.Link(put(t, dir+"/own", 0o600), dir+"/c"))
			return dir + "/c"
		}, ""},
		"another user's file": {true, func(t *testing.T, dir string) string {
			path := put(t, dir+"/c", 0o644)
			must(t, os.Chown(path, other, -1))
			return path
		}, "another user, number 1234"},
		"another user's folder": {true, func(t *testing.T, dir string) string {
			path := put(t, dir+"/f/c", 0o644)
			must(t, os.Chown(dir+"/f", other, -1))
			return path
		}, "another user, number 1234"},
		"another user's sticky folder": {true, func(t *testing.T, dir string) string {
			path := put(t, folder(t, dir+"/f", 0o777|fs.ModeSticky)+"/c", 0o644)
			must(t, os.Chown(dir+"/f", other, -1))
			return path
		}, "another user, number 1234"},
		"a link": {false, func(t *testing.T, dir string) string { return symlink(t, put(t, dir+"/own", 0o600), dir+"/c") }, ""},
		"a link to a link, relative and upwards": {false, func(t *testing.T, dir string) string {
			put(t, dir+"/a/own", 0o600)
			symlink(t, "a/own", dir+"/second")
			return symlink(t, "../second", folder(t, dir+"/b", 0o700)+"/c")
		}, ""},
		"a link to a folder": {false, func(t *testing.T, dir string) string {
			put(t, dir+"/a/c", 0o600)
			return symlink(t, "a", dir+"/b") + "/c"
		}, ""},
		"a link in a sticky folder": {false, func(t *testing.T, dir string) string {
			return symlink(t, put(t, dir+"/own", 0o600), folder(t, dir+"/f", 0o777|fs.ModeSticky)+"/c")
		}, ""},
		"a link in a folder that all can write": {false, func(t *testing.T, dir string) string {
			return symlink(t, put(t, dir+"/own", 0o600), folder(t, dir+"/f", 0o777)+"/c")
		}, "others can put files there"},
		"a link into a folder that all can write": {false, func(t *testing.T, dir string) string {
			return symlink(t, put(t, folder(t, dir+"/f", 0o777)+"/own", 0o600), dir+"/c")
		}, "others can put files there"},
		"another user's link": {true, func(t *testing.T, dir string) string {
			path := symlink(t, put(t, dir+"/own", 0o600), dir+"/c")
			must(t, os.Lchown(path, other, -1))
			return path
		}, "symbolic link of another user, number 1234"},
		"another user's link in a sticky folder": {true, func(t *testing.T, dir string) string {
			path := symlink(t, put(t, dir+"/own", 0o600), folder(t, dir+"/f", 0o777|fs.ModeSticky)+"/c")
			must(t, os.Lchown(path, other, -1))
			return path
		}, "symbolic link of another user, number 1234"},
		"a link to another user's link": {true, func(t *testing.T, dir string) string {
			second := symlink(t, put(t, dir+"/own", 0o600), dir+"/second")
			must(t, os.Lchown(second, other, -1))
			return symlink(t, second, dir+"/c")
		}, "symbolic link of another user, number 1234"},
		"another user's link to a folder": {true, func(t *testing.T, dir string) string {
			put(t, dir+"/a/c", 0o600)
			must(t, os.Lchown(symlink(t, "a", dir+"/b"), other, -1))
			return dir + "/b/c"
		}, "symbolic link of another user, number 1234"},
		"a ring of links": {false, func(t *testing.T, dir string) string { return symlink(t, "c", dir+"/c") }, "cannot be read"},
		"a folder":        {false, func(t *testing.T, dir string) string { return dir }, "it is a folder"},
		"a socket": {false, func(t *testing.T, dir string) string {
			listener, err := net.Listen("unix", dir+"/c")
			must(t, err)
			t.Cleanup(func() { listener.Close() })
			return dir + "/c"
		}, "neither a file nor a pipe"},
		"a device without end": {false, func(*testing.T, string) string { return "/dev/zero" }, "neither a file nor a pipe"},
		"a file without end": {false, func(t *testing.T, dir string) string {
			path := put(t, dir+"/c", 0o600)
			must(t, os.Truncate(path, 1<<40))
			return path
		}, "more than 1 MiB"},
		"another user's pipe": {true, func(t *testing.T, dir string) string {
			must(t, syscall.Mkfifo(dir+"/c", 0o600), os.Chown(dir+"/c", other, -1))
			return dir + "/c"
		}, "a pipe that others can write: its owner is user number 1234"},
		"a pipe that others can write": {false, func(t *testing.T, dir string) string {
			must(t, syscall.Mkfifo(dir+"/c", 0o600), os.Chmod(dir+"/c", 0o622))
			return dir + "/c"
		}, "a pipe that others can write"},
		"a pipe in a folder that all can write": {false, func(t *testing.T, dir string) string {
			must(t, syscall.Mkfifo(folder(t, dir+"/f", 0o777)+"/c", 0o600))
			return dir + "/f/c"
		}, "others can put files there"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.root {
				asRoot(t)
			}
			dir, err := os.MkdirTemp("", "guard") //nolint:usetesting // short, as a socket's path has to be
			must(t, err)
			t.Cleanup(func() { os.RemoveAll(dir) })
			f, err := profile.LoadFile(t.Context(), c.path(t, dir))
			if c.reason == "" {
				if err != nil || f.Current != "work" {
					t.Errorf("%+v, %v", f, err)
				}
				return
			}
			fault, ok := errors.AsType[*core.FileError](err)
			if !ok || !strings.Contains(err.Error(), c.reason) || fault.HintText == "" {
				t.Errorf("%+v, %v; want: %s", f, err, c.reason)
			}
		})
	}
}

// TestGuardAsAnotherUser loads files of root as another user, and the other way round.
func TestGuardAsAnotherUser(t *testing.T) {
	asRoot(t)
	dir, err := os.MkdirTemp("", "guard") //nolint:usetesting // others cannot enter that of t.TempDir
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o777|fs.ModeSticky))
	file := func(name string, uid int) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(guarded), 0o644), os.Lchown(path, uid, -1))
		return path
	}
	to := func(name, target string, uid int) string {
		path := filepath.Join(dir, name)
		must(t, os.Symlink(target, path), os.Lchown(path, uid, -1))
		return path
	}
	own := file("own", other)
	for path, want := range map[string]string{
		own:                                    "work",
		file("roots", 0):                       "work",
		file("third", other+1):                 "it belongs to another user, number 1235",
		to("linkOfOwn", own, other):            "work",
		to("linkOfRoot", own, 0):               "work",
		to("linkOfThird", own, other+1):        "symbolic link of another user, number 1235",
		to("linkToThird", dir+"/third", other): "it belongs to another user, number 1235",
	} {
		output := asUser(t, other, path)
		if !strings.Contains(output, want) {
			t.Errorf("%s: %q, want %q", filepath.Base(path), output, want)
		}
		if want != "work" && !strings.Contains(output, "sudo ") {
			t.Errorf("%s: the hint is not for a user: %q", filepath.Base(path), output)
		}
	}
}

// guardVariable names the file that this binary loads in place of running the tests.
const guardVariable = "TAEGIS_TEST_GUARD"

func init() {
	path := os.Getenv(guardVariable)
	if path == "" {
		return
	}
	f, err := profile.LoadFile(context.Background(), path)
	if err != nil {
		os.Stdout.WriteString(err.Error())
	} else {
		os.Stdout.WriteString(f.Current)
	}
	os.Exit(0)
}

// asUser loads a file in a process of another user.
func asUser(t *testing.T, uid uint32, path string, files ...*os.File) string {
	t.Helper()
	self, err := os.ReadFile("/proc/self/exe") // the test's own folder is closed to others
	if err != nil {
		t.Skip("the test binary cannot be copied here")
	}
	dir, err := os.MkdirTemp("", "guard-binary") //nolint:usetesting // others cannot enter that of t.TempDir
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	program := filepath.Join(dir, "test")
	must(t, os.Chmod(dir, 0o755), os.WriteFile(program, self, 0o755))
	cmd := exec.Command(program)
	cmd.Env, cmd.Dir, cmd.ExtraFiles = []string{guardVariable + "=" + path}, "/", files
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// TestGuardOfOpenFiles loads files by their descriptors, as a shell's <( ) passes them.
func TestGuardOfOpenFiles(t *testing.T) {
	if _, err := os.Stat("/dev/fd/0"); err != nil {
		t.Skip("there is no /dev/fd")
	}
	pipe := func(t *testing.T, text string) *os.File {
		t.Helper()
		read, write, err := os.Pipe()
		must(t, err)
		_, err = io.WriteString(write, text)
		must(t, err, write.Close())
		t.Cleanup(func() { read.Close() })
		return read
	}
	for name, c := range map[string]struct {
		file func(t *testing.T) *os.File
		want string
	}{
		"pipe":            {func(t *testing.T) *os.File { return pipe(t, guarded) }, "work"},
		"pipe of nothing": {func(t *testing.T) *os.File { return pipe(t, "") }, ""},
		"file that is gone": {func(t *testing.T) *os.File {
			file, err := os.Create(filepath.Join(t.TempDir(), "c"))
			must(t, err)
			_, err = file.WriteString(guarded)
			must(t, err, file.Chmod(0o600), os.Remove(file.Name()))
			return file
		}, "work"},
		"file that others can write": {func(t *testing.T) *os.File {
			file, err := os.Create(filepath.Join(t.TempDir(), "c"))
			must(t, err, file.Chmod(0o666))
			return file
		}, "others can write it"},
		"another user's pipe": {func(t *testing.T) *os.File {
			asRoot(t)
			file := pipe(t, guarded)
			must(t, file.Chown(other, -1))
			return file
		}, "a pipe that others can write: its owner is user number 1234"},
	} {
		t.Run(name, func(t *testing.T) {
			self, err := os.Executable()
			must(t, err)
			for _, path := range []string{"/dev/fd/3", "/proc/self/fd/3", "/proc/thread-self/fd/3"} {
				if _, err := os.Stat(filepath.Dir(path)); err != nil {
					continue // as on macOS
				}
				cmd := exec.Command(self)
				cmd.Env, cmd.ExtraFiles = []string{guardVariable + "=" + path}, []*os.File{c.file(t)}
				out, err := cmd.CombinedOutput()
				if got := string(out); err != nil || !strings.Contains(got, c.want) || c.want == "" && got != "" {
					t.Errorf("%s: %q, %v; want %q", path, got, err, c.want)
				}
			}
		})
	}
}

// TestGuardOfPipes writes to a pipe late, in pieces, or never.
func TestGuardOfPipes(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "config.toml")
	must(t, os.Chmod(filepath.Dir(fifo), 0o700), syscall.Mkfifo(fifo, 0o600))
	gaveUp := errors.New("gave up")

	t.Run("never", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(50*time.Millisecond, func() { cancel(gaveUp) })
		_, err := profile.LoadFile(ctx, fifo)
		if fault, ok := errors.AsType[*core.FileError](err); !ok || !errors.Is(err, gaveUp) || fault.HintText == "" {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("opened, and never written", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			writer, err := os.OpenFile(fifo, os.O_WRONLY, 0)
			if err != nil {
				t.Error(err)
			}
			time.Sleep(50 * time.Millisecond) // the read most likely waits by then, but the test does not depend on it
			cancel(gaveUp)
			<-t.Context().Done()
			writer.Close()
		}()
		if _, err := profile.LoadFile(ctx, fifo); !errors.Is(err, gaveUp) {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("late, and in pieces", func(t *testing.T) {
		go func() {
			writer, err := os.OpenFile(fifo, os.O_WRONLY, 0) // returns once it is opened for reading
			if err != nil {
				t.Error(err)
				return
			}
			for _, piece := range strings.SplitAfter(guarded, "\n") {
				if _, err := writer.WriteString(piece); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Millisecond)
			}
			writer.Close()
		}()
		if f, err := profile.LoadFile(t.Context(), fifo); err != nil || f.Current != "work" || f.Profiles["work"].Tenant != "1" {
			t.Errorf("%+v, %v", f, err)
		}
	})
	t.Run("without end", func(t *testing.T) {
		go func() {
			writer, err := os.OpenFile(fifo, os.O_WRONLY, 0)
			if err != nil {
				t.Error(err)
				return
			}
			defer writer.Close()
			for err == nil {
				_, err = io.WriteString(writer, strings.Repeat("#", 4096)+"\n")
			}
		}()
		if _, err := profile.LoadFile(t.Context(), fifo); err == nil || !strings.Contains(err.Error(), "more than 1 MiB") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("edited", func(t *testing.T) {
		f := &profile.File{Path: fifo}
		f.Profiles = map[string]profile.Profile{"work": {}}
		if err := f.Use("work"); err == nil || !strings.Contains(err.Error(), "cannot be edited") {
			t.Errorf("the error is %v", err)
		}
		if info, err := os.Lstat(fifo); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
			t.Errorf("the pipe is %v, %v", info, err)
		}
	})
}

// TestGuardOfDevNull loads /dev/null, which is an empty file.
func TestGuardOfDevNull(t *testing.T) {
	if f, err := profile.LoadFile(t.Context(), os.DevNull); err != nil || len(f.Profiles) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
}
